//! The forms of a send, and of a producer.

use std::sync::Arc;

use anymq_api::{
    AckMode, Address, Capability, Destination, DestinationKind, ErrorKind, Message, Producer, SendOptions, Session,
};
use futures_util::{future::try_join_all, try_join};

use super::{Context, Failure, Passed, Verdict, expect_kind};
use crate::case::{closed, later::expect_only, recorder::Recorder};

pub(super) async fn identified(context: &Context) -> Verdict {
    let pair = context.pair(AckMode::Auto).await?;
    let other = context.destination();
    let other_consumer = pair.session.create_consumer(&other).await?;
    let producer = &pair.producer;
    for to in [&pair.destination, &other] {
        let refused = ErrorKind::UnsupportedOperation;
        expect_kind(producer.send_to(to, Message::text("1")).await, refused)?;
        let with = producer.send_to_with(to, Message::text("2"), SendOptions::new());
        expect_kind(with.await, refused)?;
        if context.supports(Capability::AsyncSend) {
            let outcome = producer.send_async_to(to, Message::text("3"), None, Recorder::new());
            expect_kind(outcome.await, refused)?;
        }
    }
    pair.send(&["4"]).await?;
    try_join!(
        expect_only(context, &pair.consumer, &["4"]),
        context.nothing(&other_consumer),
    )?;
    Ok(Passed::AsStated)
}

pub(super) async fn anonymous(context: &Context) -> Verdict {
    let pair = context.pair(AckMode::Auto).await?;
    let producer = pair.session.create_anonymous_producer().await?;
    let refused = ErrorKind::UnsupportedOperation;
    expect_kind(producer.send(Message::text("1")).await, refused)?;
    let with = producer.send_with(Message::text("2"), SendOptions::new());
    expect_kind(with.await, refused)?;
    if context.supports(Capability::AsyncSend) {
        let outcome = producer.send_async(Message::text("3"), None, Recorder::new());
        expect_kind(outcome.await, refused)?;
    }
    producer.send_to(&pair.destination, Message::text("4")).await?;
    expect_only(context, &pair.consumer, &["4"]).await?;
    Ok(Passed::AsStated)
}

pub(super) async fn invalid_destination(context: &Context) -> Verdict {
    // Most invalid names cannot even be written down.
    let long = "x".repeat(256);
    for name in ["", "a\nb", "a\0b", &long] {
        for kind in [DestinationKind::Queue, DestinationKind::Topic] {
            expect_kind(Address::new(kind, name), ErrorKind::InvalidDestination)?;
        }
    }
    let pair = context.pair(AckMode::Auto).await?;
    let producer = pair.session.create_anonymous_producer().await?;
    let mut tried = "names";
    if context.supports(Capability::TemporaryDestinations) {
        let queue = pair.session.create_temporary_queue().await?;
        queue.delete().await?;
        expect_invalid(&producer, &queue).await?;
        let topic = pair.session.create_temporary_topic().await?;
        topic.delete().await?;
        expect_invalid(&producer, &topic).await?;
        tried = "names and deleted temporary destinations";
    }
    producer.send_to(&pair.destination, Message::text("1")).await?;
    expect_only(context, &pair.consumer, &["1"]).await?;
    Ok(Passed::With(tried.into()))
}

async fn expect_invalid(producer: &Arc<dyn Producer>, to: &dyn Destination) -> Result<(), Failure> {
    expect_kind(
        producer.send_to(to, Message::empty()).await,
        ErrorKind::InvalidDestination,
    )?;
    let with = producer.send_to_with(to, Message::empty(), SendOptions::new());
    expect_kind(with.await, ErrorKind::InvalidDestination)?;
    Ok(())
}

/// A fresh destination of every kind that the provider declares.
async fn every_kind(context: &Context, session: &Arc<dyn Session>) -> Result<Vec<Address>, Failure> {
    let mut all = Vec::new();
    let lasting = [
        (Capability::Queues, DestinationKind::Queue),
        (Capability::Topics, DestinationKind::Topic),
    ];
    for (capability, kind) in lasting {
        if context.supports(capability) {
            all.push(context.address(kind));
        }
    }
    if context.supports(Capability::TemporaryDestinations) {
        all.push(session.create_temporary_queue().await?.address().clone());
        all.push(session.create_temporary_topic().await?.address().clone());
    }
    Ok(all)
}

fn kinds(destinations: &[Address]) -> Passed {
    let kinds: Vec<_> = destinations.iter().map(|address| address.kind().scheme()).collect();
    Passed::With(kinds.join(", "))
}

pub(super) async fn alternating(context: &Context) -> Verdict {
    let connection = context.started().await?;
    let session = connection.create_session(AckMode::Auto).await?;
    let destinations = every_kind(context, &session).await?;
    let mut consumers = Vec::new();
    for destination in &destinations {
        consumers.push(session.create_consumer(destination).await?);
    }
    let producer = session.create_anonymous_producer().await?;
    let mut expected = vec![Vec::new(); destinations.len()];
    for round in 1..=10 {
        for (destination, texts) in destinations.iter().zip(&mut expected) {
            let text = format!("{} {round}", destination.kind().scheme());
            producer.send_to(destination, Message::text(text.clone())).await?;
            texts.push(text);
        }
    }
    let receiving = consumers.iter().zip(&expected);
    try_join_all(receiving.map(|(consumer, texts)| expect_only(context, consumer, texts))).await?;
    Ok(kinds(&destinations))
}

pub(super) async fn destination_getter(context: &Context) -> Verdict {
    let connection = context.connect().await?;
    let session = connection.create_session(AckMode::Auto).await?;
    let destinations = every_kind(context, &session).await?;
    for destination in &destinations {
        let producer = session.create_producer(destination).await?;
        ensure_eq!(producer.destination()?, Some(destination.clone()));
    }
    let anonymous = session.create_anonymous_producer().await?;
    ensure_eq!(anonymous.destination()?, None, "of an anonymous producer");
    Ok(kinds(&destinations))
}

pub(super) async fn after_close(context: &Context) -> Verdict {
    let pair = context.pair(AckMode::Auto).await?;
    let anonymous = pair.session.create_anonymous_producer().await?;
    pair.send(&["1"]).await?;
    for producer in [&pair.producer, &anonymous] {
        producer.close().await?;
        producer.close().await?;
        closed::producer(context, producer, &pair.destination).await?;
    }
    // Neither what was sent nor the session is affected.
    let next = pair.session.create_producer(&pair.destination).await?;
    next.send(Message::text("2")).await?;
    expect_only(context, &pair.consumer, &["1", "2"]).await?;
    Ok(Passed::AsStated)
}
