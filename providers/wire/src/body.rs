use anymq_api::{Body, Message};
use bytes::Bytes;
use bytestring::ByteString;

use super::value;

const TEXT: &str = "text/plain";
const BYTES: &str = "application/octet-stream";
const MAP: &str = "application/vnd.anymq.map+json";
const STREAM: &str = "application/vnd.anymq.stream+json";

/// A body as it goes to the broker. Texts and bytes are shared, not copied.
pub fn payload(body: &Body) -> Bytes {
    match body {
        Body::Empty => Bytes::new(),
        Body::Text(text) => text.as_bytes().clone(),
        Body::Bytes(bytes) => bytes.clone(),
        Body::Map(map) => value::write_map(map).into(),
        Body::Stream(stream) => value::write_stream(stream).into(),
    }
}

/// The content type of a message whose application chose none.
pub fn natural_type(body: &Body) -> Option<&'static str> {
    match body {
        Body::Empty => None,
        Body::Text(_) => Some(TEXT),
        Body::Bytes(_) => Some(BYTES),
        Body::Map(_) => Some(MAP),
        Body::Stream(_) => Some(STREAM),
    }
}

/// The message that `data` is the body of: of the kind that is named, as [`BodyKind`](anymq_api::BodyKind) shows itself, or
/// else that of the content type; bytes where it is not of that kind.
pub fn read(kind: Option<&str>, content_type: Option<&str>, data: Bytes) -> Message {
    match kind.unwrap_or_else(|| kind_by_type(content_type)) {
        "empty" if data.is_empty() => Message::empty(),
        "text" => match ByteString::try_from(data.clone()) {
            Ok(text) => Message::text(text),
            Err(_) => Message::bytes(data),
        },
        "map" => match value::read_map(&data) {
            Some(map) => Message::map(map),
            None => Message::bytes(data),
        },
        "stream" => match value::read_stream(&data) {
            Some(stream) => Message::stream(stream),
            None => Message::bytes(data),
        },
        _ => Message::bytes(data),
    }
}

fn kind_by_type(content_type: Option<&str>) -> &'static str {
    match content_type {
        Some(MAP) => "map",
        Some(STREAM) => "stream",
        Some(text) if text.get(..5).is_some_and(|start| start.eq_ignore_ascii_case("text/")) => "text",
        _ => "bytes",
    }
}

#[cfg(test)]
mod tests {
    use anymq_api::{BodyKind, Map, Stream, Value};

    use super::*;

    fn through(message: &Message) -> Message {
        read(Some(&message.kind().to_string()), None, payload(message.body()))
    }

    #[test]
    fn bodies_come_back() {
        let values = [
            Value::Null,
            Value::Bool(true),
            Value::I8(-8),
            Value::I16(16),
            Value::Char('é'),
            Value::I32(i32::MIN),
            Value::I64(i64::MAX),
            Value::F32(f32::MIN_POSITIVE),
            Value::F64(f64::NEG_INFINITY),
            Value::String("s".into()),
            Value::Bytes(vec![0, 255].into()),
        ];
        let stream: Stream = values.iter().cloned().collect();
        let mut map = Map::default();
        for (number, value) in values.into_iter().enumerate() {
            map.set_from_wire(format!("v{number}"), value);
        }
        for message in [
            Message::empty(),
            Message::text("é\0"),
            Message::bytes(vec![1, 0, 255]),
            Message::map(map),
            Message::stream(stream),
        ] {
            assert_eq!(through(&message).body(), message.body());
        }
    }

    #[test]
    fn what_is_not_of_its_kind_is_bytes() {
        for (kind, data) in [
            ("text", &b"\xff"[..]),
            ("map", b"[]"),
            ("stream", b"{"),
            ("empty", b"x"),
            ("?", b"x"),
        ] {
            let data = Bytes::from_static(data);
            let message = read(Some(kind), None, data.clone());
            assert_eq!(
                (message.kind(), message.as_bytes()),
                (BodyKind::Bytes, Some(&data)),
                "{kind}"
            );
        }
    }

    #[test]
    fn bodies_are_not_copied() {
        let text = ByteString::from("a text".to_owned());
        let sent = payload(&Body::Text(text.clone()));
        let received = read(Some("text"), None, sent);
        assert_eq!(received.as_text().map(str::as_ptr), Some(text.as_ptr()));
    }
}
