//! Every kind of message.

use anymq::{Body, BodyKind, Map, Message, SendOptions, Stream, Value};
use serde_json::{Value as Json, json};

use crate::common::hex;
use crate::stage::Stage;

const TEXTS: [&str; 4] = ["", "an espresso", "größe 日本", "<a>\r\n\t\"b\" & 'c'\\"];

/// Each with its type in Java.
fn values() -> Vec<(&'static str, Value, Json)> {
    vec![
        ("yes", Value::Bool(true), json!(["bool", "true"])),
        ("i8", Value::I8(i8::MIN), json!(["i8", "-128"])),
        ("i16", Value::I16(i16::MAX), json!(["i16", "32767"])),
        ("char", Value::Char('é'), json!(["char", "é"])),
        ("i32", Value::I32(i32::MIN), json!(["i32", "-2147483648"])),
        (
            "i64",
            Value::I64(9_007_199_254_740_993),
            json!(["i64", "9007199254740993"]),
        ),
        ("f32", Value::F32(0.1), json!(["f32", "0.1"])),
        ("f64", Value::F64(0.1), json!(["f64", "0.1"])),
        ("end", Value::F64(f64::NEG_INFINITY), json!(["f64", "-Infinity"])),
        (
            "text",
            Value::String(" <&>'\"\r\n  日本".into()),
            json!(["string", " <&>'\"\r\n  日本"]),
        ),
        ("digits", Value::String("007".into()), json!(["string", "007"])),
        ("empty", Value::String("".into()), json!(["string", ""])),
        ("a name", Value::I32(7), json!(["i32", "7"])),
    ]
}

pub(crate) async fn ours(stage: &mut Stage) {
    for text in TEXTS {
        let got = stage.send_to_java(Message::text(text), SendOptions::new()).await;
        assert_eq!((&got["kind"], &got["body"]), (&json!("text"), &json!(text)));
    }
    // ActiveMQ's client cannot read a text of STOMP that holds such a letter, so it gets the bytes.
    let got = stage.send_to_java(Message::text("😀"), SendOptions::new()).await;
    assert_eq!((&got["kind"], &got["body"]), (&json!("bytes"), &json!("f09f9880")));
    let bytes: Vec<u8> = (0..=255).collect();
    let digits = hex(&bytes);
    let got = stage.send_to_java(Message::bytes(bytes), SendOptions::new()).await;
    assert_eq!((&got["kind"], &got["body"]), (&json!("bytes"), &json!(digits)));

    let map: Map = Map::try_from_iter(values().into_iter().map(|(name, value, _)| (name, value))).unwrap();
    let got = stage.send_to_java(Message::map(map), SendOptions::new()).await;
    assert_eq!(got["kind"], "map");
    for (name, _, expected) in values() {
        assert_eq!(got["body"][name], expected, "{name}");
    }
    // What STOMP has no place for: Java gets their bytes.
    let with_bytes = Map::new().with("bytes", vec![1_u8]).unwrap();
    let stream: Stream = [Value::I32(7)].into_iter().collect();
    for (message, text) in [
        (Message::map(with_bytes), r#"{"bytes":{"type":"bytes","value":"AQ=="}}"#),
        (Message::stream(stream), r#"[{"type":"i32","value":7}]"#),
    ] {
        let got = stage.send_to_java(message, SendOptions::new()).await;
        assert_eq!(
            (&got["kind"], &got["body"]),
            (&json!("bytes"), &json!(hex(text.as_bytes())))
        );
    }
    let got = stage.send_to_java(Message::empty(), SendOptions::new()).await;
    assert_eq!((&got["kind"], &got["body"]), (&json!("bytes"), &json!("")));
}

pub(crate) async fn theirs(stage: &mut Stage) {
    for text in TEXTS {
        let received = stage.send_to_us(json!({"kind": "text", "body": text})).await;
        assert_eq!(received.as_text(), Some(text));
    }
    let received = stage.send_to_us(json!({"kind": "bytes", "body": "00ff80"})).await;
    assert_eq!(received.as_bytes().map(|bytes| &bytes[..]), Some(&[0, 255, 128][..]));

    let body: serde_json::Map<_, _> = values()
        .into_iter()
        .map(|(name, _, typed)| (name.to_owned(), typed))
        .chain([("bytes".to_owned(), json!(["bytes", "00ff"]))])
        .collect();
    let received = stage.send_to_us(json!({"kind": "map", "body": body})).await;
    let Body::Map(map) = received.body() else {
        panic!("{received:?}");
    };
    for (name, value, _) in values() {
        assert_eq!(map.get(name), Some(&value), "{name}");
    }
    assert_eq!(map.get("bytes"), Some(&Value::Bytes(vec![0, 255].into())));
    assert_eq!(map.len(), values().len() + 1);

    // The broker gives neither of them a body over STOMP.
    for what in [
        json!({"kind": "empty"}),
        json!({"kind": "stream", "body": [["i32", 7]]}),
    ] {
        let received = stage.send_to_us(what).await;
        assert_eq!((received.kind(), received.as_text()), (BodyKind::Text, Some("")));
    }
}
