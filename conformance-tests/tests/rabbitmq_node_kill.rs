//! Fail-over in a cluster: the node that a client is connected to is killed under traffic, twice, each time another one.
#![cfg(target_os = "linux")]

mod common;

use std::{
    collections::{BTreeMap, BTreeSet},
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
    },
    time::Duration,
};

use anymq::{AckMode, Connection, Consumer, Message, Producer, Queue, Retry};
use anymq_conformance::broker::{BrokerError, RabbitMqCluster, RabbitMqOptions};
use anymq_conformance::poll;
use parking_lot::Mutex;

const LIMIT: Duration = Duration::from_secs(120);
const PAUSE: Duration = Duration::from_millis(20);
const QUIET: Duration = Duration::from_secs(3);
/// How many messages pass before the next step.
const STEP: usize = 200;

/// What the application knows.
#[derive(Debug, Default)]
struct Log {
    confirmed: BTreeSet<usize>,
    /// Sent again after an error that says that this may duplicate them.
    doubtful: BTreeSet<usize>,
    /// Of each message, in the order of the deliveries: whether it was flagged.
    received: BTreeMap<usize, Vec<bool>>,
    hopeless: Vec<String>,
    last_error: Option<String>,
}

struct Traffic {
    log: Arc<Mutex<Log>>,
    stopped: Arc<AtomicBool>,
}

impl Traffic {
    /// Sends one after the other; what failed is sent again, as an application would that must not lose anything.
    async fn send(log: Arc<Mutex<Log>>, stopped: Arc<AtomicBool>, producer: Arc<dyn Producer>) {
        let mut number = 0;
        while !stopped.load(Ordering::Acquire) {
            match producer.send(Message::text(number.to_string())).await {
                Ok(_) => {
                    log.lock().confirmed.insert(number);
                    number += 1;
                }
                Err(error) => {
                    let mut log = log.lock();
                    log.last_error = Some(format!("send {number}: {error} ({:?})", error.retry()));
                    match error.retry() {
                        Retry::MayDuplicate => {
                            log.doubtful.insert(number);
                        }
                        Retry::Safe => {}
                        Retry::Never => return log.hopeless.push(format!("send {number}: {error}")),
                    }
                }
            }
        }
    }

    async fn receive(log: Arc<Mutex<Log>>, consumer: Arc<dyn Consumer>) {
        loop {
            match consumer.receive().await {
                Ok(Some(received)) => {
                    let number = received.as_text().and_then(|text| text.parse().ok()).unwrap();
                    let flag = received.redelivered();
                    log.lock().received.entry(number).or_default().push(flag);
                }
                Ok(None) => return,
                Err(error) => return log.lock().hopeless.push(format!("receive: {error}")),
            }
        }
    }

    async fn begin(connection: &Arc<dyn Connection>) -> Self {
        let queue = Queue::new("node-kill").unwrap();
        let log = Arc::<Mutex<Log>>::default();
        let stopped = Arc::<AtomicBool>::default();
        let session = connection.create_session(AckMode::Auto).await.unwrap();
        let consumer = session.create_consumer(&queue).await.unwrap();
        tokio::spawn(Self::receive(Arc::clone(&log), consumer));
        let session = connection.create_session(AckMode::Auto).await.unwrap();
        let producer = session.create_producer(&queue).await.unwrap();
        tokio::spawn(Self::send(Arc::clone(&log), Arc::clone(&stopped), producer));
        Self { log, stopped }
    }

    fn counts(&self) -> (usize, usize) {
        let log = self.log.lock();
        assert!(log.hopeless.is_empty(), "{:?}", log.hopeless);
        (log.confirmed.len(), log.received.len())
    }

    /// Waits until so many more were sent, and as many received.
    async fn goes_on(&self, what: &str) {
        let (confirmed, received) = self.counts();
        let more = async || {
            let (now_confirmed, now_received) = self.counts();
            (now_confirmed >= confirmed + STEP && now_received >= received + STEP).then_some(())
        };
        let outcome = poll::until(LIMIT, PAUSE, more).await;
        assert!(
            outcome.is_ok(),
            "{what}: from {:?} to {:?}; {:?}",
            (confirmed, received),
            self.counts(),
            self.log.lock().last_error
        );
    }

