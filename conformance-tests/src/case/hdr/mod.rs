//! HDR: message headers. What the sender learns and what a message object holds; [`carried`] has what the receiver
//! sees.

mod carried;

use std::{collections::HashSet, sync::Arc, time::Duration};

use anymq_api::{
    AckMode, Address, Capability, DeliveryInfo, DeliveryMode, Destination, DestinationKind, Headers, Map, Message,
    Priority, Producer, SendOptions, SendReceipt, Stream, Timestamp,
};
use futures_util::future::try_join_all;
use tokio::task::JoinSet;

use super::{Context, Failure, Passed, Verdict, local, text_of, travel::travel};

cases! {
    "HDR-01" => local(before_the_first_send),
    "HDR-02" => what_a_send_tells,
    "HDR-04" => unique_ids,
    "HDR-05" => carried::same_id,
    "HDR-06" => carried::timestamp,
    "HDR-07" => carried::destination,
    "HDR-08" => carried::delivery_mode,
    "HDR-09" => carried::priority,
    "HDR-10" => carried::expiration,
    "HDR-11" => carried::due_time,
    "HDR-12" => carried::correlation_id,
    "HDR-14" => carried::reply_to,
    "HDR-15" => carried::message_type,
    "HDR-16" => never_flagged_at_first,
    "HDR-18" => headers_can_be_changed,
}

fn before_the_first_send() -> Verdict {
    for message in [
        Message::empty(),
        Message::text("a"),
        Message::bytes("a"),
        Message::map(Map::new()),
        Message::stream(Stream::new()),
        Message::object(&1)?,
    ] {
        let kind = message.kind();
        ensure_eq!(message.correlation_id(), None, "correlation id, {kind}");
        ensure_eq!(message.reply_to(), None, "reply-to, {kind}");
        ensure_eq!(message.message_type(), None, "type, {kind}");
        ensure!(message.properties().is_empty(), "a new {kind} message has properties");
    }
    let headers = Headers::new(Address::new(DestinationKind::Queue, "q")?);
    ensure_eq!(headers.message_id, None);
    ensure_eq!(headers.timestamp, None);
    ensure_eq!(headers.expiration, None);
    ensure_eq!(headers.delivery_time, None);
    ensure!(
        !DeliveryInfo::default().redelivered,
        "what was never delivered is redelivered"
    );
    Ok(Passed::AsStated)
}

/// Around a send: no time that it decides may lie outside.
#[derive(Clone, Copy, Debug)]
pub(super) struct Window {
    before: Timestamp,
    after: Timestamp,
}

impl Window {
    pub(super) fn since(before: Timestamp) -> Self {
        let after = Timestamp::now();
        Self { before, after }
    }

    /// Fails unless an instant is `later` than some moment of the send, give or take a margin.
    #[track_caller]
    pub(super) fn expect(
        self,
        what: &str,
        got: Option<Timestamp>,
        later: Duration,
        margin: Duration,
    ) -> Result<Timestamp, Failure> {
        let Some(got) = got else {
            return Err(Failure::new(format!("there is no {what}")));
        };
        let millis = |duration: Duration| i64::try_from(duration.as_millis()).unwrap_or(i64::MAX / 4);
        let earliest = self.before.as_millis() + millis(later) - millis(margin);
        let latest = self.after.as_millis() + millis(later) + millis(margin);
        if (earliest..=latest).contains(&got.as_millis()) {
            return Ok(got);
        }
        let text = format!("the {what} {got:?} is not from {earliest} to {latest} ms");
        Err(Failure::new(text))
    }
}

async fn what_a_send_tells(context: &Context) -> Verdict {
    let pair = context.pair(AckMode::Auto).await?;
    let hour = Duration::from_secs(3600);
    let chosen = SendOptions::new()
        .with_delivery_mode(DeliveryMode::NonPersistent)
        .with_priority(Priority::new(7)?)
        .with_ttl(hour);
    for options in [SendOptions::new(), chosen] {
        let mut message = Message::text("told");
        if context.supports(Capability::Headers) {
            message = message.with_message_type("type");
        }
        let before = Timestamp::now();
        let receipt = pair.producer.send_with(message.clone(), options.clone()).await?;
        let window = Window::since(before);
        ensure_eq!(receipt.message(), &message);
        ensure_eq!(receipt.destination(), &pair.destination);
        check_receipt(context, &receipt, &options, window)?;
    }
    Ok(Passed::AsStated)
}

