//! Bodies and content types.

use anymq_api::{Body, BodyKind, Envelope, Message};

use super::value;

pub(crate) const TEXT: &str = "text/plain";
pub(crate) const BYTES: &str = "application/octet-stream";
pub(crate) const MAP: &str = "application/vnd.anymq.map+json";
pub(crate) const STREAM: &str = "application/vnd.anymq.stream+json";

/// A body on its way to the broker: the message's own bytes, or their encoding.
#[derive(Debug)]
pub(crate) struct Payload {
    envelope: Envelope,
    encoded: Option<Vec<u8>>,
}

impl Payload {
    pub(crate) fn of(envelope: &Envelope) -> Self {
        let encoded = match envelope.message().body() {
            Body::Map(map) => Some(value::write_map(map)),
            Body::Stream(stream) => Some(value::write_stream(stream)),
            Body::Empty | Body::Text(_) | Body::Bytes(_) => None,
        };
        Self {
            envelope: envelope.clone(),
            encoded,
        }
    }

    pub(crate) fn as_slice(&self) -> &[u8] {
        if let Some(encoded) = &self.encoded {
            return encoded;
        }
        match self.envelope.message().body() {
            Body::Text(text) => text.as_bytes(),
            Body::Bytes(bytes) => bytes,
            Body::Empty | Body::Map(_) | Body::Stream(_) => &[],
        }
    }
}

/// The content type of a message whose application chose none.
pub(crate) fn natural_type(body: &Body) -> Option<&'static str> {
    match body {
        Body::Empty => None,
        Body::Text(_) => Some(TEXT),
        Body::Bytes(_) => Some(BYTES),
        Body::Map(_) => Some(MAP),
        Body::Stream(_) => Some(STREAM),
    }
}

/// What the header says that names a body's kind.
pub(crate) fn kind_name(kind: BodyKind) -> &'static str {
    match kind {
        BodyKind::Empty => "empty",
        BodyKind::Text => "text",
        BodyKind::Bytes => "bytes",
        BodyKind::Map => "map",
        BodyKind::Stream => "stream",
        BodyKind::Object => "object",
    }
}

/// The body as the header or else the content type says; bytes where it is not of that kind.
pub(crate) fn read(kind: Option<&str>, content_type: Option<&str>, data: Vec<u8>) -> Message {
    match kind.unwrap_or_else(|| kind_by_type(content_type)) {
        "empty" if data.is_empty() => Message::empty(),
        "text" => match String::from_utf8(data) {
            Ok(text) => Message::text(text),
            Err(error) => Message::bytes(error.into_bytes()),
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
