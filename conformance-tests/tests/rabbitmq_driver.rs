//! What the AMQP driver makes of a `RabbitMQ` that ends channels, and of a runtime that ends.
#![cfg(target_os = "linux")]

use std::{sync::Arc, time::Duration};

use anymq::{AckMode, Connection, Consumer, ErrorKind, Message, Queue, Result, Session};
use anymq_conformance::broker::{BrokerError, RabbitMq, RabbitMqOptions};
use anymq_conformance::poll;

const LIMIT: Duration = Duration::from_secs(20);
const PAUSE: Duration = Duration::from_millis(50);
const SHORT: Duration = Duration::from_millis(500);

/// Without an installation the target is not run, which is a failure where brokers are required.
async fn start() -> Option<RabbitMq> {
    match RabbitMq::start(RabbitMqOptions::default()).await {
        Ok(rabbit) => Some(rabbit),
        Err(error @ BrokerError::NotInstalled { .. }) => {
            let required = std::env::var_os("ANYMQ_REQUIRE_BROKERS").is_some_and(|v| v == "1");
            assert!(!required, "ANYMQ_REQUIRE_BROKERS=1, but {error}");
            let line = format!("target amqp-rabbitmq: NOT RUN: {error}\n");
            let _nobody_listens = std::io::Write::write_all(&mut std::io::stderr(), line.as_bytes());
            None
        }
        Err(error) => panic!("{error}"),
    }
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
