//! What the AMQP driver gives back comes again in its place, whatever kind of queue it is and however much is behind it.
#![cfg(target_os = "linux")]

mod common;

use std::{num::NonZeroU32, ops::Range, sync::Arc, time::Duration};

use anymq::{AckMode, Address, ConnectOptions, Connection, Consumer, Message, Session};
use anymq_conformance::broker::RabbitMq;

const LIMIT: Duration = Duration::from_secs(20);
const COUNT: usize = 120;
/// More than a quorum queue keeps in order by itself, less than there are messages.
const PREFETCH: u32 = 50;
const KINDS: [&str; 3] = ["kind=classic", "kind=quorum", "kind=quorum&delivery-limit=100"];

async fn connect(rabbit: &RabbitMq) -> Arc<dyn Connection> {
    let prefetch = NonZeroU32::new(PREFETCH).unwrap();
    let factory = anymq::connection_factory(&rabbit.amqp_url()).unwrap();
    let options = ConnectOptions::new().with_prefetch(prefetch);
    let connection = factory.create_connection_with(options).await.unwrap();
    connection.start().await.unwrap();
    connection
}

async fn consume(session: &Arc<dyn Session>, queue: &Address) -> Arc<dyn Consumer> {
    session.create_consumer(queue).await.unwrap()
}

async fn receive(consumer: &Arc<dyn Consumer>, count: usize) -> Vec<usize> {
    let mut got = Vec::new();
    while got.len() < count {
        let received = consumer.receive_timeout(LIMIT).await.unwrap().unwrap();
        got.push(received.as_text().unwrap_or_default().parse().unwrap());
    }
    got
}

async fn filled(session: &Arc<dyn Session>, case: &str, kind: &str) -> Address {
    let name = format!("{case}-{}", kind.replace(|c: char| !c.is_alphanumeric(), "-"));
    let queue: Address = format!("queue:{name}?{kind}").parse().unwrap();
    let producer = session.create_producer(&queue).await.unwrap();
    for number in 0..COUNT {
        producer.send(Message::text(number.to_string())).await.unwrap();
    }
    queue
}

fn numbers(range: Range<usize>) -> Vec<usize> {
    range.collect()
}

/// What another client gets.
async fn left(rabbit: &RabbitMq, queue: &Address, count: usize) -> Vec<usize> {
    let connection = connect(rabbit).await;
    let session = connection.create_session(AckMode::Auto).await.unwrap();
    let got = receive(&consume(&session, queue).await, count).await;
    connection.close().await.unwrap();
    got
}

#[tokio::test]
async fn what_is_given_back_keeps_its_place() {
    let Some(rabbit) = common::rabbit("rabbitmq_order").await else {
        return;
    };
    for kind in KINDS {
        of_a_consumer(&rabbit, kind).await;
        of_a_session(&rabbit, kind).await;
        of_a_stopped_connection(&rabbit, kind).await;
    }
}

async fn of_a_consumer(rabbit: &RabbitMq, kind: &str) {
    let connection = connect(rabbit).await;
    let session = connection.create_session(AckMode::Auto).await.unwrap();
    let queue = filled(&session, "consumer", kind).await;
    let consumer = consume(&session, &queue).await;
    assert_eq!(receive(&consumer, 10).await, numbers(0..10));
    consumer.close().await.unwrap();
    let rest = left(rabbit, &queue, COUNT - 10).await;
    assert_eq!(rest, numbers(10..COUNT), "{kind}");
    connection.close().await.unwrap();
}

async fn of_a_session(rabbit: &RabbitMq, kind: &str) {
    let connection = connect(rabbit).await;
    let session = connection.create_session(AckMode::Client).await.unwrap();
    let queue = filled(&session, "session", kind).await;
    let consumer = consume(&session, &queue).await;
    assert_eq!(receive(&consumer, 10).await, numbers(0..10));
    session.close().await.unwrap();
    let rest = left(rabbit, &queue, COUNT).await;
    assert_eq!(rest, numbers(0..COUNT), "{kind}");
    connection.close().await.unwrap();
}

async fn of_a_stopped_connection(rabbit: &RabbitMq, kind: &str) {
    let connection = connect(rabbit).await;
    let session = connection.create_session(AckMode::Auto).await.unwrap();
    let queue = filled(&session, "stopped", kind).await;
    let consumer = consume(&session, &queue).await;
    let mut got = receive(&consumer, 20).await;
    connection.stop().await.unwrap();
    connection.start().await.unwrap();
    got.extend(receive(&consumer, COUNT - 20).await);
    assert_eq!(got, numbers(0..COUNT), "{kind}");
    connection.close().await.unwrap();
}
