use std::fmt;

use bytes::Bytes;
use bytestring::ByteString;

use crate::{Map, Stream};

/// What a message carries. Cloning shares, never copies.
#[derive(Clone, Debug, Default, PartialEq)]
pub enum Body {
    /// Nothing. JMS: a plain `Message`, or a body that is `null`.
    #[default]
    Empty,
    /// A text, which may be empty. JMS: `TextMessage`.
    Text(ByteString),
    /// Uninterpreted bytes. JMS: `BytesMessage`; with the content type of an object codec, `ObjectMessage`.
    Bytes(Bytes),
    /// Named values. JMS: `MapMessage`.
    Map(Map),
    /// A sequence of values. JMS: `StreamMessage`.
    Stream(Stream),
}

/// The kind of a message, as JMS counts them.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum BodyKind {
    /// No body.
    Empty,
    /// A text.
    Text,
    /// Bytes.
    Bytes,
    /// A map.
    Map,
    /// A stream.
    Stream,
    /// A serialised value: bytes whose content type names an object codec.
    Object,
}

impl fmt::Display for BodyKind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(match self {
            Self::Empty => "empty",
            Self::Text => "text",
            Self::Bytes => "bytes",
            Self::Map => "map",
            Self::Stream => "stream",
            Self::Object => "object",
        })
    }
}