    /// Stops sending, and waits for what was sent.
    async fn end(&self) {
        self.stopped.store(true, Ordering::Release);
        let missing = || -> Vec<usize> {
            let log = self.log.lock();
            let received = |number: &&usize| !log.received.contains_key(number);
            log.confirmed.iter().filter(received).copied().collect()
        };
        let complete = poll::until(LIMIT, PAUSE, async || missing().is_empty().then_some(())).await;
        assert!(complete.is_ok(), "confirmed and lost: {:?}", missing());
        // What should not come any more.
        let before = self.deliveries();
        let more = poll::until(QUIET, PAUSE, async || (self.deliveries() > before + 1).then_some(())).await;
        assert!(more.is_err(), "deliveries after the last message");
        self.judge_duplicates();
    }

    fn deliveries(&self) -> usize {
        self.log.lock().received.values().map(Vec::len).sum()
    }

    fn judge_duplicates(&self) {
        let log = self.log.lock();
        for (number, flags) in &log.received {
            let unflagged = flags.iter().filter(|flagged| !**flagged).count();
            let known = log.doubtful.contains(number);
            assert!(
                unflagged <= 1 || known,
                "{number} came {unflagged} times unflagged: {flags:?}"
            );
        }
        let twice = log.received.values().filter(|flags| flags.len() > 1).count();
        println!(
            "{} confirmed, {} in doubt, {twice} twice",
            log.confirmed.len(),
            log.doubtful.len()
        );
    }
}

/// Which node the connection is at, while it is.
fn at(connection: &Arc<dyn Connection>, cluster: &RabbitMqCluster) -> Option<usize> {
    let health = connection.health().unwrap();
    let host = health.host.filter(|_| health.connected)?;
    let is_at = |port: u16| host.contains(&format!(":{port} "));
    cluster.nodes().iter().position(|node| is_at(node.port()))
}

async fn cluster() -> Option<RabbitMqCluster> {
    match RabbitMqCluster::start(3, RabbitMqOptions::default()).await {
        Ok(cluster) => Some(cluster),
        Err(error @ BrokerError::NotInstalled { .. }) => {
            common::not_run("rabbitmq_node_kill", &error);
            None
        }
        Err(error) => panic!("{error}"),
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_client_goes_on_when_its_node_is_killed() {
    let Some(mut cluster) = cluster().await else {
        return;
    };
    let nodes: Vec<_> = cluster
        .nodes()
        .iter()
        .map(|node| node.amqp_url() + "?queue-kind=quorum")
        .collect();
    let list = nodes.join(",");
    let url = format!("failover:({list})?reconnect=forever&reconnect-delay=20ms&reconnect-max-delay=500ms");
    let connection = anymq::connection_factory(&url)
        .unwrap()
        .create_connection()
        .await
        .unwrap();
    connection.start().await.unwrap();
    let traffic = Traffic::begin(&connection).await;
    traffic.goes_on("at first").await;
    for round in 1..=2_u64 {
        let node = at(&connection, &cluster).expect("connected to a node");
        cluster.nodes_mut()[node].kill().await.unwrap();
        let elsewhere = async || at(&connection, &cluster).filter(|now| *now != node);
        let next = poll::until(LIMIT, PAUSE, elsewhere).await;
        assert!(
            next.is_ok(),
            "still at no other node than {node}: {:?}",
            connection.health()
        );
        traffic.goes_on("at another node").await;
        let health = connection.health().unwrap();
        assert!(health.is_healthy() && health.outages >= round, "{health:?}");
        cluster.nodes_mut()[node].restart().await.unwrap();
        traffic.goes_on("with the node back").await;
    }
    traffic.end().await;
    connection.close().await.unwrap();
    cluster.stop().await.unwrap();
}
