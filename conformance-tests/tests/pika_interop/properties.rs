//! Every type of property, at its ends.

use anymq::{Message, PropertyValue, SendOptions};
use serde_json::{Value as Json, json};

use crate::peer::Publish;
use crate::stage::{IN, Stage};

/// A property, the header that carries it, and what stands there.
fn both_ways() -> Vec<(&'static str, PropertyValue, &'static str, Json)> {
    vec![
        ("yes", true.into(), "yes", json!(["t", true])),
        ("no", false.into(), "no", json!(["t", false])),
        ("i8", i8::MIN.into(), "i8", json!(["b", i8::MIN])),
        ("i16", i16::MIN.into(), "i16", json!(["s", i16::MIN])),
        ("i32", i32::MIN.into(), "i32", json!(["I", i32::MIN])),
        ("i64", i64::MIN.into(), "i64", json!(["l", i64::MIN])),
        ("i64_max", i64::MAX.into(), "i64_max", json!(["l", i64::MAX])),
        ("f32", 0.1_f32.into(), "f32", json!(["f", f64::from(0.1_f32)])),
        ("f64", 0.1_f64.into(), "f64", json!(["d", 0.1])),
        (
            "f32_end",
            f32::INFINITY.into(),
            "x-anymq-f32-f32_end",
            json!(["S", "Infinity"]),
        ),
        (
            "f64_end",
            f64::NEG_INFINITY.into(),
            "x-anymq-f64-f64_end",
            json!(["S", "-Infinity"]),
        ),
        ("text", "größe 😀".into(), "text", json!(["S", "größe 😀"])),
        ("none", "".into(), "none", json!(["S", ""])),
        ("CC", "me too".into(), "x-anymq-property-CC", json!(["S", "me too"])),
        ("JMSXGroupID", "g".into(), "JMSXGroupID", json!(["S", "g"])),
        ("JMSXGroupSeq", 7.into(), "JMSXGroupSeq", json!(["I", 7])),
    ]
}

pub(crate) async fn ours(stage: &mut Stage) {
    let mut message = Message::text("properties");
    for (name, value, _, _) in both_ways() {
        message = message.with_property(name, value).unwrap();
    }
    let (_, got) = stage.send_to_pika(message, SendOptions::new()).await;
    for (_, _, header, value) in both_ways() {
        assert_eq!(got.headers.get(header), Some(&value), "{header}");
    }
    let ours = both_ways();
    let headers = got.headers.as_object().unwrap().keys();
    let mut others: Vec<_> = headers
        .filter(|name| ours.iter().all(|(_, _, header, _)| header != name))
        .collect();
    others.sort();
    assert_eq!(others, ["JMSDestination", "JMSTimestamp"]);
}

pub(crate) async fn theirs(stage: &mut Stage) {
    let headers: serde_json::Map<_, _> = both_ways()
        .into_iter()
        .map(|(_, _, header, value)| (header.to_owned(), value))
        .collect();
    let publish = Publish::to(IN, b"").headers(headers.into());
    let received = stage.send_to_us(publish).await;
    for (name, value, _, _) in both_ways() {
        assert_eq!(received.property(name), Some(&value), "{name}");
    }
    assert_eq!(received.properties().len(), both_ways().len());
}
