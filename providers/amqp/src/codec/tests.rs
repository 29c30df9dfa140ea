mod foreign;

use anymq_api::{
    Address, Body, BodyKind, DeliveryMode, Envelope, ErrorKind, Headers, Map, Message, MessageId, Priority, Properties,
    PropertyValue, Stream, Timestamp, Value,
};
use lapin::{
    BasicProperties,
    types::{AMQPValue, DecimalValue, FieldArray, FieldTable, ShortString},
};

use super::{decode, encode, send_mark, with_send_mark};

const FRAME: usize = 131_072;

fn address(text: &str) -> Address {
    text.parse().unwrap()
}

fn headers() -> Headers {
    let mut headers = Headers::new(address("queue:orders"));
    headers.message_id = Some(MessageId::parse("ID:1").unwrap());
    headers.timestamp = Some(Timestamp::from_millis(1_700_000_000_123));
    headers.delivery_time = headers.timestamp;
    headers
}

fn through(envelope: &Envelope) -> Envelope {
    let (properties, payload) = encode(envelope, FRAME).unwrap();
    decode(&properties, payload.to_vec(), &address("queue:elsewhere")).envelope
}

fn message_through(message: Message) -> Message {
    through(&Envelope::new(headers(), message)).message().clone()
}

fn foreign(properties: &BasicProperties, data: &[u8]) -> Envelope {
    decode(properties, data.to_vec(), &address("queue:inbox")).envelope
}

#[test]
fn headers_come_back() {
    let mut headers = headers();
    headers.destination = address("topic:prices.eu");
    headers.delivery_mode = DeliveryMode::NonPersistent;
    headers.priority = Priority::HIGHEST;
    headers.expiration = Some(Timestamp::from_millis(1_700_000_005_123));
    headers.delivery_time = Some(Timestamp::from_millis(1_700_000_001_123));
    let envelope = Envelope::new(headers, Message::text("a"));
    assert_eq!(through(&envelope), envelope);
}

#[test]
fn a_delayed_message_keeps_its_expiration_from_the_broker() {
    let mut headers = headers();
    let sent = headers.timestamp;
    headers.delivery_time = Some(Timestamp::from_millis(1_700_000_001_123));
    headers.expiration = Some(Timestamp::from_millis(1_700_000_005_123));
    let envelope = Envelope::new(headers, Message::text("a"));
    let (properties, payload) = encode(&envelope, FRAME).unwrap();
    assert!(properties.expiration().is_none());
    // As it comes out of the delay, and when it is dead-lettered after that.
    for (queues, expiration) in [
        (&["anymq.delay.1000"][..], envelope.headers().expiration),
        (&["anymq.delay.1000", "orders"][..], None),
        (&[][..], None),
    ] {
        let deaths = queues.iter().map(|queue| {
            let mut death = FieldTable::default();
            death.insert("queue".into(), AMQPValue::LongString((*queue).into()));
            AMQPValue::FieldTable(death)
        });
        let deaths = FieldArray::from(deaths.collect::<Vec<_>>());
        let mut headers = properties.headers().clone().unwrap();
        headers.insert("x-death".into(), AMQPValue::FieldArray(deaths));
        let properties = properties.clone().with_headers(headers);
        let incoming = decode(&properties, payload.to_vec(), &address("queue:orders"));
        assert_eq!(incoming.envelope.headers().expiration, expiration, "{queues:?}");
        assert_eq!(incoming.delayed_since, sent);
        assert!(incoming.envelope.message().properties().is_empty());
    }
}

#[test]
fn absent_headers_stay_absent() {
    let envelope = Envelope::new(Headers::new(address("temp-queue:t?x=1")), Message::empty());
    assert_eq!(through(&envelope), envelope);
}

#[test]
fn times_before_1970_come_back() {
    let mut early = headers();
    early.timestamp = Some(Timestamp::from_millis(-1));
    early.delivery_time = early.timestamp;
    let envelope = Envelope::new(early, Message::empty());
    assert_eq!(through(&envelope), envelope);
}

#[test]
fn the_broker_is_told_the_time_left() {
    let expiration = |ttl: i64| {
        let mut headers = headers();
        headers.expiration = Some(Timestamp::from_millis(1_700_000_000_123 + ttl));
        let (properties, _) = encode(&Envelope::new(headers, Message::empty()), FRAME).unwrap();
        properties.expiration().clone().map(String::from)
    };
    assert_eq!(expiration(250).as_deref(), Some("250"));
    assert_eq!(expiration(-5).as_deref(), Some("0"));
    assert_eq!(expiration(5_000_000_000), None);
}

