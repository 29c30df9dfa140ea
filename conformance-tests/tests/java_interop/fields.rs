//! Properties, headers and replies.

use std::time::Duration;

use anymq::{DeliveryMode, Destination as _, Message, Priority, PropertyValue, SendOptions};
use serde_json::{Value as Json, json};

use crate::peer::LIMIT;
use crate::stage::{IN, OUT, Stage, next, queue};

/// A property of ours, and its value in Java: STOMP carries texts.
fn properties() -> Vec<(&'static str, PropertyValue, &'static str, &'static str)> {
    vec![
        ("yes", true.into(), "bool", "true"),
        ("i8", i8::MIN.into(), "i8", "-128"),
        ("i16", i16::MAX.into(), "i16", "32767"),
        ("i32", i32::MIN.into(), "i32", "-2147483648"),
        ("i64", i64::MAX.into(), "i64", "9223372036854775807"),
        ("f32", 0.1_f32.into(), "f32", "0.1"),
        ("f64", 0.1_f64.into(), "f64", "0.1"),
        ("end", f64::INFINITY.into(), "f64", "Infinity"),
        ("text", "größe 日: a\\b\r\nc".into(), "string", "größe 日: a\\b\r\nc"),
        ("none", "".into(), "string", ""),
    ]
}

pub(crate) async fn ours(stage: &mut Stage) {
    let mut message = Message::text("fields")
        .with_correlation_id("order 7")
        .with_message_type("order")
        .with_reply_to(&queue(IN));
    for (name, value, ..) in properties() {
        message = message.with_property(name, value).unwrap();
    }
    let options = SendOptions::new()
        .with_priority(Priority::new(7).unwrap())
        .with_delivery_mode(DeliveryMode::NonPersistent)
        .with_ttl(Duration::from_secs(600));
    let got = stage.send_to_java(message, options).await;
    for (name, _, _, text) in properties() {
        assert_eq!(got["properties"][name], json!(["string", text]), "{name}");
    }
    let headers = ["correlation", "type", "priority", "persistent", "redelivered", "reply"];
    let expected = json!(["order 7", "order", 7, false, false, format!("queue://{IN}")]);
    let told: Vec<Json> = headers.iter().map(|name| got[*name].clone()).collect();
    assert_eq!(json!(told), expected);
    assert!(got["expiration"].as_i64().is_some_and(|at| at > 0), "{got}");
}

pub(crate) async fn theirs(stage: &mut Stage) {
    let typed: serde_json::Map<_, _> = properties()
        .into_iter()
        .map(|(name, _, kind, text)| (name.to_owned(), java_value(kind, text)))
        .collect();
    let what = json!({"kind": "text", "body": "fields", "properties": typed, "correlation": "order 7", "type": "order",
        "priority": 7, "persistent": false, "ttl": 600_000, "reply": format!("queue:{OUT}")});
    let received = stage.send_to_us(what).await;
    for (name, _, _, text) in properties() {
        let expected = PropertyValue::String(text.to_owned().into());
        assert_eq!(received.property(name), Some(&expected), "{name}");
    }
    assert_eq!(received.properties().len(), properties().len());
    assert_eq!(received.correlation_id(), Some("order 7"));
    assert_eq!(received.message_type(), Some("order"));
    assert_eq!(received.priority().level(), 7);
    assert_eq!(received.delivery_mode(), DeliveryMode::NonPersistent);
    assert!(received.expiration().is_some() && received.timestamp().is_some());
    assert_eq!(
        received.reply_to().map(ToString::to_string),
        Some(format!("queue:{OUT}"))
    );
    assert!(received.message_id().is_some() && !received.redelivered());
}

/// Numbers and booleans as Java's parser wants them.
fn java_value(kind: &str, text: &str) -> Json {
    match kind {
        "string" | "f32" | "f64" => json!([kind, text]),
        _ => json!([kind, serde_json::from_str::<Json>(text).unwrap()]),
    }
}

pub(crate) async fn java_answers(stage: &mut Stage) {
    let replies = stage.session.create_temporary_queue().await.unwrap();
    let consumer = stage.session.create_consumer(&replies).await.unwrap();
    let request = Message::text("espresso?")
        .with_correlation_id("r1")
        .with_reply_to(replies.address());
    let got = stage.send_to_java(request, SendOptions::new()).await;
    let reply = got["reply"].as_str().unwrap().to_owned();
    let what = json!({"kind": "text", "body": "yes", "correlation": got["correlation"]});
    stage.peer.send(&reply, what).await;
    let answer = next(&consumer).await;
    assert_eq!((answer.as_text(), answer.correlation_id()), (Some("yes"), Some("r1")));
    consumer.close().await.unwrap();
}

pub(crate) async fn java_asks(stage: &mut Stage) {
    stage.peer.consume("replies", "temporary", None).await;
    let what = json!({"kind": "text", "body": "espresso?", "correlation": "r2", "reply": "temporary"});
    let request = stage.send_to_us(what).await;
    let to = request.reply_to().expect("a reply-to").clone();
    let producer = stage.session.create_producer(&to).await.unwrap();
    let reply = Message::text("no").with_correlation_id(request.correlation_id().unwrap().to_owned());
    tokio::time::timeout(LIMIT, producer.send(reply))
        .await
        .unwrap()
        .unwrap();
    let got = stage.peer.receive("replies").await;
    assert_eq!((&got["body"], &got["correlation"]), (&json!("no"), &json!("r2")));
    stage.peer.close("replies").await;
}
