//! Fail-over in a cluster: the node that a client is connected to is killed under traffic, twice, each time another one.
#![cfg(target_os = "linux")]

mod common;
#[path = "common/traffic.rs"]
mod traffic;

use std::sync::Arc;

use anymq::{AckMode, Connection, Queue};
use anymq_conformance::broker::{BrokerError, RabbitMqCluster, RabbitMqOptions};
use anymq_conformance::poll;
use traffic::{LIMIT, PAUSE, Traffic};

/// How many messages pass before the next step.
const STEP: usize = 200;

async fn begin(connection: &Arc<dyn Connection>) -> Traffic {
    let queue = Queue::new("node-kill").unwrap();
    let receiving = connection.create_session(AckMode::Auto).await.unwrap();
    let consumer = receiving.create_consumer(&queue).await.unwrap();
    let sending = connection.create_session(AckMode::Auto).await.unwrap();
    let producer = sending.create_producer(&queue).await.unwrap();
    Traffic::begin(&producer, consumer, 1)
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
    let traffic = begin(&connection).await;
    traffic.goes_on(STEP, "at first").await;
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
        traffic.goes_on(STEP, "at another node").await;
        let health = connection.health().unwrap();
        assert!(health.is_healthy() && health.outages >= round, "{health:?}");
        cluster.nodes_mut()[node].restart().await.unwrap();
        traffic.goes_on(STEP, "with the node back").await;
    }
    traffic.end().await;
    connection.close().await.unwrap();
    cluster.stop().await.unwrap();
}
