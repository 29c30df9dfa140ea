//! PROP: names and values that are the send's, the delivery's or the wire's, and no application's.

use std::time::Duration;

use anymq_api::{
    AckMode, Capability, DeliveryMode, ErrorKind, Message, Priority, Properties, PropertyValue, Received, SendOptions,
    SendReceipt, Support, Value,
};

use super::super::{
    Context, Failure, Pair, Passed, Verdict, expect_kind, expect_list, text_of, texts_of,
    travel::{travel, travel_with},
    values::{expect_entries, properties_of},
};

pub(super) async fn first_count(context: &Context) -> Verdict {
    let pair = context.pair(AckMode::Auto).await?;
    let texts = ["a", "b", "c"];
    pair.send(&texts).await?;
    let received = context.receive_many(&pair.consumer, texts.len()).await?;
    expect_list(&texts_of(&received), &texts.map(String::from))?;
    let counts: Vec<_> = received.iter().map(Received::delivery_count).collect();
    ensure_eq!(counts, [1, 1, 1], "counts of first deliveries");
    Ok(Passed::AsStated)
}

/// Every way in which a message comes again that the provider declares.
pub(super) async fn flag_and_count(context: &Context) -> Verdict {
    let client = context.supports(Capability::ClientAck);
    let mut tried = Vec::new();
    if client && context.supports(Capability::Recover) {
        let pair = first_delivery(context, AckMode::Client).await?;
        for _ in 0..2 {
            pair.session.recover().await?;
            judge_again(context, &context.receive(&pair.consumer).await?)?;
        }
        tried.push("recover");
    }
    if context.supports(Capability::Transactions) {
        let pair = first_delivery(context, AckMode::Transacted).await?;
        for _ in 0..2 {
            pair.session.rollback().await?;
            judge_again(context, &context.receive(&pair.consumer).await?)?;
        }
        tried.push("rollback");
    }
    if client {
        let pair = first_delivery(context, AckMode::Client).await?;
        pair.session.close().await?;
        let session = pair.connection.create_session(AckMode::Client).await?;
        let consumer = context.consumer(&session, &pair.destination).await?;
        judge_again(context, &context.receive(&consumer).await?)?;
        tried.push("close");
    }
    ensure!(!tried.is_empty(), "nothing that is declared delivers again");
    Ok(Passed::With(tried.join(", ")))
}

/// A pair whose one message was received and not settled.
async fn first_delivery(context: &Context, mode: AckMode) -> Result<Pair, Failure> {
    let pair = context.pair(mode).await?;
    let session = pair.connection.create_session(AckMode::Auto).await?;
    let producer = session.create_producer(&pair.destination).await?;
    producer.send(Message::text("again")).await?;
    let received = context.receive(&pair.consumer).await?;
    ensure_eq!(text_of(&received), "again");
    judge(context, &received)?;
    ensure_eq!(received.delivery_count(), 1, "the count of the first delivery");
    Ok(pair)
}

fn judge_again(context: &Context, received: &Received) -> Result<(), Failure> {
    ensure_eq!(text_of(received), "again");
    if context.supports(Capability::RedeliveryFlag) {
        ensure!(received.redelivered(), "a redelivery is not flagged");
    }
    judge(context, received)
}

fn judge(context: &Context, received: &Received) -> Result<(), Failure> {
    let (flag, count) = (received.redelivered(), received.delivery_count());
    ensure!(!flag || count >= 2, "flagged, and counted {count}");
    let native = context.capabilities().get(Capability::DeliveryCount) == Support::Native;
    ensure!(!native || flag || count == 1, "counted {count}, and not flagged");
    Ok(())
}

pub(super) async fn count_of_the_sender(context: &Context) -> Verdict {
    const NAME: &str = "JMSXDeliveryCount";
    expect_kind(Message::empty().with_property(NAME, 7), ErrorKind::InvalidArgument)?;

    let again = context.supports(Capability::Recover) && context.supports(Capability::ClientAck);
    let mode = if again { AckMode::Client } else { AckMode::Auto };
    let pair = context.pair(mode).await?;
    let mut received = travel(context, &pair, Message::text("counted")).await?;
    if again {
        pair.session.recover().await?;
        received = context.receive(&pair.consumer).await?;
    }
    received.acknowledge().await?;
    let mut forwarded = received.to_message();
    if context.supports(Capability::Properties) {
        let mut properties = Properties::new();
        properties.set_from_wire(NAME, 7);
        forwarded = forwarded.with_properties(properties);
    }
    let on = travel(context, &pair, forwarded).await?;
    ensure_eq!(text_of(&on), "counted");
    ensure_eq!(on.delivery_count(), 1, "the count of what was sent on");
    on.acknowledge().await?;
    Ok(Passed::AsStated)
}

const HEADER_NAMES: [&str; 14] = [
    "JMSDestination",
    "JMSDeliveryMode",
    "JMSDeliveryTime",
    "JMSExpiration",
    "JMSPriority",
    "JMSMessageID",
    "JMSTimestamp",
    "JMSCorrelationID",
    "JMSReplyTo",
    "JMSType",
    "JMSRedelivered",
    "JMSXDeliveryCount",
    "JMSXRcvTimestamp",
    "JMSXInvented",
];

