//! The broker, the peer and a connection of ours.

use std::sync::Arc;

use anymq::{
    AckMode, Address, Connection, Consumer, Destination, Message, Received, SendOptions, SendReceipt, Session,
};
use anymq_conformance::broker::{Mosquitto, MosquittoOptions};

use crate::common;
use crate::paho::{LIMIT, Paho, Paper, Version};

pub(crate) const TEST: &str = "interoperability with MQTT clients";

/// From us to others.
pub(crate) const OUT: &str = "interop/out";
/// From others to us.
pub(crate) const IN: &str = "interop/in";

#[derive(Debug)]
pub(crate) struct Stage {
    pub(crate) version: Version,
    pub(crate) broker: Mosquitto,
    pub(crate) paho: Paho,
    pub(crate) session: Arc<dyn Session>,
    connection: Arc<dyn Connection>,
    inbox: Arc<dyn Consumer>,
}

impl Stage {
    /// `None` where something of it is not installed.
    pub(crate) async fn set(version: Version) -> Option<Self> {
        let Some(mut paho) = Paho::start(version).await else {
            common::not_run(
                TEST,
                &"no python3 has paho-mqtt (run ./conformance-tests/test.sh --install-only)",
            );
            return None;
        };
        let broker = broker().await?;
        paho.connect(broker.port()).await;
        paho.subscribe(OUT).await;
        let connection = connect(&broker, version, "").await;
        let session = connection.create_session(AckMode::Auto).await.unwrap();
        Some(Self {
            inbox: consumer(&session, &topic(IN)).await,
            version,
            broker,
            paho,
            session,
            connection,
        })
    }

    /// Sends a message and lets paho take it.
    pub(crate) async fn send_to_paho(&mut self, message: Message, options: SendOptions) -> (SendReceipt, Paper) {
        let producer = self.session.create_producer(&topic(OUT)).await.unwrap();
        let receipt = producer.send_with(message, options).await.unwrap();
        producer.close().await.unwrap();
        (receipt, self.paho.receive().await)
    }

    /// Lets paho publish this to us.
    pub(crate) async fn send_to_us(&mut self, paper: Paper) -> Received {
        assert_eq!(paper.topic, IN);
        self.paho.publish(paper).await;
        next(&self.inbox).await
    }

    pub(crate) async fn end(self) {
        self.connection.close().await.unwrap();
    }

    /// As [`send_to_us`](Self::send_to_us), without an envelope.
    pub(crate) async fn send_plain_to_us(&mut self, paper: Paper) -> Received {
        assert_eq!(paper.topic, IN);
        self.paho.publish_plain(paper).await;
        next(&self.inbox).await
    }
}

pub(crate) async fn broker() -> Option<Mosquitto> {
    common::mosquitto_with(TEST, MosquittoOptions::default()).await
}

/// A connection by this version, with more options.
pub(crate) async fn connect(broker: &Mosquitto, version: Version, options: &str) -> Arc<dyn Connection> {
    let url = format!("{}?{}{options}", broker.mqtt_url(), version.options());
    let factory = anymq::connection_factory(&url).unwrap();
    let connection = factory.create_connection().await.unwrap();
    connection.start().await.unwrap();
    connection
}

pub(crate) fn topic(name: &str) -> Address {
    Address::new(anymq::DestinationKind::Topic, name).unwrap()
}

pub(crate) async fn consumer(session: &Arc<dyn Session>, from: &dyn Destination) -> Arc<dyn Consumer> {
    session.create_consumer(from).await.unwrap()
}

/// The next message, which must come.
pub(crate) async fn next(consumer: &Arc<dyn Consumer>) -> Received {
    consumer.receive_timeout(LIMIT).await.unwrap().expect("a message")
}

/// The body of a message of texts or bytes, as it was on the wire.
pub(crate) fn body(received: &Received) -> &[u8] {
    let text = received.as_text().map(str::as_bytes);
    let bytes = received.as_bytes().map(|bytes| &**bytes);
    text.or(bytes).expect("a text, or bytes")
}
