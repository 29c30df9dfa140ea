//! What is in the messages that are sent.

use anymq_api::{
    AckMode, Body, Capability, DeliveryMode, ErrorKind, Map, Message, Priority, Received, SendOptions, SendReceipt,
};

use super::{
    Context, Failure, Passed, Verdict,
    identity::{Decided, Sent},
};
use crate::case::{
    Pair,
    later::{expect_only, later},
    setup::sender,
};

pub(super) async fn changed_after_the_send(context: &Context) -> Verdict {
    let pair = context.pair(AckMode::Auto).await?;
    let typed = context.supports(Capability::TypedBodies);
    let mut map = Map::new().with("version", 1)?;
    let mut message = if typed {
        Message::map(map.clone())
    } else {
        Message::text("1")
    };
    message = annotate(context, message, "first")?;
    let first = pair.producer.send(message.clone()).await?;

    map.set("version", 2)?;
    let body = if typed { Body::Map(map) } else { Body::Text("2".into()) };
    let changed = annotate(context, message.clone().with_body(body), "second")?;
    let second = pair.producer.send(changed.clone()).await?;
    let third = pair.producer.send(message.clone()).await?;

    let received = context.receive_many(&pair.consumer, 3).await?;
    for (received, sent) in received.iter().zip([&message, &changed, &message]) {
        expect_content(context, received, sent)?;
    }
    context.nothing(&pair.consumer).await?;
    expect_fresh(&[&first, &second, &third])?;
    Ok(Passed::AsStated)
}

/// Headers and a property of the sender's choice, as far as they travel.
fn annotate(context: &Context, message: Message, value: &str) -> Result<Message, Failure> {
    let mut message = message;
    if context.supports(Capability::Headers) {
        let value = value.to_owned();
        message = message.with_correlation_id(value.clone()).with_message_type(value);
    }
    if context.supports(Capability::Properties) {
        message = message.with_property("note", value.to_owned())?;
    }
    Ok(message)
}

#[track_caller]
fn expect_content(context: &Context, received: &Received, sent: &Message) -> Result<(), Failure> {
    ensure_eq!(received.body(), sent.body(), "the body");
    if context.supports(Capability::Headers) {
        ensure_eq!(received.correlation_id(), sent.correlation_id(), "the correlation id");
        ensure_eq!(received.message_type(), sent.message_type(), "the type");
        ensure_eq!(received.reply_to(), sent.reply_to(), "the reply-to");
    }
    if context.supports(Capability::Properties) {
        ensure_eq!(received.properties(), sent.properties(), "the properties");
    }
    Ok(())
}

#[track_caller]
fn expect_fresh(receipts: &[&SendReceipt]) -> Result<(), Failure> {
    let mut ids: Vec<_> = receipts
        .iter()
        .map(|receipt| receipt.message_id().map(ToString::to_string))
        .collect();
    ensure!(ids.iter().all(Option::is_some), "a send without an id: {ids:?}");
    ids.sort();
    ids.dedup();
    ensure_eq!(ids.len(), receipts.len(), "distinct ids");
    Ok(())
}

pub(super) async fn sent_on(context: &Context) -> Verdict {
    let pair = context.pair(AckMode::Auto).await?;
    let reply_to = context.destination();
    let mut message = annotate(context, Message::text("onward"), "kept")?;
    if context.supports(Capability::Headers) {
        message = message.with_reply_to(&reply_to);
    }
    let options = SendOptions::new()
        .with_delivery_mode(DeliveryMode::NonPersistent)
        .with_priority(Priority::HIGHEST)
        .with_ttl(context.timing().wait * 100);
    let first = pair.producer.send_with(message.clone(), options).await?;
    let received = context.receive(&pair.consumer).await?;

    let destination = context.destination();
    let next = later(context, &pair.connection, &destination).await?;
    let producer = sender(context, &destination).await?;
    let defaults = SendOptions::new();
    let sent = Sent::watch(&defaults, producer.send(received.to_message())).await?;
    expect_fresh(&[&first, &sent.receipt])?;
    let onward = expect_only(context, &next, &["onward"]).await?;
    expect_content(context, &onward[0], &message)?;
    // Mode, priority and times are those of the second send, at both ends.
    sent.expect(context, &Decided::from(&sent.receipt))?;
    ensure_eq!(sent.receipt.destination(), &destination, "the destination");
    if context.supports(Capability::Headers) {
        sent.expect(context, &Decided::from(&onward[0]))?;
        ensure_eq!(onward[0].destination(), &destination, "the destination");
        ensure_eq!(onward[0].message_id(), sent.receipt.message_id(), "the id");
    }
    Ok(Passed::AsStated)
}

