//! What the AMQP driver makes of a `RabbitMQ` that ends channels, and of a runtime that ends.
#![cfg(target_os = "linux")]

mod common;

use std::{sync::Arc, time::Duration};

use anymq::{AckMode, Connection, Consumer, ErrorKind, Message, Queue, Result, Session, Topic};
use anymq_conformance::broker::RabbitMq;
use anymq_conformance::poll;
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::tcp::{OwnedReadHalf, OwnedWriteHalf};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::watch;

const LIMIT: Duration = Duration::from_secs(20);
const PAUSE: Duration = Duration::from_millis(50);
const SHORT: Duration = Duration::from_millis(500);

async fn start() -> Option<RabbitMq> {
    common::rabbit("rabbitmq_driver").await
}

async fn connect(rabbit: &RabbitMq) -> Arc<dyn Connection> {
    let factory = anymq::connection_factory(&rabbit.amqp_url()).unwrap();
    let connection = factory.create_connection().await.unwrap();
    connection.start().await.unwrap();
    connection
}

async fn send(session: &Arc<dyn Session>, queue: &Queue, texts: &[&str]) {
    let producer = session.create_producer(queue).await.unwrap();
    for text in texts {
        producer.send(Message::text(*text)).await.unwrap();
    }
}

async fn receive(consumer: &Arc<dyn Consumer>) -> Result<Option<(String, bool)>> {
    let received = consumer.receive_timeout(SHORT).await?;
    Ok(received.map(|message| (message.as_text().unwrap_or_default().to_owned(), message.redelivered())))
}

/// What a consumer gets until there is nothing more for it.
async fn receive_all(consumer: &Arc<dyn Consumer>) -> Vec<(String, bool)> {
    let mut all = Vec::new();
    while let Some(one) = receive(consumer).await.unwrap() {
        all.push(one);
    }
    all
}

/// Waits until the broker has ended what a consumer lives on.
async fn ended(connection: &Arc<dyn Connection>) {
    let served = async || (connection.health().unwrap().consumers_served == 0).then_some(());
    poll::until(LIMIT, PAUSE, served).await.unwrap();
}

async fn eval(rabbit: &RabbitMq, expression: &str) {
    rabbit.ctl(&["eval", expression]).await.unwrap();
}

#[tokio::test]
async fn the_driver_outlives_channels_and_runtimes() {
    let Some(rabbit) = start().await else {
        return;
    };
    let impatient = "application:set_env(rabbit, channel_tick_interval, 300), \
                     application:set_env(rabbit, consumer_timeout, 2000), \
                     application:set_env(rabbit, max_message_size, 100000).";
    eval(&rabbit, impatient).await;
    for mode in [AckMode::Client, AckMode::Individual, AckMode::Transacted] {
        what_was_taken_back_is_not_handed_out(&rabbit, mode).await;
    }
    a_transacted_session_outlives_its_channel(&rabbit).await;
    a_runtime_that_ended_is_a_lost_connection(&rabbit).await;
    sessions_leave_the_connection_what_it_needs(&rabbit).await;
    for orderly in [true, false] {
        a_silent_broker_keeps_no_socket(&rabbit, orderly).await;
    }
}

async fn what_was_taken_back_is_not_handed_out(rabbit: &RabbitMq, mode: AckMode) {
    let connection = connect(rabbit).await;
    let queue = Queue::new(format!("taken-back-{mode:?}")).unwrap();
    let session = connection.create_session(mode).await.unwrap();
    let consumer = session.create_consumer(&queue).await.unwrap();
    let sending = connection.create_session(AckMode::Auto).await.unwrap();
    send(&sending, &queue, &["a", "b", "c"]).await;

    let first = consumer.receive().await.unwrap().unwrap();
    assert!(!first.redelivered());
    ended(&connection).await;
    assert!(receive(&consumer).await.is_err(), "{mode:?}");
    if mode == AckMode::Transacted {
        let undone = session.commit().await.unwrap_err();
        assert_eq!(undone.kind(), ErrorKind::TransactionRolledBack);
        assert!(undone.to_string().contains("timed out"), "{undone}");
    } else {
        let refused = first.acknowledge().await.unwrap_err();
        assert_eq!(refused.kind(), ErrorKind::Timeout, "{mode:?} {refused}");
    }

    // In the same session.
    let next = session.create_consumer(&queue).await.unwrap();
    let expected = ["a", "b", "c"].map(|text| (text.to_owned(), true));
    assert_eq!(receive_all(&next).await, expected, "{mode:?}");
    if mode == AckMode::Transacted {
        session.commit().await.unwrap();
    }
    connection.close().await.unwrap();
}

