//! What tests do with a broker through the public traits.
#![allow(dead_code, reason = "no test uses all of it")]

use std::{sync::Arc, time::Duration};

use anymq::{AckMode, Address, ConnectOptions, Connection, Consumer, Error, ErrorKind, Message, Result, Session};
use anymq_conformance::broker::RabbitMq;

/// How long something may take that must come.
pub(crate) const LIMIT: Duration = Duration::from_secs(20);
/// Between two looks.
pub(crate) const PAUSE: Duration = Duration::from_millis(50);
/// How long is waited for what must not come.
pub(crate) const SHORT: Duration = Duration::from_millis(500);

pub(crate) async fn connect_to(url: &str, options: ConnectOptions) -> Result<Arc<dyn Connection>> {
    let connection = anymq::connection_factory(url)?.create_connection_with(options).await?;
    connection.start().await?;
    Ok(connection)
}

pub(crate) async fn connect_with(rabbit: &RabbitMq, options: ConnectOptions) -> Arc<dyn Connection> {
    connect_to(&rabbit.amqp_url(), options).await.unwrap()
}

pub(crate) async fn connect(rabbit: &RabbitMq) -> Arc<dyn Connection> {
    connect_with(rabbit, ConnectOptions::new()).await
}

pub(crate) async fn session(connection: &Arc<dyn Connection>) -> Arc<dyn Session> {
    connection.create_session(AckMode::Auto).await.unwrap()
}

pub(crate) fn at(text: &str) -> Address {
    text.parse().unwrap()
}

pub(crate) async fn send(session: &Arc<dyn Session>, to: &str, text: &str) -> Result<()> {
    let producer = session.create_producer(&at(to)).await?;
    producer.send(Message::text(text)).await.map(drop)
}

pub(crate) async fn consume(session: &Arc<dyn Session>, from: &str) -> Arc<dyn Consumer> {
    session.create_consumer(&at(from)).await.unwrap()
}

pub(crate) async fn receive(consumer: &Arc<dyn Consumer>) -> Option<String> {
    let received = consumer.receive_timeout(SHORT).await.unwrap();
    received.map(|message| message.as_text().unwrap_or_default().to_owned())
}

/// What a consumer gets until there is nothing more for it.
pub(crate) async fn receive_all(consumer: &Arc<dyn Consumer>) -> Vec<String> {
    let mut all = Vec::new();
    while let Some(text) = receive(consumer).await {
        all.push(text);
    }
    all
}

/// It fails in this class, and its error names this.
#[track_caller]
pub(crate) fn expect_refusal<T>(outcome: Result<T>, kind: ErrorKind, resource: &str) -> Error {
    let Err(error) = outcome else {
        panic!("{resource} is not refused");
    };
    assert_eq!(error.kind(), kind, "{error}");
    assert!(error.resource().is_some_and(|told| told.contains(resource)), "{error}");
    error
}
