//! This provider and STOMP clients of other makes understand each other on one `ActiveMQ`: Python's stomp.py, and stomp-rs.
#![cfg(target_os = "linux")]

#[path = "../common/mod.rs"]
mod common;
mod python;
mod rust;

use std::{sync::Arc, time::Duration};

use anymq::{AckMode, Connection, Consumer, Queue, Received};
use anymq_conformance::broker::{ActiveMq, ActiveMqOptions};

/// How long something that must come may take.
const LIMIT: Duration = Duration::from_secs(20);

const TEST: &str = "interoperability with STOMP clients";

/// A client that says no name is let in: stomp-rs can say none.
async fn broker() -> Option<ActiveMq> {
    common::active_with(TEST, ActiveMqOptions::default().with_anonymous()).await
}

async fn connect(broker: &ActiveMq) -> Arc<dyn Connection> {
    let factory = anymq::connection_factory(&broker.stomp_url()).unwrap();
    let connection = factory.create_connection().await.unwrap();
    connection.start().await.unwrap();
    connection
}

fn queue(name: &str) -> Queue {
    Queue::new(name).unwrap()
}

/// The next message, which must come.
async fn next(consumer: &Arc<dyn Consumer>) -> Received {
    consumer.receive_timeout(LIMIT).await.unwrap().expect("a message")
}

#[tokio::test(flavor = "multi_thread")]
async fn others_and_this_provider_understand_each_other() {
    let Some(broker) = broker().await else { return };
    let connection = connect(&broker).await;
    let session = connection.create_session(AckMode::Auto).await.unwrap();
    python::both_ways(&broker, &session).await;
    rust::both_ways(&broker, &session).await;
    connection.close().await.unwrap();
}
