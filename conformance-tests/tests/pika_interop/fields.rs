//! The headers of JMS, and the fields of AMQP that carry them.

use std::time::Duration;

use anymq::{Address, DeliveryMode, Message, MessageId, Priority, SendOptions, SendReceipt, Timestamp};
use serde_json::{Value as Json, json};

use crate::peer::Publish;
use crate::stage::{IN, OUT, Stage, queue};

const HOUR: Duration = Duration::from_secs(3600);
/// In seconds, as AMQP counts.
const TIME: i64 = 4_000_000_000;

pub(crate) async fn ours(stage: &mut Stage) {
    let message = Message::text("fields")
        .with_correlation_id("order 7")
        .with_message_type("order")
        .with_reply_to(&queue("answers"));
    let options = SendOptions::new()
        .with_priority(Priority::new(7).unwrap())
        .with_ttl(HOUR);
    let (receipt, got) = stage.send_to_pika(message, options).await;
    assert_eq!((got.exchange.as_str(), got.key.as_str()), ("", OUT));
    let mut fields = plain_fields(&receipt, 2, 7);
    fields["correlation_id"] = "order 7".into();
    fields["type"] = "order".into();
    fields["reply_to"] = "answers".into();
    fields["expiration"] = "3600000".into();
    assert_eq!(got.fields, fields);
    let mut headers = plain_headers(&receipt);
    headers["JMSExpiration"] = json!(["l", receipt.expiration().unwrap().as_millis()]);
    assert_eq!(got.headers, headers);

    plainly(stage).await;
    too_long_for_fields(stage).await;
}

/// Without anything of the application's, and not persistent.
async fn plainly(stage: &mut Stage) {
    let options = SendOptions::new().with_delivery_mode(DeliveryMode::NonPersistent);
    let (receipt, got) = stage.send_to_pika(Message::text("plain"), options).await;
    assert_eq!(got.fields, plain_fields(&receipt, 1, 4));
    assert_eq!(got.headers, plain_headers(&receipt));
}

/// AMQP's fields have 255 bytes.
async fn too_long_for_fields(stage: &mut Stage) {
    let long = "x".repeat(256);
    let message = Message::text("long")
        .with_correlation_id(long.clone())
        .with_message_type(long.clone());
    let (receipt, got) = stage.send_to_pika(message, SendOptions::new()).await;
    assert_eq!(got.fields, plain_fields(&receipt, 2, 4));
    let mut headers = plain_headers(&receipt);
    headers["JMSCorrelationID"] = json!(["S", long]);
    headers["JMSType"] = json!(["S", long]);
    assert_eq!(got.headers, headers);
}

/// Of a text message.
fn plain_fields(receipt: &SendReceipt, delivery_mode: u8, priority: u8) -> Json {
    json!({
        "content_type": "text/plain",
        "content_encoding": "utf-8",
        "delivery_mode": delivery_mode,
        "priority": priority,
        "message_id": &*receipt.message_id().unwrap().text(),
        "timestamp": receipt.timestamp().unwrap().as_millis() / 1000,
    })
}

fn plain_headers(receipt: &SendReceipt) -> Json {
    json!({
        "JMSDestination": ["S", format!("queue:{OUT}")],
        "JMSTimestamp": ["l", receipt.timestamp().unwrap().as_millis()],
    })
}

pub(crate) async fn theirs(stage: &mut Stage) {
    let fields = json!({
        "content_type": "application/xml",
        "correlation_id": "order 7",
        "delivery_mode": 2,
        "expiration": "3600000",
        "message_id": "pika 1",
        "priority": 7,
        "reply_to": "answers",
        "timestamp": TIME,
        "type": "order",
    });
    let received = stage.send_to_us(Publish::to(IN, b"<order/>").fields(fields)).await;
    assert_eq!(received.content_type(), Some("application/xml"));
    assert_eq!(received.correlation_id(), Some("order 7"));
    assert_eq!(received.delivery_mode(), DeliveryMode::Persistent);
    assert_eq!(
        received.expiration(),
        Some(Timestamp::from_millis(TIME * 1000 + 3_600_000))
    );
    assert_eq!(
        received.message_id().map(MessageId::to_string).as_deref(),
        Some("pika 1")
    );
    assert_eq!(received.priority().level(), 7);
    assert_eq!(received.reply_to(), Some(&address("queue:answers")));
    assert_eq!(received.timestamp(), Some(Timestamp::from_millis(TIME * 1000)));
    assert_eq!(received.message_type(), Some("order"));
    assert_eq!(received.destination(), &address(&format!("queue:{IN}")));
    assert!(!received.redelivered());
    assert_eq!(received.delivery_count(), 1);

    nothing_is_made_up(stage).await;
}

async fn nothing_is_made_up(stage: &mut Stage) {
    let received = stage.send_to_us(Publish::to(IN, b"")).await;
    assert_eq!(received.content_type(), None);
    assert_eq!(received.correlation_id(), None);
    assert_eq!(received.delivery_mode(), DeliveryMode::NonPersistent);
    assert_eq!(received.expiration(), None);
    assert_eq!(received.message_id(), None);
    assert_eq!(received.priority(), Priority::DEFAULT);
    assert_eq!(received.reply_to(), None);
    assert_eq!(received.timestamp(), None);
    assert_eq!(received.message_type(), None);
    assert_eq!(received.destination(), &address(&format!("queue:{IN}")));
}

fn address(text: &str) -> Address {
    text.parse().unwrap()
}
