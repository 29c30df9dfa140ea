//! A Java program, which does with the broker what it is told.

use std::process::Stdio;
use std::time::Duration;

use anymq_conformance::broker::ActiveMq;
use serde_json::{Value as Json, json};
use tokio::io::{AsyncBufReadExt as _, AsyncWriteExt as _, BufReader, Lines};
use tokio::process::{Child, ChildStdin, ChildStdout, Command};
use tokio::time::timeout;

/// How long something that must come may take.
pub(crate) const LIMIT: Duration = Duration::from_secs(20);
/// Java compiles the program first.
const START_LIMIT: Duration = Duration::from_secs(120);

const PROGRAM: &str = include_str!("../../interop/Peer.java");

/// Ends with its value, and with us whatever happens: it reads until its input ends.
#[derive(Debug)]
pub(crate) struct Peer {
    _child: Child,
    orders: ChildStdin,
    answers: Lines<BufReader<ChildStdout>>,
}

impl Peer {
    pub(crate) async fn start(broker: &ActiveMq) -> Self {
        let program = broker.directory().join("Peer.java");
        std::fs::write(&program, PROGRAM).unwrap();
        let mut child = Command::new("java")
            .args(["-Xmx256m", "-XX:-UsePerfData", "-cp", broker.class_path()])
            .arg(&program)
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            // What it logs.
            .stderr(Stdio::null())
            .kill_on_drop(true)
            .spawn()
            .unwrap();
        let orders = child.stdin.take().unwrap();
        let answers = BufReader::new(child.stdout.take().unwrap()).lines();
        let mut peer = Self {
            _child: child,
            orders,
            answers,
        };
        let order = json!({"do": "connect", "url": broker.openwire_url(), "client": "java"});
        peer.order(order).await;
        peer
    }

    /// Its answer; an error of its is ours.
    pub(crate) async fn order(&mut self, order: Json) -> Json {
        let line = format!("{order}\n");
        self.orders.write_all(line.as_bytes()).await.unwrap();
        let answer = timeout(START_LIMIT, self.answers.next_line()).await.expect("in time");
        let answer = answer.unwrap().expect("the peer ended");
        let mut answer: Json = serde_json::from_str(&answer).unwrap();
        assert!(answer.get("error").is_none(), "{order}: {answer}");
        answer["ok"].take()
    }

    /// Begins to consume, under a name of ours.
    pub(crate) async fn consume(&mut self, name: &str, from: &str, selector: Option<&str>) {
        self.order(json!({"do": "consume", "name": name, "from": from, "selector": selector}))
            .await;
    }

    /// The next message of a consumer, which must come.
    pub(crate) async fn receive(&mut self, name: &str) -> Json {
        let limit = u64::try_from(LIMIT.as_millis()).unwrap();
        let got = self.order(json!({"do": "receive", "name": name, "limit": limit})).await;
        assert!(got.is_object(), "nothing came to {name}");
        got
    }

    pub(crate) async fn close(&mut self, name: &str) {
        self.order(json!({"do": "close", "name": name})).await;
    }

    /// Sends; of `what` are the kind, the body and the rest.
    pub(crate) async fn send(&mut self, to: &str, mut what: Json) {
        what["do"] = "send".into();
        what["to"] = to.into();
        self.order(what).await;
    }
}
