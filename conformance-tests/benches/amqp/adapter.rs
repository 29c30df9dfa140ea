//! The provider, as an application uses it.

use std::{collections::VecDeque, hint::black_box, num::NonZeroU32, sync::Arc};

use anymq::{
    AckMode, Confirmation, ConnectOptions, Connection, DeliveryMode, Message, Producer, ProducerExt as _, Queue,
    Registry, SendOptions, Session,
};
use bytes::Bytes;

use crate::WINDOW;

pub(crate) const QUEUE: &str = "bench.anymq";

pub(crate) struct Adapter {
    connection: Arc<dyn Connection>,
    queue: Queue,
    producer: Arc<dyn Producer>,
    _sending: Arc<dyn Session>,
}

impl Adapter {
    pub(crate) async fn connect(url: &str, mode: DeliveryMode) -> Self {
        let prefetch = NonZeroU32::new(WINDOW.into()).expect("some");
        let options = ConnectOptions::new().with_prefetch(prefetch);
        let factory = Registry::builtin()
            .connection_factory_with(url, options)
            .expect("a factory");
        let connection = factory.create_connection().await.expect("a connection");
        connection.start().await.expect("start");
        let queue = Queue::new(QUEUE).expect("a name");
        let sending = connection.create_session(AckMode::Auto).await.expect("a session");
        let producer = sending.create_producer(&queue).await.expect("a producer");
        let options = SendOptions::new().with_delivery_mode(mode);
        producer.set_options(options).expect("options");
        Self {
            producer,
            _sending: sending,
            connection,
            queue,
        }
    }

    pub(crate) async fn confirm_each(&self, body: &[u8], messages: u32) {
        let body = Bytes::copy_from_slice(body);
        for _ in 0..messages {
            self.producer.send(Message::bytes(body.clone())).await.expect("send");
        }
    }

    pub(crate) async fn window(&self, body: &[u8], messages: u32) {
        let body = Bytes::copy_from_slice(body);
        let mut waiting: VecDeque<Confirmation> = VecDeque::with_capacity(WINDOW.into());
        for _ in 0..messages {
            if waiting.len() == usize::from(WINDOW) {
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

    /// Receives what waits and acknowledges each by itself.
    pub(crate) async fn drain(&self, messages: u32) {
        let session = self
            .connection
            .create_session(AckMode::Individual)
            .await
            .expect("a session");
        let consumer = session.create_consumer(&self.queue).await.expect("a consumer");
        for _ in 0..messages {
            let received = consumer.receive().await.expect("receive").expect("a message");
            received.acknowledge().await.expect("acknowledge");
        }
        session.close().await.expect("close");
    }

    pub(crate) async fn close(self) {
        self.connection.close().await.expect("close");
    }
}