fn check_receipt(
    context: &Context,
    receipt: &SendReceipt,
    options: &SendOptions,
    window: Window,
) -> Result<(), Failure> {
    let margin = context.timing().margin;
    ensure_eq!(receipt.delivery_mode(), options.delivery_mode);
    ensure_eq!(receipt.priority(), options.priority);
    let id = receipt.message_id().map(ToString::to_string).unwrap_or_default();
    ensure!(id.starts_with("ID:"), "the id is {id:?}");
    window.expect("timestamp", receipt.timestamp(), Duration::ZERO, Duration::ZERO)?;
    window.expect("delivery time", receipt.delivery_time(), Duration::ZERO, margin)?;
    match options.ttl {
        None => ensure_eq!(receipt.expiration(), None),
        Some(ttl) => {
            window.expect("expiration", receipt.expiration(), ttl, margin)?;
        }
    }
    Ok(())
}

/// Ids of 2 connections × 2 sessions × 3 producers, one task each.
async fn unique_ids(context: &Context) -> Verdict {
    // A topic without subscribers keeps nothing of so many messages.
    let destination = context.address(if context.supports(Capability::Topics) {
        DestinationKind::Topic
    } else {
        DestinationKind::Queue
    });
    let mut tasks = JoinSet::new();
    for _ in 0..2 {
        let connection = context.connect().await?;
        for _ in 0..2 {
            let session = connection.create_session(AckMode::Auto).await?;
            for _ in 0..3 {
                tasks.spawn(ids_of(session.create_producer(&destination).await?));
            }
        }
    }
    let mut ids = HashSet::new();
    let mut sends = 0;
    while let Some(outcome) = tasks.join_next().await {
        for id in outcome?? {
            ensure!(id.starts_with("ID:"), "the id is {id:?}");
            sends += 1;
            ids.insert(id);
        }
    }
    ensure_eq!(ids.len(), sends, "ids for so many sends");
    ensure!(sends >= 10_000, "only {sends} sends");
    Ok(Passed::With(format!("{sends} ids")))
}

async fn ids_of(producer: Arc<dyn Producer>) -> anymq_api::Result<Vec<String>> {
    const BATCHES: usize = 7;
    const BATCH: usize = 120;
    let options = SendOptions::new().with_delivery_mode(DeliveryMode::NonPersistent);
    let mut ids = Vec::with_capacity(BATCHES * BATCH);
    for _ in 0..BATCHES {
        let sends = (0..BATCH).map(|_| producer.send_with(Message::empty(), options.clone()));
        let receipts = try_join_all(sends).await?;
        ids.extend(
            receipts
                .iter()
                .map(|receipt| receipt.message_id().map_or_else(String::new, ToString::to_string)),
        );
    }
    Ok(ids)
}

/// A sender cannot flag a message; what was flagged when it was received is not when it is sent on.
async fn never_flagged_at_first(context: &Context) -> Verdict {
    let again = context.supports(Capability::Recover) && context.supports(Capability::ClientAck);
    let pair = context
        .pair(if again { AckMode::Client } else { AckMode::Auto })
        .await?;
    let mut received = travel(context, &pair, Message::text("first")).await?;
    ensure!(!received.redelivered(), "the first delivery is flagged");
    if again {
        pair.session.recover().await?;
        received = context.receive(&pair.consumer).await?;
        let flagged = received.redelivered() || !context.supports(Capability::RedeliveryFlag);
        ensure!(flagged, "a redelivery is not flagged");
    }
    received.acknowledge().await?;
    let on = travel(context, &pair, received.to_message()).await?;
    ensure_eq!(text_of(&on), "first");
    ensure!(!on.redelivered(), "what was sent on is flagged at its first delivery");
    on.acknowledge().await?;
    Ok(Passed::AsStated)
}

async fn headers_can_be_changed(context: &Context) -> Verdict {
    let pair = context.pair(AckMode::Auto).await?;
    let mut sent = Message::text("changing");
    if context.supports(Capability::Headers) {
        sent = sent
            .with_correlation_id("before")
            .with_message_type("before")
            .with_reply_to(&pair.destination);
    }
    let received = travel(context, &pair, sent.clone()).await?;
    let other = context.queue();
    let changed = received
        .to_message()
        .with_correlation_id("after")
        .with_message_type("after")
        .with_reply_to(&other);
    ensure_eq!(changed.correlation_id(), Some("after"));
    ensure_eq!(changed.message_type(), Some("after"));
    ensure_eq!(changed.reply_to(), Some(other.address()));
    let removed = changed
        .without_correlation_id()
        .without_message_type()
        .without_reply_to();
    ensure_eq!(removed.correlation_id(), None);
    ensure_eq!(removed.message_type(), None);
    ensure_eq!(removed.reply_to(), None);
    ensure_eq!(text_of(&received), "changing");
    if context.supports(Capability::Headers) {
        ensure_eq!(received.correlation_id(), Some("before"), "the received message");
        ensure_eq!(received.message_type(), Some("before"), "the received message");
        ensure_eq!(received.reply_to(), sent.reply_to(), "the received message");
    }
    Ok(Passed::AsStated)
}
