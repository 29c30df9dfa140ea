//! The broker, the peer and a connection of ours.

use std::sync::Arc;

use anymq::{
    AckMode, Connection, Consumer, Destination, Message, Producer, Queue, Received, SendOptions, SendReceipt, Session,
};
use anymq_conformance::broker::RabbitMq;
use serde_json::json;

use crate::common;
use crate::peer::{Got, LIMIT, Peer, Publish};

const TEST: &str = "interoperability with pika";

/// From us to pika.
pub(crate) const OUT: &str = "interop.out";
/// From pika to us.
pub(crate) const IN: &str = "interop.in";

#[derive(Debug)]
pub(crate) struct Stage {
    pub(crate) rabbit: RabbitMq,
    pub(crate) peer: Peer,
    pub(crate) connection: Arc<dyn Connection>,
    pub(crate) session: Arc<dyn Session>,
    out: Arc<dyn Producer>,
    inbox: Arc<dyn Consumer>,
}

impl Stage {
    /// `None` where something of it is not installed.
    pub(crate) async fn set() -> Option<Self> {
        let Some(mut peer) = Peer::start().await else {
            common::not_run(
                TEST,
                &"no python3 has pika (run ./conformance-tests/test.sh --install-only)",
            );
            return None;
        };
        let rabbit = common::rabbit(TEST).await?;
        peer.connect(&rabbit).await;
        for queue in [OUT, IN] {
            peer.declare(queue).await;
        }
        let connection = connect(&rabbit).await;
        let session = connection.create_session(AckMode::Auto).await.unwrap();
        Some(Self {
            out: producer(&session, &queue(OUT)).await,
            inbox: consumer(&session, &queue(IN)).await,
            rabbit,
            peer,
            connection,
            session,
        })
    }

    /// Sends a message and lets pika take it.
    pub(crate) async fn send_to_pika(&mut self, message: Message, options: SendOptions) -> (SendReceipt, Got) {
        let receipt = self.out.send_with(message, options).await.unwrap();
        (receipt, self.peer.take(OUT).await)
    }

    /// Lets pika ask us; the reply goes straight to its channel.
    pub(crate) async fn ask_us(&mut self, id: &str) -> Received {
        let fields = json!({"correlation_id": id, "content_type": "text/plain"});
        self.peer.ask(IN, b"espresso?", fields).await;
        next(&self.inbox).await
    }

    /// Lets pika publish this to us.
    pub(crate) async fn send_to_us(&mut self, publish: Publish) -> Received {
        assert_eq!(publish.key, IN);
        self.peer.publish(publish).await;
        next(&self.inbox).await
    }
}

pub(crate) async fn connect(rabbit: &RabbitMq) -> Arc<dyn Connection> {
    let factory = anymq::connection_factory(&rabbit.amqp_url()).unwrap();
    let connection = factory.create_connection().await.unwrap();
    connection.start().await.unwrap();
    connection
}

pub(crate) fn queue(name: &str) -> Queue {
    Queue::new(name).unwrap()
}

pub(crate) async fn producer(session: &Arc<dyn Session>, to: &dyn Destination) -> Arc<dyn Producer> {
    session.create_producer(to).await.unwrap()
}

pub(crate) async fn consumer(session: &Arc<dyn Session>, from: &dyn Destination) -> Arc<dyn Consumer> {
    session.create_consumer(from).await.unwrap()
}

/// The next message, which must come.
pub(crate) async fn next(consumer: &Arc<dyn Consumer>) -> Received {
    consumer.receive_timeout(LIMIT).await.unwrap().expect("a message")
}
