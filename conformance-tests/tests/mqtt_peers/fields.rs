//! Headers and properties, at the places that MQTT 5 has for them.

use std::time::Duration;

use anymq::{BodyKind, Message, Priority, SendOptions, Timestamp};
use serde_json::json;

use crate::paho::{Paper, Version};
use crate::stage::{IN, OUT, Stage, topic};

const TTL: Duration = Duration::from_secs(600);

pub(crate) async fn ours(stage: &mut Stage) {
    let message = Message::text("espresso")
        .with_content_type("text/x-order")
        .with_correlation_id("order 7")
        .with_message_type("order")
        .with_reply_to(&topic(IN))
        .with_property("table", 7)
        .and_then(|message| message.with_property("fast", true))
        .and_then(|message| message.with_property("sweet", 0.25))
        .and_then(|message| message.with_property("name", "größe 😀"))
        .and_then(|message| message.with_property("lines", "a\nb\0c"))
        .unwrap();
    let options = SendOptions::new()
        .with_ttl(TTL)
        .with_priority(Priority::new(7).unwrap());
    let (receipt, got) = stage.send_to_paho(message, options).await;
    assert_eq!(got.topic, OUT);
    assert_eq!(got.properties["content-type"], "text/x-order");
    assert_eq!(got.properties["reply-to"], IN);
    assert_eq!(got.properties["correlation"], crate::common::hex(b"order 7"));
    let expiration = receipt.expiration().unwrap().as_millis().to_string();
    let id = receipt.message_id().unwrap().to_string();
    for (name, value) in [
        ("JMSMessageID", &*id),
        ("JMSExpiration", &expiration),
        ("JMSPriority", "7"),
        ("JMSType", "order"),
        ("table", "7"),
        ("fast", "true"),
        ("sweet", "0.25"),
        ("name", "größe 😀"),
        // What brokers hang up at.
        ("lines", "a%0Ab%00c"),
    ] {
        assert_eq!(got.user(name), Some(value), "{name}: {}", got.properties);
    }
    let types = got.user("JMS_anymq_types").unwrap();
    for kind in ["table=i32", "fast=bool", "sweet=f64"] {
        assert!(types.split(';').any(|part| part == kind), "{types}");
    }
    if stage.version == Version::Five {
        assert_eq!(got.properties["indicator"], 1);
        let left = got.properties["expiry"].as_u64().unwrap();
        // The broker counts down.
        assert!((TTL.as_secs() - 60..=TTL.as_secs()).contains(&left), "{left}");
    }
}

pub(crate) async fn theirs(stage: &mut Stage) {
    let user = json!([
        ["JMSType", "order"],
        ["JMSPriority", "7"],
        ["table", "7"],
        ["name", "größe 😀"],
        ["a.b", "dots"],
        ["twice", "first"],
        ["twice", "second"]
    ]);
    let mut properties = json!({"content-type": "application/json", "reply-to": OUT,
        "correlation": crate::common::hex(b"order 7"), "user": user});
    if stage.version == Version::Five {
        properties["expiry"] = json!(TTL.as_secs());
    }
    let before = Timestamp::now().as_millis();
    let paper = Paper::new(IN, br#"{"shots":2}"#).properties(properties);
    let received = stage.send_to_us(paper).await;
    assert_eq!(received.kind(), BodyKind::Object);
    assert_eq!(received.content_type(), Some("application/json"));
    assert_eq!(received.correlation_id(), Some("order 7"));
    assert_eq!(received.message_type(), Some("order"));
    assert_eq!(received.reply_to(), Some(&topic(OUT)));
    assert_eq!(received.priority().level(), 7);
    assert_eq!(received.message_id(), None);
    for (name, value) in [("table", "7"), ("name", "größe 😀")] {
        assert_eq!(received.properties().string(name).as_deref(), Some(value), "{name}");
    }
    if stage.version == Version::Five {
        let left = received.expiration().expect("it expires").as_millis() - before;
        let ttl = i64::try_from(TTL.as_millis()).unwrap();
        assert!((ttl - 60_000..=ttl + 60_000).contains(&left), "{left}");
    }
}
