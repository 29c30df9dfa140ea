use anymq_api::{
    Address, DeliveryMode, DestinationKind, Envelope, Headers as Sent, Map, Message, MessageId, Priority, Stream,
    Timestamp, Value,
};
use bytes::BytesMut;
use tokio_util::codec::{Decoder as _, Encoder as _};

use super::*;
use crate::{
    dialect,
    frame::{Command, Frame, FrameDecoder, FrameEncoder, Limits, Version},
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
fn artemis_reads_the_kind_of_a_destination_beside_its_name() {
    let names = Names::new(dialect::named("artemis").unwrap(), false);
    let message = Message::empty().with_reply_to(&address("queue:answers"));
    for (text, name, kind) in [
        ("queue:orders", "orders", "ANYCAST"),
        ("topic:prices", "prices", "MULTICAST"),
    ] {
        let envelope = Envelope::new(Sent::new(address(text)), message.clone());
        let frame = encode(&envelope, &names, None).unwrap();
        let header = |name| frame.headers.get(name);
        assert_eq!(header("destination"), Some(name));
        assert_eq!(header("destination-type"), Some(kind));
        assert_eq!(header("reply-to"), Some("queue://answers"));
    }
}

#[test]
fn envelopes_come_back_from_every_broker() {
    for dialect in dialect::all() {
        let names = Names::new(dialect, false);
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
    let activemq = Names::new(dialect::named("activemq").unwrap(), false);
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

/// What would be headers, an end of the frame and another frame, if it were written as it is.
const INJECTION: &str = "a\r\nreceipt:1\nx-anymq-body:map\n\nbody\0\nSEND\ndestination:/queue/evil\n\nb\\";

/// A name may hold no control characters, but what an escape looks like.
const NAME: &str = "a:b\\nreceipt\\c1\\n\\nc*>#";

/// The same without NUL, which no header can carry.
fn injection() -> String {
    INJECTION.replace('\0', "\\0")
}

/// Through the wire of every version; `None` where the frame cannot be written.
fn over_the_wire(frame: &Frame, version: Version) -> Option<Frame> {
    let mut wire = BytesMut::new();
    FrameEncoder::new(version).encode(frame, &mut wire).ok()?;
    let mut decoder = FrameDecoder::new(version, Limits::default());
    let read = decoder.decode(&mut wire).unwrap().expect("a frame");
    assert!(wire.is_empty(), "a second frame: {wire:?}");
    Some(read)
}

fn injecting_messages() -> Vec<Message> {
    let plain = || Message::text("body");
    let mut properties = anymq_api::Properties::new();
    properties.set_from_wire(injection(), injection());
    vec![
        plain().with_correlation_id(injection()),
        plain().with_message_type(injection()),
        plain().with_content_type(injection()),
        plain().with_reply_to(&Address::new(DestinationKind::Queue, NAME).unwrap()),
        plain().with_property("p", INJECTION).unwrap(),
        plain().with_properties(properties),
        Message::text(INJECTION),
    ]
}

#[test]
fn nothing_in_a_message_becomes_a_header_or_a_frame() {
    for dialect in dialect::all() {
        let names = Names::new(dialect, false);
        for message in injecting_messages() {
            let envelope = Envelope::new(sent(), message);
            let frame = encode(&envelope, &names, None).unwrap();
            for version in [Version::V1_2, Version::V1_1, Version::V1_0] {
                // The earlier versions have not all escapes: they carry this or refuse it.
                let Some(read) = over_the_wire(&frame, version) else {
                    assert_ne!(version, Version::V1_2);
                    continue;
                };
                assert_eq!(read.headers.len(), frame.headers.len() + 1, "{dialect:?} {version:?}");
                if version == Version::V1_2 {
                    let source = address("queue:elsewhere");
                    assert_eq!(decode(&read, &source, &names), envelope, "{dialect:?}");
                }
            }
        }
    }
}

#[test]
fn destinations_and_ids_inject_nothing() {
    for dialect in dialect::all() {
        let names = Names::new(dialect, false);
        for kind in [DestinationKind::Queue, DestinationKind::Topic] {
            let mut headers = Sent::new(Address::new(kind, NAME).unwrap());
            headers.message_id = MessageId::parse(&format!("ID:{NAME}")).ok();
            let envelope = Envelope::new(headers, Message::text("body"));
            let frame = encode(&envelope, &names, Some(NAME)).unwrap();
            let read = over_the_wire(&frame, Version::V1_2).unwrap();
            assert_eq!(read.headers.len(), frame.headers.len() + 1);
            assert_eq!(decode(&read, &address("queue:b"), &names), envelope);
        }
    }
}