/// The setters refuse such names. A message can have them all the same when it came from a client that is less careful
/// and is sent on; a provider refuses it then or takes it, and the headers stay what they are.
pub(super) async fn header_names(context: &Context) -> Verdict {
    let pair = context.pair(AckMode::Auto).await?;
    for name in HEADER_NAMES {
        expect_kind(Message::empty().with_property(name, "9"), ErrorKind::InvalidArgument)?;
        expect_kind(Message::empty().with_property(name, 9), ErrorKind::InvalidArgument)?;
        if context.supports(Capability::Properties) {
            smuggle(context, &pair, name).await?;
        }
    }
    Ok(Passed::AsStated)
}

/// A property of this name, on a message that has the header of that name and on one that has not.
async fn smuggle(context: &Context, pair: &Pair, name: &str) -> Result<(), Failure> {
    for value in [PropertyValue::from("queue:forged"), 9.into()] {
        let mut properties = Properties::new();
        properties.set_from_wire(name, value);
        for (message, options) in [
            (labelled(context, pair), labels()?),
            (Message::text("bare"), SendOptions::new()),
        ] {
            let message = message.with_properties(properties.clone());
            match pair.producer.send_with(message, options).await {
                Ok(receipt) => {
                    let received = context.receive(&pair.consumer).await?;
                    expect_headers(context, &receipt, &received, name)?;
                }
                Err(error) => {
                    let refused = matches!(error.kind(), ErrorKind::InvalidArgument | ErrorKind::MessageFormat);
                    ensure!(refused, "{name}: {error}");
                }
            }
        }
    }
    Ok(())
}

fn labels() -> anymq_api::Result<SendOptions> {
    Ok(SendOptions::new()
        .with_delivery_mode(DeliveryMode::NonPersistent)
        .with_priority(Priority::new(3)?)
        .with_ttl(Duration::from_secs(3600)))
}

/// A message with every header that it can have.
fn labelled(context: &Context, pair: &Pair) -> Message {
    let message = Message::text("labelled");
    if !context.supports(Capability::Headers) {
        return message;
    }
    message
        .with_correlation_id("correlation")
        .with_message_type("type")
        .with_reply_to(&pair.destination)
}

/// The headers are those of the send and of the message that was sent.
fn expect_headers(context: &Context, receipt: &SendReceipt, received: &Received, what: &str) -> Result<(), Failure> {
    let sent = receipt.message();
    ensure_eq!(received.body(), sent.body(), "{what}: body");
    ensure!(!received.redelivered(), "{what}: the first delivery is flagged");
    if context.supports(Capability::Headers) {
        ensure_eq!(received.priority(), receipt.priority(), "{what}: priority");
        ensure_eq!(received.destination(), receipt.destination(), "{what}: destination");
        ensure_eq!(received.message_id(), receipt.message_id(), "{what}: id");
        ensure_eq!(received.timestamp(), receipt.timestamp(), "{what}: timestamp");
        ensure_eq!(received.delivery_mode(), receipt.delivery_mode(), "{what}: mode");
        ensure_eq!(received.expiration(), receipt.expiration(), "{what}: expiration");
        ensure_eq!(received.delivery_time(), receipt.delivery_time(), "{what}: due time");
        ensure_eq!(
            received.correlation_id(),
            sent.correlation_id(),
            "{what}: correlation id"
        );
        ensure_eq!(received.message_type(), sent.message_type(), "{what}: type");
        ensure_eq!(received.reply_to(), sent.reply_to(), "{what}: reply-to");
    }
    if context.supports(Capability::DeliveryCount) {
        ensure_eq!(received.delivery_count(), 1, "{what}: count");
    }
    Ok(())
}

/// Names that brokers and client libraries use on the wire, as far as an application may use them too.
const WIRE_KEYS: [&str; 24] = [
    "id",
    "type",
    "priority",
    "persistent",
    "expires",
    "expiration",
    "timestamp",
    "destination",
    "redelivered",
    "receipt",
    "subscription",
    "selector",
    "transaction",
    "CC",
    "BCC",
    "x_death",
    "delivery_mode",
    "message_id",
    "correlation_id",
    "reply_to",
    "content_type",
    "content_length",
    "headers",
    "AMQ_SCHEDULED_DELAY",
];

/// What such a key could be taken for: a number, a text, a truth.
fn wire_values() -> [PropertyValue; 3] {
    [PropertyValue::I32(9), "other".into(), true.into()]
}

pub(super) async fn wire_keys(context: &Context) -> Verdict {
    for name in ["x-death", "message-id", "x-match", "amq.type"] {
        expect_kind(Message::empty().with_property(name, 1), ErrorKind::InvalidArgument)?;
    }
    let pair = context.pair(AckMode::Auto).await?;
    let (receipt, received) = travel_with(context, &pair, labelled(context, &pair), labels()?).await?;
    expect_headers(context, &receipt, &received, "without properties")?;
    expect_entries(&properties_of(received.properties()), &[])?;
    if !context.supports(Capability::Properties) {
        return Ok(Passed::With("without properties".into()));
    }
    for value in wire_values() {
        let set = |message: Message, name: &&str| message.with_property(*name, value.clone());
        let message = WIRE_KEYS.iter().try_fold(labelled(context, &pair), set)?;
        let expected: Vec<_> = WIRE_KEYS
            .iter()
            .map(|name| ((*name).to_owned(), Value::from(value.clone())))
            .collect();
        let (receipt, received) = travel_with(context, &pair, message, labels()?).await?;
        expect_headers(context, &receipt, &received, &format!("{value:?}"))?;
        expect_entries(&properties_of(received.properties()), &expected)?;
    }
    Ok(Passed::AsStated)
}
