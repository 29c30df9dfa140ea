//! What the benchmarks of time and of memory share.

use std::sync::Arc;

use anymq_api::{
    AckMode, Connection, Consumer, Destination, Producer, Queue, Session,
    kernel::{FactoryOptions, factory},
};
use anymq_in_vm::InVmBroker;
use bytes::Bytes;
use tokio::runtime::{Builder, Runtime};

/// A consumer with a session of its own, as JMS wants it of each task.
pub(crate) struct Receiving {
    pub(crate) consumer: Arc<dyn Consumer>,
    _session: Arc<dyn Session>,
}

/// A producer with a session of its own.
pub(crate) struct Sending {
    pub(crate) producer: Arc<dyn Producer>,
    _session: Arc<dyn Session>,
}

/// `cargo test --benches` only wants to see it run, and does not say `--bench` as `cargo bench` does.
pub(crate) fn is_quick() -> bool {
    let is_given = |flag| std::env::args().any(|argument| argument == flag);
    !is_given("--bench") || is_given("--test")
}

pub(crate) async fn connect(broker: &InVmBroker) -> Arc<dyn Connection> {
    let factory = factory(Arc::new(broker.driver()), FactoryOptions::new());
    let connection = factory.create_connection().await.expect("a connection");
    connection.start().await.expect("start");
    connection
}

pub(crate) async fn sending(connection: &Arc<dyn Connection>, to: &dyn Destination) -> Sending {
    let session = connection.create_session(AckMode::Auto).await.expect("a session");
    Sending {
        producer: session.create_producer(to).await.expect("a producer"),
        _session: session,
    }
}

pub(crate) async fn receiving(connection: &Arc<dyn Connection>, from: &dyn Destination) -> Receiving {
    let session = connection.create_session(AckMode::Auto).await.expect("a session");
    Receiving {
        consumer: session.create_consumer(from).await.expect("a consumer"),
        _session: session,
    }
}

/// Consumers that have nothing to do, each on a queue of its own.
pub(crate) async fn idle(connection: &Arc<dyn Connection>, consumers: usize) -> Vec<Receiving> {
    let mut idle = Vec::with_capacity(consumers);
    for n in 0..consumers {
        idle.push(receiving(connection, &Queue::new(format!("idle.{n}")).expect("a name")).await);
    }
    idle
}

/// A body for many messages to share.
pub(crate) fn body(length: usize) -> Bytes {
    vec![b'x'; length].into()
}

pub(crate) fn one_thread() -> Runtime {
    Builder::new_current_thread().enable_all().build().expect("a runtime")
}

#[allow(clippy::cast_precision_loss, reason = "far below 2^52")]
pub(crate) fn count(of: usize) -> f64 {
    of as f64
}
