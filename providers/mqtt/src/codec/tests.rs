//! Messages through MQTT and back.

use anymq_api::{
    Address, BodyKind, DeliveryMode, Envelope, ErrorKind, Headers, Map, Message, MessageId, Priority, Timestamp, Value,
};

use super::{decode, encode, encode_plain, escape::is_forbidden, origin, packet_size};
use crate::wire::{Outbound, Publish, PublishProperties, QoS};

fn arrived(outbound: Outbound) -> Publish {
    let mut publish = Publish::new(
        outbound.topic,
        outbound.qos,
        outbound.payload,
        Some(outbound.properties),
    );
    publish.pkid = 7;
    publish
}

fn sent(message: Message) -> Outbound {
    let envelope = Envelope::new(Headers::new("topic:a".parse().unwrap()), message);
    encode(&envelope, "me", QoS::AtLeastOnce).unwrap()
}

fn through(message: Message) -> Message {
    let source: Address = "topic:a".parse().unwrap();
    decode(&arrived(sent(message)), &source).message().clone()
}

#[test]
fn headers_come_back() {
    let mut headers = Headers::new("topic:a".parse().unwrap());
    headers.message_id = Some(MessageId::parse("ID:1\n").unwrap());
    headers.timestamp = Some(Timestamp::from_millis(1_000));
    headers.delivery_time = headers.timestamp;
    headers.delivery_mode = DeliveryMode::Persistent;
    headers.priority = Priority::new(9).unwrap();
    headers.expiration = Some(Timestamp::from_millis(4_000_000_000_000));
    let reply_to: Address = "temp-queue:r%3F".parse().unwrap();
    let message = Message::text("é\0")
        .with_correlation_id("")
        .with_message_type("t\n%41")
        .with_content_type("text/x\u{1}")
        .with_reply_to(&reply_to)
        .with_property("n", 7)
        .unwrap();
    let envelope = Envelope::new(headers.clone(), message.clone());
    let outbound = encode(&envelope, "me", QoS::ExactlyOnce).unwrap();
    assert_eq!(
        (outbound.qos, outbound.properties.response_topic.as_deref()),
        (QoS::ExactlyOnce, Some("r%3F"))
    );
    assert!(outbound.properties.message_expiry_interval.is_some_and(|left| left > 1));
    let publish = arrived(outbound);
    assert_eq!(origin(&publish), Some("me"));
    let back = decode(&publish, &headers.destination);
    assert_eq!(back.headers().message_id, headers.message_id);
    assert_eq!(back.headers().timestamp, headers.timestamp);
    assert_eq!(back.headers().delivery_time, headers.timestamp);
    assert_eq!(back.headers().delivery_mode, DeliveryMode::Persistent);
    assert_eq!(back.headers().priority, headers.priority);
    assert_eq!(back.headers().expiration, headers.expiration);
    let back = back.message();
    assert_eq!(back.as_text(), Some("é\0"));
    assert_eq!(back.correlation_id(), Some(""));
    assert_eq!(back.message_type(), message.message_type());
    assert_eq!(back.content_type(), message.content_type());
    assert_eq!(back.reply_to().map(ToString::to_string), Some(reply_to.to_string()));
    assert_eq!(back.properties(), message.properties());
}

#[test]
fn bodies_come_back_with_their_kinds() {
    let mut map = Map::default();
    map.set_from_wire("a", Value::I8(1));
    for message in [
        Message::empty(),
        Message::text(""),
        Message::text("text"),
        Message::bytes(vec![0, 255]),
        Message::map(map),
        Message::stream([Value::Char('é')].into_iter().collect()),
    ] {
        let back = through(message.clone());
        assert_eq!((back.body(), back.content_type()), (message.body(), None));
    }
}

#[test]
fn no_string_holds_what_brokers_hang_up_at() {
    let odd = "a\n\t\0\u{85}\u{fffe}";
    let message = Message::text("x")
        .with_content_type(odd)
        .with_message_type(odd)
        .with_property("p", odd)
        .unwrap();
    let outbound = sent(message);
    let properties = outbound.properties;
    let pairs = properties.user_properties.iter().flat_map(|(name, text)| [name, text]);
    let strings = properties.content_type.iter().chain(&properties.response_topic);
    assert!(strings.chain(pairs).all(|text| !text.contains(is_forbidden)));
}