#[test]
fn every_kind_of_body_comes_back() {
    for message in [
        Message::empty(),
        Message::text(""),
        Message::text("grüße"),
        Message::bytes(Vec::new()),
        Message::bytes(vec![0, 159, 146, 150]),
        Message::bytes(b"{}".to_vec()).with_content_type("application/json"),
        Message::map(Map::default()),
        Message::stream(Stream::default()),
    ] {
        let kind = message.kind();
        let back = message_through(message.clone());
        assert_eq!(back, message);
        assert_eq!(back.kind(), kind);
    }
}

#[test]
fn a_chosen_content_type_does_not_change_the_kind() {
    let map = || {
        let mut map = Map::default();
        map.set_from_wire("a", Value::I32(1));
        map
    };
    for message in [
        Message::text("<a/>").with_content_type("application/xml"),
        Message::text("a").with_content_type("text/plain"),
        Message::bytes(b"a".to_vec()).with_content_type("text/plain"),
        Message::map(map()).with_content_type("application/json"),
        Message::empty().with_content_type("text/plain"),
    ] {
        assert_eq!(message_through(message.clone()), message);
    }
}

fn values() -> Vec<Value> {
    vec![
        Value::Null,
        Value::Bool(true),
        Value::I8(i8::MIN),
        Value::I16(i16::MIN),
        Value::Char('\0'),
        Value::Char('🦀'),
        Value::I32(i32::MIN),
        Value::I64(i64::MIN),
        Value::I64(i64::MAX),
        Value::F32(f32::MIN_POSITIVE),
        Value::F32(0.1),
        Value::F32(-0.0),
        Value::F32(f32::NEG_INFINITY),
        Value::F64(f64::MAX),
        Value::F64(5e-324),
        Value::F64(0.1 + 0.2),
        Value::F64(-0.0),
        Value::F64(f64::INFINITY),
        Value::String("a\"\u{7f}\n".into()),
        Value::String("NaN".into()),
        Value::Bytes(vec![0, 255].into()),
        Value::Bytes(Vec::new().into()),
    ]
}

/// Unlike `==`, tells zeros apart.
fn exactly(values: &[Value]) -> String {
    format!("{values:?}")
}

#[test]
fn every_value_comes_back_to_the_last_bit() {
    let back = message_through(Message::stream(values().into_iter().collect()));
    assert_eq!(exactly(back.as_stream().unwrap().values()), exactly(&values()));

    let mut map = Map::default();
    for (index, value) in values().into_iter().enumerate() {
        map.set_from_wire(format!("{index:02} ü"), value);
    }
    let back = message_through(Message::map(map));
    let read: Vec<_> = back.as_map().unwrap().iter().map(|(_, value)| value.clone()).collect();
    assert_eq!(exactly(&read), exactly(&values()));
}

#[test]
fn not_a_number_comes_back() {
    let nan = [Value::F32(f32::NAN), Value::F64(f64::NAN)];
    let back = message_through(Message::stream(nan.iter().cloned().collect()));
    assert_eq!(exactly(back.as_stream().unwrap().values()), exactly(&nan));
}

#[test]
fn properties_keep_their_types() {
    let mut properties = Properties::default();
    for (name, value) in [
        ("bool", PropertyValue::Bool(false)),
        ("i8", PropertyValue::I8(-1)),
        ("i16", PropertyValue::I16(-1)),
        ("i32", PropertyValue::I32(-1)),
        ("i64", PropertyValue::I64(-1)),
        ("f32", PropertyValue::F32(0.1)),
        ("f64", PropertyValue::F64(0.1)),
        ("text", PropertyValue::String("ä".into())),
        ("empty", PropertyValue::String("".into())),
        ("JMSXGroupID", PropertyValue::String("g".into())),
        ("CC", PropertyValue::String("not a route".into())),
        ("BCC", PropertyValue::I32(1)),
    ] {
        properties.set_from_wire(name, value);
    }
    let message = Message::empty().with_properties(properties);
    assert_eq!(message_through(message.clone()), message);
    let (sent, _) = encode(&Envelope::new(headers(), message), FRAME).unwrap();
    assert!(!sent.headers().as_ref().unwrap().contains_key("CC"));
}

