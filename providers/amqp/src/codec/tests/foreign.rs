//! What clients of other makes send.

use super::*;

#[test]
fn a_foreign_message_is_read_as_what_fits_best() {
    let plain = BasicProperties::default();
    let envelope = foreign(&plain, b"abc");
    assert_eq!(*envelope.headers(), {
        let mut headers = Headers::new(address("queue:inbox"));
        headers.delivery_mode = DeliveryMode::NonPersistent;
        headers
    });
    assert_eq!(*envelope.message(), Message::bytes(b"abc".to_vec()));

    let text = plain.clone().with_content_type("Text/HTML".into());
    assert_eq!(foreign(&text, b"<p>").message().as_text(), Some("<p>"));
    assert_eq!(foreign(&text, b"<p>").message().content_type(), Some("Text/HTML"));
    assert_eq!(foreign(&text, &[255]).message().kind(), BodyKind::Bytes);

    let json = plain.clone().with_content_type("application/json".into());
    assert_eq!(foreign(&json, b"{}").message().kind(), BodyKind::Object);

    for bad in [
        "[]",
        "{\"a\":1}",
        "{\"a\":{\"type\":\"i8\",\"value\":300}}",
        "not json",
        "{\"a\":{\"type\":\"x\"}}",
    ] {
        let map = plain.clone().with_content_type("application/vnd.anymq.map+json".into());
        assert_eq!(
            foreign(&map, bad.as_bytes()).message().body(),
            &Body::Bytes(bad.to_owned().into())
        );
    }
}

#[test]
fn a_foreign_map_is_read() {
    let map = BasicProperties::default().with_content_type("application/vnd.anymq.map+json".into());
    let text = br#"{"n": {"type": "i32", "value": 7}, "f": {"type": "f64", "value": 2}}"#;
    let envelope = foreign(&map, text);
    let message = envelope.message();
    assert_eq!(message.as_map().unwrap().iter().count(), 2);
    assert_eq!(message.content_type(), None);
}

#[test]
fn foreign_fields_are_understood() {
    let properties = BasicProperties::default()
        .with_timestamp(1_700_000_000)
        .with_expiration("1500".into())
        .with_priority(200)
        .with_reply_to("amq.gen-abc".into())
        .with_delivery_mode(2);
    let envelope = foreign(&properties, b"");
    assert_eq!(
        envelope.headers().timestamp,
        Some(Timestamp::from_millis(1_700_000_000_000))
    );
    assert_eq!(
        envelope.headers().expiration,
        Some(Timestamp::from_millis(1_700_000_001_500))
    );
    assert_eq!(envelope.headers().priority, Priority::HIGHEST);
    assert_eq!(envelope.headers().delivery_mode, DeliveryMode::Persistent);
    assert_eq!(envelope.message().reply_to(), Some(&address("temp-queue:amq.gen-abc")));
    let nonsense = BasicProperties::default()
        .with_timestamp(u64::MAX)
        .with_expiration("soon".into())
        .with_reply_to("".into())
        .with_message_id("".into());
    let envelope = foreign(&nonsense, b"");
    assert_eq!(envelope.headers().timestamp, None);
    assert_eq!(envelope.headers().message_id, None);
    assert_eq!(envelope.message().reply_to(), None);
}

#[test]
fn foreign_headers_become_properties_where_they_can() {
    let mut table = FieldTable::default();
    let decimal = DecimalValue { scale: 1, value: 25 };
    for (name, value) in [
        ("u8", AMQPValue::ShortShortUInt(255)),
        ("u16", AMQPValue::ShortUInt(65_535)),
        ("u32", AMQPValue::LongUInt(u32::MAX)),
        ("time", AMQPValue::Timestamp(7)),
        ("decimal", AMQPValue::DecimalValue(decimal)),
        ("x-request-id", AMQPValue::LongString("r".into())),
        ("bad", AMQPValue::LongString(vec![255].into())),
        ("nothing", AMQPValue::Void),
        ("list", AMQPValue::FieldArray(FieldArray::default())),
        ("x-death", AMQPValue::FieldArray(FieldArray::default())),
        ("x-first-death-queue", AMQPValue::LongString("q".into())),
        ("x-delivery-count", AMQPValue::LongLongInt(2)),
        ("CC", AMQPValue::FieldArray(FieldArray::default())),
        ("JMSFuture", AMQPValue::LongLongInt(2)),
        ("JMSXDeliveryCount", AMQPValue::LongInt(7)),
    ] {
        table.insert(name.into(), value);
    }
    let properties = BasicProperties::default().with_headers(table);
    let incoming = decode(&properties, Vec::new(), &address("queue:inbox"));
    assert_eq!(incoming.earlier_deliveries, Some(2));
    let read: Vec<_> = incoming.envelope.message().properties().iter().collect();
    assert_eq!(
        read,
        [
            ("decimal", &PropertyValue::F64(2.5)),
            ("time", &PropertyValue::I64(7)),
            ("u16", &PropertyValue::I32(65_535)),
            ("u32", &PropertyValue::I64(u32::MAX.into())),
            ("u8", &PropertyValue::I16(255)),
            ("x-request-id", &PropertyValue::String("r".into())),
        ]
    );
}

#[test]
fn a_dead_letter_can_be_read_though_it_had_expired() {
    let mut expired = headers();
    expired.expiration = expired.timestamp;
    let (properties, _) = encode(&Envelope::new(expired, Message::empty()), FRAME).unwrap();
    let mut table = properties.headers().clone().unwrap();
    table.insert("x-death".into(), AMQPValue::FieldArray(FieldArray::default()));
    let dead = BasicProperties::default().with_headers(table);
    assert_eq!(foreign(&dead, b"").headers().expiration, None);
}
