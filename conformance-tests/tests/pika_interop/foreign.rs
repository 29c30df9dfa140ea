//! What pika sends by itself, without a thought of JMS.

use anymq::{BodyKind, PropertyValue};
use serde_json::json;

use crate::peer::Publish;
use crate::stage::{IN, Stage};

pub(crate) async fn is_read_as_what_fits_best(stage: &mut Stage) {
    bodies(stage).await;
    headers(stage).await;
    extremes(stage).await;
}

async fn bodies(stage: &mut Stage) {
    let text = "größe 😀";
    for (content_type, body, kind) in [
        (Some("text/plain"), text.as_bytes(), BodyKind::Text),
        (Some("TEXT/Markdown"), text.as_bytes(), BodyKind::Text),
        (Some("text/plain"), b"gr\xf6\xdfe", BodyKind::Bytes),
        (Some("application/json"), br#"{"shots":2}"#, BodyKind::Object),
        (Some("application/octet-stream"), b"\x00\xff", BodyKind::Bytes),
        (Some("application/vnd.anymq.map+json"), b"no map", BodyKind::Bytes),
        (None, text.as_bytes(), BodyKind::Bytes),
    ] {
        let fields = content_type.map_or(json!({}), |content_type| json!({"content_type": content_type}));
        let received = stage.send_to_us(Publish::to(IN, body).fields(fields)).await;
        assert_eq!(received.kind(), kind, "{content_type:?}");
        assert_eq!(received.content_type(), content_type);
        match received.as_text() {
            Some(text) => assert_eq!(text.as_bytes(), body),
            None => assert_eq!(received.as_bytes().unwrap(), body),
        }
    }
}

/// As pika writes Python's values (it has no way to write floats), and the types that JMS does not have.
async fn headers(stage: &mut Stage) {
    let headers = json!({
        "int": ["py", -7],
        "long": ["py", 5_000_000_000_i64],
        "str": ["py", "größe"],
        "bool": ["py", true],
        "u8": ["B", u8::MAX],
        "u16": ["u", u16::MAX],
        "u32": ["i", u32::MAX],
        "instant": ["T", 4_000_000_000_i64],
        "None": ["py", null],
        "list": ["py", [1, 2]],
        "dict": ["py", {"a": 1}],
        "bytes": ["x", "00ff"],
    });
    let received = stage.send_to_us(Publish::to(IN, b"").headers(headers)).await;
    let mut properties: Vec<_> = received
        .properties()
        .iter()
        .map(|(name, value)| (name, value.clone()))
        .collect();
    properties.sort_by_key(|(name, _)| *name);
    let expected: [(&str, PropertyValue); 8] = [
        ("bool", true.into()),
        ("instant", 4_000_000_000_i64.into()),
        ("int", (-7).into()),
        ("long", 5_000_000_000_i64.into()),
        ("str", "größe".into()),
        ("u16", i32::from(u16::MAX).into()),
        ("u32", i64::from(u32::MAX).into()),
        ("u8", i16::from(u8::MAX).into()),
    ];
    assert_eq!(properties, expected);
}

/// A priority above JMS's highest, and texts that are there and empty.
async fn extremes(stage: &mut Stage) {
    let fields = json!({"priority": 255, "correlation_id": "", "type": "", "message_id": "", "reply_to": ""});
    let received = stage.send_to_us(Publish::to(IN, b"").fields(fields)).await;
    assert_eq!(received.priority().level(), 9);
    assert_eq!(received.correlation_id(), Some(""));
    assert_eq!(received.message_type(), Some(""));
    assert_eq!(received.message_id(), None);
    assert_eq!(received.reply_to(), None);
}
