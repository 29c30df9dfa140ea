use anymq_api::{
    Address, DeliveryMode, Envelope, Headers as Sent, Map, Message, MessageId, Priority, Stream, Timestamp, Value,
};

use super::*;
use crate::{
    dialect,
    frame::{Command, Frame},
};

fn address(text: &str) -> Address {
    text.parse().unwrap()
}

fn sent() -> Sent {
    let mut sent = Sent::new(address("topic:prices.eu"));
    sent.message_id = Some(MessageId::parse("ID:1").unwrap());
    sent.timestamp = Some(Timestamp::from_millis(1_700_000_000_123));
    sent.delivery_time = Some(Timestamp::from_millis(1_700_000_001_123));
    sent.expiration = Some(Timestamp::from_millis(1_700_000_005_123));
    sent.delivery_mode = DeliveryMode::NonPersistent;
    sent.priority = Priority::HIGHEST;
    sent
}

fn messages() -> Vec<Message> {
    let mut map = Map::default();
    map.set_from_wire("n", Value::I16(7));
    vec![
        Message::empty(),
        Message::text("").with_content_type("text/csv"),
        Message::text("é\0"),
        Message::bytes(vec![0, 255]),
        Message::map(map),
        Message::stream([Value::Null, Value::Char('x')].into_iter().collect::<Stream>()),
        Message::text("with all")
            .with_correlation_id("c:1")
            .with_message_type("order")
            .with_reply_to(&address("temp-queue:r"))
            .with_property("type", 7)
            .unwrap(),
    ]
}

#[test]
fn envelopes_come_back_from_every_broker() {
    for dialect in dialect::all() {
        let names = Names::new(dialect);
        for message in messages() {
            let envelope = Envelope::new(sent(), message);
            let frame = encode(&envelope, &names, None).unwrap();
            assert_eq!(
                decode(&frame, &address("queue:elsewhere"), &names),
                envelope,
                "{dialect:?}"
            );
        }
        let bare = Envelope::new(Sent::new(address("queue:a")), Message::empty());
        let frame = encode(&bare, &names, None)
            .unwrap()
            .with_header("message-id", "the broker's")
            .with_header("timestamp", "1");
        assert_eq!(decode(&frame, &address("queue:b"), &names), bare);
    }
}

#[test]
fn foreign_frames_become_the_best_fitting_message() {
    let activemq = Names::new(dialect::named("activemq").unwrap());
    let frame = Frame::new(Command::Message)
        .with_header("destination", "/queue/in")
        .with_header("message-id", "ID:host-1:1")
        .with_header("timestamp", "1700000000123")
        .with_header("priority", "200")
        .with_header("color", "red")
        .with_body("plain");
    let envelope = decode(&frame, &address("queue:source"), &activemq);
    assert_eq!(envelope.headers().destination, address("queue:in"));
    assert_eq!(
        envelope.headers().timestamp,
        Some(Timestamp::from_millis(1_700_000_000_123))
    );
    assert_eq!(envelope.headers().priority, Priority::HIGHEST);
    let message = envelope.message();
    assert_eq!(message.as_text(), Some("plain"));
    assert_eq!(message.properties().string("color").as_deref(), Some("red"));
    assert_eq!(message.properties().len(), 1);
    let bytes = Frame::new(Command::Message)
        .with_header("content-length", "2")
        .with_body(vec![0, 255]);
    let envelope = decode(&bytes, &address("queue:source"), &activemq);
    assert_eq!(
        envelope.message().as_bytes().map(|bytes| &bytes[..]),
        Some(&[0, 255][..])
    );
    assert_eq!(envelope.headers().destination, address("queue:source"));
}
