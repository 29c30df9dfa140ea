//! The broker, the peer and a connection of ours.

use std::sync::Arc;

use anymq::{AckMode, Connection, Consumer, Message, Producer, Queue, Received, SendOptions, Session};
use anymq_conformance::broker::{ActiveMq, ActiveMqOptions};
use serde_json::Value as Json;

use crate::common;
use crate::peer::{LIMIT, Peer};

/// From us to Java.
pub(crate) const OUT: &str = "interop.out";
/// From Java to us.
pub(crate) const IN: &str = "interop.in";

#[derive(Debug)]
pub(crate) struct Stage {
    pub(crate) peer: Peer,
    _connection: Arc<dyn Connection>,
    pub(crate) session: Arc<dyn Session>,
    out: Arc<dyn Producer>,
    inbox: Arc<dyn Consumer>,
    /// Ends last.
    _broker: ActiveMq,
}

impl Stage {
    /// `None` where something of it is not installed.
    pub(crate) async fn set() -> Option<Self> {
        let broker = common::active_with("interoperability with Java", ActiveMqOptions::default()).await?;
        let mut peer = Peer::start(&broker).await;
        peer.consume(OUT, &format!("queue:{OUT}"), None).await;
        let url = format!("{}?java-maps=true&client-id=ours", broker.stomp_url());
        let factory = anymq::connection_factory(&url).unwrap();
        let connection = factory.create_connection().await.unwrap();
        connection.start().await.unwrap();
        let session = connection.create_session(AckMode::Auto).await.unwrap();
        Some(Self {
            out: session.create_producer(&queue(OUT)).await.unwrap(),
            inbox: session.create_consumer(&queue(IN)).await.unwrap(),
            peer,
            _connection: connection,
            session,
            _broker: broker,
        })
    }

    /// Sends a message and lets Java take it.
    pub(crate) async fn send_to_java(&mut self, message: Message, options: SendOptions) -> Json {
        self.out.send_with(message, options).await.unwrap();
        self.peer.receive(OUT).await
    }

    /// Lets Java send this to us.
    pub(crate) async fn send_to_us(&mut self, what: Json) -> Received {
        self.peer.send(&format!("queue:{IN}"), what).await;
        next(&self.inbox).await
    }
}

pub(crate) fn queue(name: &str) -> Queue {
    Queue::new(name).unwrap()
}

/// The next message, which must come.
pub(crate) async fn next(consumer: &Arc<dyn Consumer>) -> Received {
    consumer.receive_timeout(LIMIT).await.unwrap().expect("a message")
}
