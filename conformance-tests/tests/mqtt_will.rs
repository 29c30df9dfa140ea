//! A connection's last will, on a real Mosquitto, in both versions: published when the connection is lost, and only then.
#![cfg(target_os = "linux")]

#[path = "common/client.rs"]
mod client;
mod common;

use std::net::SocketAddr;
use std::sync::Arc;

use anymq::{AckMode, ConnectOptions, Connection, Consumer, ConsumerOptions, DeliveryMode, Received, Session, Topic};
use anymq_conformance::broker::{Mosquitto, MosquittoOptions};
use anymq_conformance::link::{Link as _, TcpProxy};
use client::{LIMIT, connect_to, send, session};

const VERSIONS: [&str; 2] = ["version=5", "version=3.1.1&envelope=jms"];

/// Where wills go.
const STATUS: &str = "tills/1/status";
const WILL: &str = "will-topic=tills/1/status&will-payload=gone%20%26%20lost";
const GONE: &str = "gone & lost";

/// A broker, and somebody who hears of wills by the same version: by 3.1.1 it is not said that they are texts.
struct Stage {
    broker: Mosquitto,
    version: &'static str,
    _watching: Arc<dyn Connection>,
    watcher: Arc<dyn Session>,
    inbox: Arc<dyn Consumer>,
}

impl Stage {
    /// `None` without an installation.
    async fn set(version: &'static str) -> Option<Self> {
        let broker = common::mosquitto_with("mqtt_will", MosquittoOptions::default()).await?;
        let watching = connect_to(&format!("{}?{version}", broker.mqtt_url()), ConnectOptions::new())
            .await
            .unwrap();
        let watcher = session(&watching).await;
        Some(Self {
            inbox: watcher.create_consumer(&Topic::new(STATUS).unwrap()).await.unwrap(),
            _watching: watching,
            watcher,
            broker,
            version,
        })
    }

    /// A connection with a will; with more options, and by way of this address.
    async fn connect(&self, more: &str, address: SocketAddr) -> Arc<dyn Connection> {
        let version = self.version;
        let url = format!("mqtt://guest:guest@{address}?client-id=till-1&{version}&{WILL}{more}");
        connect_to(&url, ConnectOptions::new()).await.unwrap()
    }

    fn address(&self) -> SocketAddr {
        SocketAddr::from(([127, 0, 0, 1], self.broker.port()))
    }

    async fn next(&self) -> Received {
        self.inbox.receive_timeout(LIMIT).await.unwrap().expect("a message")
    }

    async fn assert_gone(&self) -> Received {
        let will = self.next().await;
        assert_eq!(will.as_text(), Some(GONE));
        will
    }

    /// Nothing comes before a message that is sent now.
    async fn assert_nothing_more(&self) {
        send(&self.watcher, &format!("topic:{STATUS}"), "now").await.unwrap();
        assert_eq!(self.next().await.as_text(), Some("now"));
    }
}

/// A durable subscription, which has a link of its own.
async fn subscribe(connection: &Arc<dyn Connection>) -> Arc<dyn Consumer> {
    let session = connection.create_session(AckMode::Auto).await.unwrap();
    let topic = Topic::new("prices").unwrap();
    let subscribing = session.create_durable_consumer(&topic, "audit", ConsumerOptions::new());
    subscribing.await.unwrap()
}

#[tokio::test]
async fn it_comes_when_the_connection_is_lost_and_once() {
    for version in VERSIONS {
        let Some(stage) = Stage::set(version).await else { return };
        let proxy = TcpProxy::before(stage.address()).unwrap();
        let connection = stage.connect("", proxy.address()).await;
        let _consumer = subscribe(&connection).await;
        stage.assert_nothing_more().await;
        proxy.cut();
        assert_eq!(stage.assert_gone().await.delivery_mode(), DeliveryMode::Persistent);
        stage.assert_nothing_more().await;
    }
}

#[tokio::test]
async fn it_comes_when_the_connection_is_dropped() {
    for version in VERSIONS {
        let Some(stage) = Stage::set(version).await else { return };
        drop(stage.connect("&will-qos=0", stage.address()).await);
        assert_eq!(stage.assert_gone().await.delivery_mode(), DeliveryMode::NonPersistent);
    }
}

#[tokio::test]
async fn it_does_not_come_after_an_end_in_order() {
    for version in VERSIONS {
        let Some(stage) = Stage::set(version).await else { return };
        let connection = stage.connect("", stage.address()).await;
        let consumer = subscribe(&connection).await;
        consumer.close().await.unwrap();
        stage.assert_nothing_more().await;
        connection.close().await.unwrap();
        stage.assert_nothing_more().await;
    }
}

#[tokio::test]
async fn it_is_kept_for_later_subscribers_when_that_is_asked_for() {
    for (version, qos) in VERSIONS.into_iter().zip(["1", "2"]) {
        let Some(stage) = Stage::set(version).await else { return };
        let options = format!("&will-retain=true&will-qos={qos}");
        drop(stage.connect(&options, stage.address()).await);
        stage.assert_gone().await;
        let options = [
            "-V", "5", "-q", "2", "-t", STATUS, "-C", "1", "-W", "20", "-F", "%r %q %p",
        ];
        let mut subscriber = common::mosquitto_client("mosquitto_sub", &stage.broker, ("guest", "guest"));
        let output = subscriber.args(options).output().await.unwrap();
        let line = String::from_utf8(output.stdout).unwrap();
        assert_eq!(line.trim_end(), format!("1 {qos} {GONE}"));
    }
}