#[test]
fn what_no_length_can_tell_is_refused() {
    let envelope = |message| Envelope::new(Headers::new("topic:a".parse().unwrap()), message);
    let long = "x".repeat(65_536);
    for message in [
        Message::empty().with_property("p", long.clone()).unwrap(),
        Message::empty().with_correlation_id(long.clone()),
        Message::empty().with_content_type(long.clone()),
    ] {
        let refusal = encode(&envelope(message), "me", QoS::AtLeastOnce).unwrap_err();
        assert_eq!(refusal.kind(), ErrorKind::MessageFormat);
    }
    let fits = Message::empty().with_property("p", "x".repeat(65_535)).unwrap();
    assert!(encode(&envelope(fits), "me", QoS::AtLeastOnce).is_ok());
}

#[test]
fn foreign_messages_are_what_fits_best() {
    let source: Address = "topic:a/%2B?filter=true".parse().unwrap();
    let read = |properties: PublishProperties, payload: &'static [u8]| {
        decode(
            &Publish::new("a/b", QoS::AtMostOnce, payload, Some(properties)),
            &source,
        )
    };
    let with = |content_type: Option<&str>, indicator| PublishProperties {
        content_type: content_type.map(str::to_owned),
        payload_format_indicator: indicator,
        ..PublishProperties::default()
    };
    assert_eq!(read(with(None, None), b"x").message().kind(), BodyKind::Bytes);
    assert_eq!(read(with(None, Some(1)), b"x").message().kind(), BodyKind::Text);
    assert_eq!(read(with(None, Some(1)), b"\xff").message().kind(), BodyKind::Bytes);
    let text = read(with(Some("text/plain"), None), b"x");
    assert_eq!(text.message().kind(), BodyKind::Text);
    assert_eq!(text.message().content_type(), Some("text/plain"));
    assert_eq!(text.headers().destination.to_string(), "topic:a/b");
    assert_eq!(text.headers().delivery_mode, DeliveryMode::NonPersistent);
    let odd = PublishProperties {
        response_topic: Some("replies/1".to_owned()),
        correlation_data: Some(vec![0, 255].into()),
        message_expiry_interval: Some(10),
        user_properties: vec![
            ("JMSMessageID".to_owned(), "no id".to_owned()),
            (String::new(), "x".to_owned()),
        ],
        ..PublishProperties::default()
    };
    let odd = read(odd, b"");
    let reply = Message::empty().with_correlation_id(odd.message().correlation_id().unwrap().to_owned());
    assert_eq!(sent(reply).properties.correlation_data.as_deref(), Some(&[0, 255][..]));
    assert_eq!(
        odd.message().reply_to().map(ToString::to_string).as_deref(),
        Some("topic:replies/1")
    );
    assert!(odd.headers().expiration.is_some_and(|at| at > Timestamp::now()));
    assert_eq!(odd.message().properties().string("").as_deref(), Some("x"));
}

#[test]
fn the_size_is_not_underrated() {
    for message in [
        Message::empty(),
        Message::text("x".repeat(300)).with_property("a", 1).unwrap(),
    ] {
        let outbound = sent(message);
        let size = packet_size(&outbound);
        let exact = arrived(outbound).size() as u64;
        assert!((exact..exact + 20).contains(&size), "{exact} {size}");
    }
}

#[test]
fn a_payload_alone_carries_nothing_else() {
    let plain = |message| {
        let envelope = Envelope::new(Headers::new("topic:a".parse().unwrap()), message);
        encode_plain(&envelope, QoS::AtLeastOnce)
    };
    let sent = plain(Message::text("hello")).unwrap();
    assert_eq!(
        (&*sent.payload, sent.properties),
        (&b"hello"[..], PublishProperties::default())
    );
    for message in [
        Message::empty().with_correlation_id("c"),
        Message::empty().with_message_type("t"),
        Message::empty().with_content_type("text/plain"),
        Message::empty().with_property("n", 1).unwrap(),
        Message::map(Map::new()),
    ] {
        let refusal = plain(message).unwrap_err();
        assert!(matches!(refusal.kind(), ErrorKind::Unsupported { .. }), "{refusal}");
    }
}
