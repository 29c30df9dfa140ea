//! A bare AMQP client, as other programs at the same broker are.

use anymq_api::{Address, BoxError, Destination, DestinationKind};
use lapin::{
    BasicProperties, Channel, Connection, ConnectionProperties,
    options::{BasicPublishOptions, ConfirmSelectOptions},
    types::{AMQPValue, ByteArray, DecimalValue, FieldArray, FieldTable, LongString},
};

use crate::harness::ForeignKind;

/// The exchange of the provider's topics, which its documentation tells to other clients.
const TOPICS: &str = "anymq.topic";

/// Sends one message, and waits until the broker has taken it.
pub(super) async fn send(url: &str, destination: &Address, kind: ForeignKind) -> Result<(), BoxError> {
    let connection = Connection::connect(url, ConnectionProperties::default()).await?;
    let channel = connection.create_channel().await?;
    publish(&channel, destination.address(), kind).await?;
    connection.close(200, "done".into()).await?;
    Ok(())
}

async fn publish(channel: &Channel, destination: &Address, kind: ForeignKind) -> Result<(), BoxError> {
    let exchange = match destination.kind() {
        DestinationKind::Queue => "",
        DestinationKind::Topic => TOPICS,
        other => return Err(format!("no foreign client knows a {}", other.scheme()).into()),
    };
    channel.confirm_select(ConfirmSelectOptions::default()).await?;
    let options = BasicPublishOptions {
        mandatory: true,
        ..BasicPublishOptions::default()
    };
    let properties = properties(kind);
    let key = destination.name().into();
    let confirm = channel.basic_publish(exchange.into(), key, options, kind.body(), properties);
    let confirmation = confirm.await?.await?;
    if confirmation.is_ack() && confirmation.take_message().is_none() {
        Ok(())
    } else {
        Err("the broker did not take the message".into())
    }
}

fn properties(kind: ForeignKind) -> BasicProperties {
    let properties = match kind.content_type() {
        Some(content_type) => BasicProperties::default().with_content_type(content_type.into()),
        None => BasicProperties::default(),
    };
    if kind == ForeignKind::OddHeaders {
        odd(properties)
    } else {
        properties
    }
}

/// What the protocol and this broker allow, and JMS does not.
fn odd(properties: BasicProperties) -> BasicProperties {
    properties
        .with_content_encoding("gzip, or so they say".into())
        .with_priority(200)
        .with_correlation_id("".into())
        .with_reply_to("no address: %zz?".into())
        .with_expiration("3600000".into())
        .with_message_id("no ID".into())
        .with_timestamp(u64::MAX)
        .with_type("".into())
        .with_app_id("\u{1}".into())
        .with_headers(odd_headers())
}

fn odd_headers() -> FieldTable {
    let mut inner = FieldTable::default();
    inner.insert("".into(), AMQPValue::Void);
    let list = vec![AMQPValue::LongInt(1), AMQPValue::FieldTable(inner.clone())];
    let decimal = DecimalValue { scale: 2, value: 314 };
    let long_name = "n".repeat(255);
    let mut headers = FieldTable::default();
    for (name, value) in [
        ("", AMQPValue::Boolean(true)),
        ("dotted.name", AMQPValue::ShortShortInt(-1)),
        ("with space", AMQPValue::ShortShortUInt(255)),
        (long_name.as_str(), AMQPValue::ShortInt(-1)),
        ("NULL", AMQPValue::ShortUInt(65_535)),
        ("unsigned", AMQPValue::LongUInt(u32::MAX)),
        ("decimal", AMQPValue::DecimalValue(decimal)),
        ("list", AMQPValue::FieldArray(FieldArray::from(list))),
        ("table", AMQPValue::FieldTable(inner)),
        ("instant", AMQPValue::Timestamp(u64::MAX)),
        ("void", AMQPValue::Void),
        ("bytes", AMQPValue::ByteArray(ByteArray::from(vec![0, 255]))),
        ("no_text", AMQPValue::LongString(LongString::from(vec![0xff, 0xfe]))),
        ("x-death", AMQPValue::LongString("none".into())),
        ("x-delivery-count", AMQPValue::LongString("many".into())),
        ("JMSXDeliveryCount", AMQPValue::LongInt(7)),
        ("JMSXGroupSeq", AMQPValue::LongString("first".into())),
        ("JMSDeliveryMode", AMQPValue::LongString("odd".into())),
        ("JMSReplyTo", AMQPValue::Void),
    ] {
        headers.insert(name.into(), value);
    }
    headers
}
