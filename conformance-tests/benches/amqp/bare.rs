//! lapin by itself, doing the same: with as little as a message can have beside its body, or with all that the provider
//! gives one.

use std::{collections::VecDeque, hint::black_box};

use futures_util::StreamExt as _;
use lapin::{
    BasicProperties, Channel, Confirmation, Connection, ConnectionProperties, PublisherConfirm,
    options::{
        BasicAckOptions, BasicConsumeOptions, BasicGetOptions, BasicPublishOptions, BasicQosOptions,
        ConfirmSelectOptions, QueueDeclareOptions,
    },
    types::FieldTable,
};

use crate::WINDOW;

pub(crate) struct Bare {
    connection: Connection,
    sending: Channel,
    queue: &'static str,
    properties: BasicProperties,
}

impl Bare {
    /// To a queue of its own, with persistent messages.
    pub(crate) async fn connect(url: &str, queue: &'static str) -> Self {
        let connection = Connection::connect(url, ConnectionProperties::default()).await;
        let connection = connection.expect("a connection");
        let sending = connection.create_channel().await.expect("a channel");
        let options = ConfirmSelectOptions::default();
        sending.confirm_select(options).await.expect("confirms");
        let options = QueueDeclareOptions {
            durable: true,
            ..QueueDeclareOptions::default()
        };
        let declared = sending.queue_declare(queue.into(), options, FieldTable::default());
        declared.await.expect("a queue");
        let properties = BasicProperties::default().with_delivery_mode(2);
        Self {
            connection,
            sending,
            queue,
            properties,
        }
    }

    /// Sends what waits first in another queue, but for the body, from now on.
    pub(crate) async fn imitate(&mut self, other: &str) {
        let found = self.sending.basic_get(other.into(), BasicGetOptions::default()).await;
        let found = found.expect("an answer").expect("a message");
        found.ack(BasicAckOptions::default()).await.expect("acknowledge");
        self.properties = found.delivery.properties;
    }

    async fn publish(&self, body: &[u8]) -> PublisherConfirm {
        let options = BasicPublishOptions {
            mandatory: true,
            ..BasicPublishOptions::default()
        };
        let properties = self.properties.clone();
        let published = self
            .sending
            .basic_publish("".into(), self.queue.into(), options, body, properties);
        published.await.expect("publish")
    }

    pub(crate) async fn confirm_each(&self, body: &[u8], messages: u32) {
        for _ in 0..messages {
            taken(self.publish(body).await.await);
        }
    }

    pub(crate) async fn window(&self, body: &[u8], messages: u32) {
        let mut waiting = VecDeque::with_capacity(WINDOW.into());
        for _ in 0..messages {
            if waiting.len() == usize::from(WINDOW) {
                taken(waiting.pop_front().expect("the oldest").await);
            }
            waiting.push_back(self.publish(body).await);
        }
        for confirm in waiting {
            taken(confirm.await);
        }
    }

    pub(crate) async fn drain(&self, messages: u32) {
        let channel = self.connection.create_channel().await.expect("a channel");
        let options = BasicQosOptions::default();
        channel.basic_qos(WINDOW, options).await.expect("a prefetch");
        let options = BasicConsumeOptions::default();
        let consumer = channel.basic_consume(self.queue.into(), "bench".into(), options, FieldTable::default());
        let mut consumer = consumer.await.expect("a consumer");
        for _ in 0..messages {
            let delivery = consumer.next().await.expect("a message").expect("a delivery");
            delivery.ack(BasicAckOptions::default()).await.expect("acknowledge");
            black_box(delivery);
        }
        channel.close(200, "done".into()).await.expect("close");
    }

    pub(crate) async fn close(self) {
        self.connection.close(200, "done".into()).await.expect("close");
    }
}

fn taken(confirmation: lapin::Result<Confirmation>) {
    let confirmation = confirmation.expect("a confirmation");
    assert!(confirmation.is_ack() && confirmation.take_message().is_none());
}