async fn a_transacted_session_outlives_its_channel(rabbit: &RabbitMq) {
    let connection = connect(rabbit).await;
    let queue = Queue::new("too-large").unwrap();
    let session = connection.create_session(AckMode::Transacted).await.unwrap();
    for _ in 0..3 {
        let producer = session.create_producer(&queue).await.unwrap();
        producer.send(Message::text("undone")).await.unwrap();
        producer.send(Message::bytes(vec![0; 200_000])).await.unwrap();
        tokio::time::sleep(SHORT).await;
        // Fails, or is undone with the others.
        let _ = producer.send(Message::text("undone, too")).await;
        let undone = session.commit().await.unwrap_err();
        assert_eq!(undone.kind(), ErrorKind::TransactionRolledBack);
        assert!(undone.to_string().contains("message size"), "{undone}");

        producer.send(Message::bytes(vec![0; 200_000])).await.unwrap();
        tokio::time::sleep(SHORT).await;
        session.rollback().await.unwrap();

        producer.send(Message::text("kept")).await.unwrap();
        session.commit().await.unwrap();
    }
    let consumer = session.create_consumer(&queue).await.unwrap();
    assert_eq!(receive_all(&consumer).await, vec![("kept".to_owned(), false); 3]);
    session.commit().await.unwrap();
    connection.close().await.unwrap();
}

async fn a_runtime_that_ended_is_a_lost_connection(rabbit: &RabbitMq) {
    let url = rabbit.amqp_url();
    let elsewhere = std::thread::spawn(move || {
        let runtime = tokio::runtime::Builder::new_multi_thread()
            .enable_all()
            .build()
            .unwrap();
        runtime.block_on(async {
            let factory = anymq::connection_factory(&url).unwrap();
            let connection = factory.create_connection().await.unwrap();
            connection.start().await.unwrap();
            let session = connection.create_session(AckMode::Auto).await.unwrap();
            let consumer = session.create_consumer(&Queue::new("runtime").unwrap()).await.unwrap();
            (connection, consumer)
        })
    });
    let (connection, consumer) = tokio::task::spawn_blocking(|| elsewhere.join().unwrap()).await.unwrap();
    let received = tokio::time::timeout(LIMIT, consumer.receive()).await.unwrap();
    assert_eq!(received.unwrap_err().kind(), ErrorKind::ConnectionLost);
    assert!(!connection.health().unwrap().connected);
    let refused = connection.create_session(AckMode::Auto).await.unwrap_err();
    assert_eq!(refused.kind(), ErrorKind::ConnectionLost);
    tokio::time::timeout(LIMIT, connection.close()).await.unwrap().unwrap();
}

async fn sessions_leave_the_connection_what_it_needs(rabbit: &RabbitMq) {
    eval(rabbit, "application:set_env(rabbit, channel_max, 6).").await;
    let connection = connect(rabbit).await;
    let mut sessions = Vec::new();
    let refused = loop {
        match connection.create_session(AckMode::Auto).await {
            Ok(session) => sessions.push(session),
            Err(refused) => break refused,
        }
    };
    assert_eq!(refused.kind(), ErrorKind::ResourceAllocation);
    assert_eq!(sessions.len(), 5);

    let first = sessions.first().unwrap();
    send(first, &Queue::new("new").unwrap(), &["a"]).await;
    let topic = Topic::new("news").unwrap();
    let producer = first.create_producer(&topic).await.unwrap();
    producer.send(Message::text("a")).await.unwrap();
    let refused = first.create_consumer(&topic).await.unwrap_err();
    assert_eq!(refused.kind(), ErrorKind::ResourceAllocation);
    assert!(refused.to_string().contains("topic:news"), "{refused}");

    // What one gives back serves another.
    sessions.pop().unwrap().close().await.unwrap();
    sessions.first().unwrap().create_consumer(&topic).await.unwrap();
    connection.close().await.unwrap();
}

async fn a_silent_broker_keeps_no_socket(rabbit: &RabbitMq, orderly: bool) {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let port = listener.local_addr().unwrap().port();
    let (freeze, frozen) = watch::channel(false);
    let broker = TcpStream::connect(("127.0.0.1", rabbit.port())).await.unwrap();
    let proxy = tokio::spawn(async move {
        let (client, _) = listener.accept().await.unwrap();
        let ((from_client, to_client), (from_broker, to_broker)) = (client.into_split(), broker.into_split());
        let backward = tokio::spawn(relay(from_broker, to_client, frozen.clone()));
        relay(from_client, to_broker, frozen).await;
        backward.abort();
    });
    let factory = anymq::connection_factory(&format!("amqp://127.0.0.1:{port}/?heartbeat=0s")).unwrap();
    let connection = factory.create_connection().await.unwrap();
    freeze.send(true).unwrap();
    if orderly {
        connection
            .close_with_deadline(Duration::from_millis(300))
            .await
            .unwrap();
    } else {
        drop(connection);
    }
    // It ends when the client's socket does.
    tokio::time::timeout(LIMIT, proxy).await.unwrap().unwrap();
}

/// Passes on what comes, until it swallows it; ends with the sender.
async fn relay(mut from: OwnedReadHalf, mut to: OwnedWriteHalf, frozen: watch::Receiver<bool>) {
    let mut buffer = vec![0; 16 * 1024];
    while let Ok(read @ 1..) = from.read(&mut buffer).await {
        if !*frozen.borrow() && to.write_all(&buffer[..read]).await.is_err() {
            return;
        }
    }
}