#[test]
fn properties_that_are_no_finite_numbers_come_back() {
    let values = [
        PropertyValue::F32(f32::NAN),
        PropertyValue::F32(f32::INFINITY),
        PropertyValue::F32(f32::NEG_INFINITY),
        PropertyValue::F64(f64::NAN),
        PropertyValue::F64(f64::INFINITY),
        PropertyValue::F64(f64::NEG_INFINITY),
        PropertyValue::F64(-0.0),
    ];
    let mut properties = Properties::default();
    for (index, value) in values.iter().enumerate() {
        properties.set_from_wire(format!("p{index}"), value.clone());
    }
    let message = Message::empty().with_properties(properties);
    let (sent, _) = encode(&Envelope::new(headers(), message.clone()), FRAME).unwrap();
    let is_float = |value: &AMQPValue| matches!(value, AMQPValue::Float(_) | AMQPValue::Double(_));
    let floats = sent.headers().as_ref().unwrap().inner().values();
    assert_eq!(floats.filter(|value| is_float(value)).count(), 1);
    let back = message_through(message);
    let read: Vec<_> = back.properties().iter().map(|(_, value)| value).collect();
    assert_eq!(format!("{read:?}"), format!("{:?}", values.iter().collect::<Vec<_>>()));
}

#[test]
fn a_property_cannot_pass_for_a_header() {
    let mut properties = Properties::default();
    for name in [
        "JMSDestination",
        "JMSDeliveryTime",
        "JMSReplyTo",
        "JMSXDeliveryCount",
        "x-anymq-body",
        "x-anymq-send",
        "x-death",
        "x-delivery-count",
    ] {
        properties.set_from_wire(name, PropertyValue::I64(9));
    }
    let message = Message::text("a").with_properties(properties);
    let envelope = through(&Envelope::new(headers(), message));
    assert_eq!(envelope, Envelope::new(headers(), Message::text("a")));
}

#[test]
fn long_and_empty_ids_come_back() {
    let long = "x".repeat(300);
    for text in ["", "short", &long] {
        let message = Message::empty()
            .with_correlation_id(text.to_owned())
            .with_message_type(text.to_owned());
        assert_eq!(message_through(message.clone()), message);
    }
    let mut headers = headers();
    headers.message_id = Some(MessageId::parse(&long).unwrap());
    let envelope = Envelope::new(headers, Message::empty());
    assert_eq!(through(&envelope), envelope);
}

#[test]
fn a_reply_to_comes_back_and_names_a_queue_to_others() {
    let cases: [(Address, Option<&str>); 4] = [
        (address("queue:replies"), Some("replies")),
        (address("queue:replies?x=1"), Some("replies")),
        (address("temp-queue:t1"), Some("t1")),
        (address("topic:news"), None),
    ];
    for (reply_to, field) in cases {
        let message = Message::empty().with_reply_to(&reply_to);
        let (properties, _) = encode(&Envelope::new(headers(), message.clone()), FRAME).unwrap();
        assert_eq!(properties.reply_to().as_ref().map(ShortString::as_str), field);
        let back = message_through(message);
        assert_eq!(back.reply_to().map(ToString::to_string), Some(reply_to.to_string()));
    }
}

#[test]
fn what_does_not_fit_is_refused_before_the_client_library_sees_it() {
    let mut properties = Properties::default();
    properties.set_from_wire("n".repeat(256), PropertyValue::I32(1));
    let long_name = Message::empty().with_properties(properties);
    let long_type = Message::empty().with_content_type("t".repeat(256));
    let mut properties = Properties::default();
    properties.set_from_wire("big", PropertyValue::String("v".repeat(FRAME).into()));
    let too_much = Message::empty().with_properties(properties);
    for message in [long_name, long_type, too_much] {
        let error = encode(&Envelope::new(headers(), message), FRAME).unwrap_err();
        assert_eq!(error.kind(), ErrorKind::MessageFormat);
    }
}

#[test]
fn a_mark_tells_sends_apart_and_is_no_property() {
    let (properties, _) = encode(&Envelope::new(headers(), Message::empty()), FRAME).unwrap();
    assert_eq!(send_mark(&properties), None);
    let marked = with_send_mark(properties, 42);
    assert_eq!(send_mark(&marked), Some(42));
    assert_eq!(
        *foreign(&marked, b"").message(),
        foreign(&marked, b"")
            .message()
            .clone()
            .with_properties(Properties::default())
    );
}
