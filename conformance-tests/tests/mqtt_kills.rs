//! Mosquitto is killed ten times under the traffic of a durable subscription, in either version. The application does nothing
//! about it.
#![cfg(target_os = "linux")]

mod common;
#[path = "common/traffic.rs"]
mod traffic;

use std::net::SocketAddr;
use std::sync::Arc;

use anymq::{AckMode, Connection, ConsumerOptions, Topic};
use anymq_conformance::broker::{Mosquitto, MosquittoOptions};
use anymq_conformance::link::{Direction, Link as _, TcpProxy};
use traffic::Traffic;

const KILLS: u64 = 10;
/// How many messages pass before the next kill.
const STEP: usize = 100;
/// Sends that wait for their confirmation.
const AT_A_TIME: usize = 8;

/// A broker behind a proxy, by which all links go.
struct Stage {
    broker: Mosquitto,
    proxy: TcpProxy,
}

impl Stage {
    /// `None` without an installation.
    async fn set() -> Option<Self> {
        let options = MosquittoOptions::default().with_each_change_written();
        let broker = common::mosquitto_with("mqtt_kills", options).await?;
        let proxy = TcpProxy::before(SocketAddr::from(([127, 0, 0, 1], broker.port()))).unwrap();
        Some(Self { broker, proxy })
    }

    /// Kills the broker and starts it again.
    ///
    /// Mosquitto says what it does a moment before it writes it down. So nothing of what it says now reaches the clients any
    /// more; and what did was written before it answers another question, which it is asked before it is killed.
    async fn kill(&mut self) {
        self.proxy.stall(Direction::ToClient);
        self.broker.kill().await.unwrap();
        self.proxy.cut();
        self.broker.restart().await.unwrap();
    }
}

async fn begin(connection: &Arc<dyn Connection>) -> Traffic {
    let topic = Topic::new("kills/traffic").unwrap();
    let receiving = connection.create_session(AckMode::Auto).await.unwrap();
    let consumer = receiving
        .create_durable_consumer(&topic, "audit", ConsumerOptions::new())
        .await
        .unwrap();
    let sending = connection.create_session(AckMode::Auto).await.unwrap();
    let producer = sending.create_producer(&topic).await.unwrap();
    Traffic::begin(&producer, consumer, AT_A_TIME)
}

async fn what_was_confirmed_arrives(options: &str) {
    let Some(mut stage) = Stage::set().await else {
        return;
    };
    let url = format!(
        "mqtt://guest:guest@{}?client-id=till-1&reconnect=forever&{options}",
        stage.proxy.address()
    );
    let factory = anymq::connection_factory(&url).unwrap();
    let connection = factory.create_connection().await.unwrap();
    connection.start().await.unwrap();
    let traffic = begin(&connection).await;
    traffic.goes_on(STEP, "at first").await;
    for kill in 1..=KILLS {
        stage.kill().await;
        traffic.goes_on(STEP, &format!("after kill {kill}")).await;
        let health = connection.health().unwrap();
        assert!(health.is_healthy() && health.outages >= kill, "{health:?}");
    }
    traffic.end().await;
    connection.close().await.unwrap();
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_was_confirmed_arrives_by_mqtt_5() {
    what_was_confirmed_arrives("version=5").await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_was_confirmed_arrives_by_mqtt_3_1_1() {
    what_was_confirmed_arrives("version=3.1.1&envelope=jms").await;
}