pub(super) async fn foreign(context: &Context) -> Verdict {
    let message = annotate(context, Message::text("foreign"), "kept")?;
    let (foreign, before) = by_another_provider(context, message.clone()).await?;
    let pair = context.pair(AckMode::Auto).await?;
    let defaults = SendOptions::new();
    let sent = Sent::watch(&defaults, pair.producer.send(foreign.to_message())).await?;
    sent.expect(context, &Decided::from(&sent.receipt))?;
    expect_fresh(&[&before, &sent.receipt])?;
    ensure_eq!(sent.receipt.destination(), &pair.destination, "the destination");
    ensure_eq!(sent.receipt.message(), &message, "the message in the receipt");
    let received = expect_only(context, &pair.consumer, &["foreign"]).await?;
    expect_content(context, &received[0], &message)?;
    if context.supports(Capability::Headers) {
        sent.expect(context, &Decided::from(&received[0]))?;
        ensure_eq!(received[0].message_id(), sent.receipt.message_id(), "the id");
    }
    Ok(Passed::AsStated)
}

/// What another broker, the in-VM one, makes of a message; with the receipt of that.
async fn by_another_provider(context: &Context, message: Message) -> Result<(Received, SendReceipt), Failure> {
    let factory = anymq::connection_factory("vm://conformance-foreign")?;
    let connection = factory.create_connection().await?;
    let outcome = async {
        connection.start().await?;
        let session = connection.create_session(AckMode::Auto).await?;
        let queue = context.queue();
        let consumer = session.create_consumer(&queue).await?;
        let receipt = session.create_producer(&queue).await?.send(message).await?;
        Ok((context.receive(&consumer).await?, receipt))
    }
    .await;
    connection.close().await?;
    outcome
}

pub(super) async fn beyond_the_limits(context: &Context) -> Verdict {
    let pair = context.pair(AckMode::Auto).await?;
    let longest = pair.connection.limits()?.max_property_name_length;
    let mut report = Vec::new();
    if context.supports(Capability::Properties) {
        for length in [256, 300, 70_000] {
            let name = "n".repeat(length);
            let message = Message::text("probe").with_property(name, 1)?;
            let beyond = longest.is_some_and(|longest| length > longest as usize);
            let taken = probe(context, &pair, message, beyond).await?;
            report.push(format!("a property name of {length} bytes {taken}"));
        }
        // Larger than what some protocols have room for before the body.
        let message = Message::text("probe").with_property("large", "v".repeat(200_000))?;
        let taken = probe(context, &pair, message, false).await?;
        report.push(format!("a property of 200 kB {taken}"));
    }
    if context.supports(Capability::Headers) {
        let message = Message::text("probe").with_correlation_id("c".repeat(300));
        let taken = probe(context, &pair, message, false).await?;
        report.push(format!("a correlation id of 300 bytes {taken}"));
    }
    // The producer still works, and nothing that was refused arrives.
    pair.send(&["last"]).await?;
    expect_only(context, &pair.consumer, &["last"]).await?;
    Ok(Passed::With(report.join(", ")))
}

/// Either the message arrives as it is, or it is refused as a message, and what arrives next is something else.
async fn probe(context: &Context, pair: &Pair, message: Message, beyond: bool) -> Result<&'static str, Failure> {
    match pair.producer.send(message.clone()).await {
        Ok(_) => {
            ensure!(!beyond, "taken, although it is beyond the stated limit");
            let received = context.receive(&pair.consumer).await?;
            expect_content(context, &received, &message)?;
            Ok("is taken")
        }
        Err(error) if error.kind() == ErrorKind::MessageFormat => Ok("is refused"),
        Err(error) => Err(Failure::new(format!("refused as {:?}: {error}", error.kind()))),
    }
}
