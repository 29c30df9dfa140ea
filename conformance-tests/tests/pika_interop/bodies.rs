//! Every kind of body, in the form that the provider's documentation tells to others.

use anymq::{Body, BodyKind, Map, Message, SendOptions, Stream, Value};
use serde_json::{Value as Json, json};

use crate::peer::Publish;
use crate::stage::{IN, Stage};

const TEXT: &str = "größe \0 😀\r\n";
const BYTES: &[u8] = b"\x00\xff\x80bytes";

/// A body, and what stands for it on the wire.
struct Form {
    message: Message,
    kind: BodyKind,
    content_type: Option<&'static str>,
    encoding: Option<&'static str>,
    header: Option<&'static str>,
    data: Vec<u8>,
}

impl Form {
    fn fields(&self) -> Json {
        let mut fields = json!({});
        for (name, value) in [("content_type", self.content_type), ("content_encoding", self.encoding)] {
            if let Some(value) = value {
                fields[name] = value.into();
            }
        }
        fields
    }

    fn headers(&self) -> Json {
        match self.header {
            Some(kind) => json!({"x-anymq-body": ["S", kind]}),
            None => json!({}),
        }
    }
}

fn values() -> Vec<(&'static str, Value, Json)> {
    vec![
        ("null", Value::Null, json!({"type": "null"})),
        ("bool", true.into(), json!({"type": "bool", "value": true})),
        ("i8", i8::MIN.into(), json!({"type": "i8", "value": i8::MIN})),
        ("i16", i16::MIN.into(), json!({"type": "i16", "value": i16::MIN})),
        ("i32", i32::MIN.into(), json!({"type": "i32", "value": i32::MIN})),
        ("i64", i64::MIN.into(), json!({"type": "i64", "value": i64::MIN})),
        (
            "f32",
            0.1_f32.into(),
            json!({"type": "f32", "value": f64::from(0.1_f32)}),
        ),
        ("f64", 0.1_f64.into(), json!({"type": "f64", "value": 0.1})),
        (
            "endless",
            f64::INFINITY.into(),
            json!({"type": "f64", "value": "Infinity"}),
        ),
        ("char", 'ß'.into(), json!({"type": "char", "value": "ß"})),
        ("string", TEXT.into(), json!({"type": "string", "value": TEXT})),
        (
            "bytes",
            Value::Bytes(BYTES.into()),
            json!({"type": "bytes", "value": "AP+AYnl0ZXM="}),
        ),
    ]
}

fn map() -> (Message, Vec<u8>) {
    let entries = values().into_iter().map(|(name, value, _)| (name, value));
    let data: serde_json::Map<_, _> = values()
        .into_iter()
        .map(|(name, _, json)| (name.to_owned(), json))
        .collect();
    let map = Map::try_from_iter(entries).unwrap();
    (Message::map(map), Json::Object(data).to_string().into())
}

fn stream() -> (Message, Vec<u8>) {
    let stream: Stream = values().into_iter().map(|(_, value, _)| value).collect();
    let data = values().into_iter().map(|(_, _, json)| json).collect();
    (Message::stream(stream), Json::Array(data).to_string().into())
}

fn forms() -> Vec<Form> {
    let form = |message: Message, content_type, data: &[u8]| Form {
        kind: message.kind(),
        encoding: message.as_text().map(|_| "utf-8"),
        message,
        content_type,
        header: None,
        data: data.to_owned(),
    };
    let said = |form: Form, header| Form {
        header: Some(header),
        ..form
    };
    let object = Message::object(&json!({"drink": "espresso", "shots": 2})).unwrap();
    let object_data = object.as_bytes().unwrap().to_vec();
    let page = Message::text(TEXT).with_content_type("text/html");
    let image = Message::bytes(BYTES).with_content_type("image/png");
    let ((map, map_data), (stream, stream_data)) = (map(), stream());
    vec![
        said(form(Message::empty(), None, b""), "empty"),
        form(Message::text(TEXT), Some("text/plain"), TEXT.as_bytes()),
        form(Message::text(""), Some("text/plain"), b""),
        said(form(page, Some("text/html"), TEXT.as_bytes()), "text"),
        form(Message::bytes(BYTES), Some("application/octet-stream"), BYTES),
        said(form(image, Some("image/png"), BYTES), "bytes"),
        form(map, Some("application/vnd.anymq.map+json"), &map_data),
        form(stream, Some("application/vnd.anymq.stream+json"), &stream_data),
        said(form(object, Some("application/json"), &object_data), "object"),
    ]
}

fn parsed(data: &[u8]) -> Json {
    serde_json::from_slice(data).unwrap()
}

pub(crate) async fn ours(stage: &mut Stage) {
    for form in forms() {
        let (_, got) = stage.send_to_pika(form.message.clone(), SendOptions::new()).await;
        let kind = form.kind;
        assert_eq!(
            got.fields.get("content_type").and_then(Json::as_str),
            form.content_type,
            "{kind:?}"
        );
        assert_eq!(
            got.fields.get("content_encoding").and_then(Json::as_str),
            form.encoding,
            "{kind:?}"
        );
        assert_eq!(
            got.headers.get("x-anymq-body"),
            form.headers().get("x-anymq-body"),
            "{kind:?}"
        );
        if matches!(form.message.body(), Body::Map(_) | Body::Stream(_)) {
            assert_eq!(parsed(&got.body), parsed(&form.data), "{kind:?}");
        } else {
            assert_eq!(got.body, form.data, "{kind:?}");
        }
    }
}

pub(crate) async fn theirs(stage: &mut Stage) {
    for form in forms() {
        let publish = Publish::to(IN, &form.data)
            .fields(form.fields())
            .headers(form.headers());
        let received = stage.send_to_us(publish).await;
        assert_eq!(received.kind(), form.kind);
        assert_eq!(received.body(), form.message.body());
        assert!(received.properties().is_empty(), "{:?}", form.kind);
    }
}
