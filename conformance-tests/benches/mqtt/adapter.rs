//! The provider, as an application uses it.

use std::{collections::VecDeque, hint::black_box, num::NonZeroU32, sync::Arc};

use anymq::{
    AckMode, Confirmation, ConnectOptions, Connection, Consumer, DeliveryMode, Message, Producer, ProducerExt as _,
    Registry, SendOptions, Topic,
};
use bytes::Bytes;
use tokio::sync::Semaphore;

use crate::{NOBODY, QoS, WINDOW};

pub(crate) const TOPIC: &str = "bench/anymq";

pub(crate) struct Adapter {
    connection: Arc<dyn Connection>,
    producer: Arc<dyn Producer>,
    unheard: Arc<dyn Producer>,
    consumer: Arc<dyn Consumer>,
}

impl Adapter {
    pub(crate) async fn connect(url: &str) -> Self {
        let prefetch = NonZeroU32::new(u32::try_from(WINDOW).expect("few")).expect("some");
        let options = ConnectOptions::new().with_prefetch(prefetch);
        let factory = Registry::builtin()
            .connection_factory_with(url, options)
            .expect("a factory");
        let connection = factory.create_connection().await.expect("a connection");
        connection.start().await.expect("start");
        let topic = Topic::new(TOPIC).expect("a name");
        let receiving = connection.create_session(AckMode::Auto).await.expect("a session");
        let sending = connection.create_session(AckMode::Auto).await.expect("a session");
        let nobody = Topic::new(NOBODY).expect("a name");
        Self {
            consumer: receiving.create_consumer(&topic).await.expect("a consumer"),
            producer: sending.create_producer(&topic).await.expect("a producer"),
            unheard: sending.create_producer(&nobody).await.expect("a producer"),
            connection,
        }
    }

    /// Has messages published like this from now on.
    pub(crate) fn publish_with(&self, qos: QoS) {
        let mode = match qos {
            QoS::AtMostOnce => DeliveryMode::NonPersistent,
            _ => DeliveryMode::Persistent,
        };
        let options = SendOptions::new().with_delivery_mode(mode);
        self.producer.set_options(options).expect("options");
    }

    /// One message that is published and received.
    pub(crate) async fn one(&self) {
        self.pipelined(&[], 1).await;
    }

    pub(crate) async fn confirm_each(&self, body: &[u8], messages: u32) {
        let body = Bytes::copy_from_slice(body);
        for _ in 0..messages {
            self.unheard.send(Message::bytes(body.clone())).await.expect("send");
        }
    }

    pub(crate) async fn pipelined(&self, body: &[u8], messages: u32) {
        let window = Semaphore::new(WINDOW);
        tokio::join!(self.send(body, messages, &window), self.receive(messages, &window));
    }

    async fn send(&self, body: &[u8], messages: u32, window: &Semaphore) {
        let body = Bytes::copy_from_slice(body);
        let mut waiting: VecDeque<Confirmation> = VecDeque::with_capacity(WINDOW);
        for _ in 0..messages {
            window.acquire().await.expect("it is open").forget();
            if waiting.len() == WINDOW {
                let oldest = waiting.pop_front().expect("the oldest");
                black_box(oldest.await.expect("a confirmation"));
            }
            let submitted = self.producer.submit(Message::bytes(body.clone()), None).await;
            waiting.push_back(submitted.expect("submit"));
        }
        for confirmation in waiting {
            black_box(confirmation.await.expect("a confirmation"));
        }
    }

    async fn receive(&self, messages: u32, window: &Semaphore) {
        for _ in 0..messages {
            let received = self.consumer.receive().await.expect("receive").expect("a message");
            black_box(received);
            window.add_permits(1);
        }
    }

    pub(crate) async fn close(self) {
        self.connection.close().await.expect("close");
    }
}
