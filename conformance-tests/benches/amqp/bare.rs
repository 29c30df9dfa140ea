//! lapin by itself, doing the same.

use std::{collections::VecDeque, hint::black_box};

use futures_util::StreamExt as _;
use lapin::{
    BasicProperties, Channel, Confirmation, Connection, ConnectionProperties, PublisherConfirm,
    options::{
        BasicAckOptions, BasicConsumeOptions, BasicPublishOptions, BasicQosOptions, ConfirmSelectOptions,
        QueueDeclareOptions,
    },
    types::FieldTable,
};

use crate::WINDOW;

const QUEUE: &str = "bench.lapin";

pub(crate) struct Bare {
    connection: Connection,
    sending: Channel,
}

impl Bare {
    pub(crate) async fn connect(url: &str) -> Self {
        let connection = Connection::connect(url, ConnectionProperties::default()).await;
        let connection = connection.expect("a connection");
        let sending = connection.create_channel().await.expect("a channel");
        let options = ConfirmSelectOptions::default();
        sending.confirm_select(options).await.expect("confirms");
        let options = QueueDeclareOptions {
            durable: true,
            ..QueueDeclareOptions::default()
        };
        let declared = sending.queue_declare(QUEUE.into(), options, FieldTable::default());
        declared.await.expect("a queue");
        Self { connection, sending }
    }

    async fn publish(&self, body: &[u8]) -> PublisherConfirm {
        let options = BasicPublishOptions {
            mandatory: true,
            ..BasicPublishOptions::default()
        };
        let properties = BasicProperties::default().with_delivery_mode(2);
        let published = self
            .sending
            .basic_publish("".into(), QUEUE.into(), options, body, properties);
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
        let consumer = channel.basic_consume(QUEUE.into(), "bench".into(), options, FieldTable::default());
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
