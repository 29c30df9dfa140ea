//! Clients of other makes, in Python.

use std::process::Stdio;
use std::time::Duration;

use serde_json::Value as Json;
use tokio::io::{AsyncBufReadExt as _, AsyncWriteExt as _, BufReader, Lines};
use tokio::process::{Child, ChildStdin, ChildStdout, Command};
use tokio::time::timeout;

/// Where Python may be that has the module: the first of the path may be another one than the system's.
const INTERPRETERS: [&str; 2] = ["python3", "/usr/bin/python3"];

/// How long an order may take.
const LIMIT: Duration = Duration::from_secs(40);

/// A program that does what it is told: one JSON object a line in, one a line out. It ends with its value, and with us
/// whatever happens: it reads until its input ends.
#[derive(Debug)]
pub(crate) struct Python {
    _child: Child,
    orders: ChildStdin,
    answers: Lines<BufReader<ChildStdout>>,
}

impl Python {
    /// `None` where no Python has the module that the script is about.
    pub(crate) async fn start(module: &str, script: &str) -> Option<Self> {
        let interpreter = interpreter(module).await?;
        let mut child = Command::new(interpreter)
            .args(["-c", script])
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .kill_on_drop(true)
            .spawn()
            .unwrap();
        let orders = child.stdin.take().unwrap();
        let answers = BufReader::new(child.stdout.take().unwrap()).lines();
        Some(Self {
            _child: child,
            orders,
            answers,
        })
    }

    /// Has something done, and gives what came of it.
    pub(crate) async fn order(&mut self, order: Json) -> Json {
        let line = format!("{order}\n");
        self.orders.write_all(line.as_bytes()).await.unwrap();
        let answer = timeout(LIMIT, self.answers.next_line()).await.expect("in time");
        let answer = answer.unwrap().expect("the peer ended");
        let mut answer: Json = serde_json::from_str(&answer).unwrap();
        assert!(answer.get("error").is_none(), "{order}: {answer}");
        answer["ok"].take()
    }
}

async fn interpreter(module: &str) -> Option<&'static str> {
    let import = format!("import {module}");
    for interpreter in INTERPRETERS {
        let mut command = Command::new(interpreter);
        command.args(["-c", &import]).stderr(Stdio::null());
        if command.status().await.is_ok_and(|status| status.success()) {
            return Some(interpreter);
        }
    }
    None
}
