//! Bodies as Rust types, and readers over them.

use bytes::Bytes;
use bytestring::ByteString;

use crate::{Body, BodyKind, BytesReader, Error, ErrorKind, Map, Message, Result, StreamReader};

/// A type that a body can be taken as: `String` and [`ByteString`] of a text, [`Bytes`] and `Vec<u8>` of bytes,
/// [`Map`] of a map. Sealed. JMS: the class given to `getBody`.
pub trait FromBody: sealed::Sealed + Sized {
    /// The kind of message it is the body of.
    const KIND: BodyKind;

    #[doc(hidden)]
    fn from_body(body: &Body) -> Option<Self>;
}

mod sealed {
    pub trait Sealed {}
}

macro_rules! from_body {
    ($($type:ty: $kind:ident, $body:ident => $take:expr;)*) => {$(
        impl sealed::Sealed for $type {}

        impl FromBody for $type {
            const KIND: BodyKind = BodyKind::$kind;

            fn from_body(body: &Body) -> Option<Self> {
                match body {
                    Body::$kind($body) => Some($take),
                    _ => None,
                }
            }
        }
    )*};
}

from_body! {
    ByteString: Text, text => text.clone();
    String: Text, text => text.to_string();
    Bytes: Bytes, bytes => bytes.clone();
    Vec<u8>: Bytes, bytes => bytes.to_vec();
    Map: Map, map => map.clone();
}

impl Message {
    /// The body as a Rust type; none when the message has no body, whatever the type. JMS: `getBody`.
    ///
    /// [`ByteString`], [`Bytes`] and [`Map`] share the body, `String` and `Vec<u8>` copy it. For an object message
    /// there is [`object_as`](Self::object_as).
    ///
    /// ```
    /// use anymq_api::{ErrorKind, Message};
    ///
    /// let message = Message::text("one espresso");
    /// assert_eq!(message.body_as::<String>()?.as_deref(), Some("one espresso"));
    /// assert_eq!(message.body_as::<Vec<u8>>().unwrap_err().kind(), ErrorKind::MessageFormat);
    /// assert_eq!(Message::empty().body_as::<String>()?, None);
    /// # Ok::<(), anymq_api::Error>(())
    /// ```
    ///
    /// # Errors
    /// [`ErrorKind::MessageFormat`] when the body is of another kind; that of a stream or object message always is.
    pub fn body_as<T: FromBody>(&self) -> Result<Option<T>> {
        match self.kind() {
            BodyKind::Empty => Ok(None),
            kind if kind == T::KIND => Ok(T::from_body(self.body())),
            _ => Err(self.mismatch(T::KIND)),
        }
    }

    /// Whether [`body_as`](Self::body_as) gives this type. JMS: `isBodyAssignableTo`.
    pub fn is_body_assignable_to<T: FromBody>(&self) -> bool {
        let kind = self.kind();
        kind == BodyKind::Empty || kind == T::KIND
    }

    /// A reader of a bytes message, from the start; every reader has its own position. JMS: `reset`.
    ///
    /// # Errors
    /// [`ErrorKind::MessageFormat`] for every other kind of message; the serialised form of an object message is
    /// [`as_bytes`](Self::as_bytes).
    pub fn bytes_reader(&self) -> Result<BytesReader> {
        match self.body() {
            Body::Bytes(bytes) if self.kind() == BodyKind::Bytes => Ok(BytesReader::new(bytes.clone())),
            _ => Err(self.mismatch(BodyKind::Bytes)),
        }
    }

    /// A reader of a stream message, from the start; every reader has its own position. JMS: `reset`.
    ///
    /// # Errors
    /// [`ErrorKind::MessageFormat`] for every other kind of message.
    pub fn stream_reader(&self) -> Result<StreamReader> {
        match self.body() {
            Body::Stream(stream) => Ok(stream.reader()),
            _ => Err(self.mismatch(BodyKind::Stream)),
        }
    }

    pub(super) fn mismatch(&self, wanted: BodyKind) -> Error {
        let detail = format!("the message's kind is `{}`, not `{wanted}`", self.kind());
        Error::new(ErrorKind::MessageFormat, detail)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Stream;

    /// Whether `getBody` works, or the class of its error; and that the query agrees.
    fn outcome<T: FromBody>(message: &Message) -> Option<ErrorKind> {
        let result = message.body_as::<T>();
        assert_eq!(message.is_body_assignable_to::<T>(), result.is_ok(), "MSG-07");
        result.err().map(|error| error.kind())
    }

    fn outcomes(message: &Message) -> [bool; 5] {
        [
            outcome::<String>(message),
            outcome::<ByteString>(message),
            outcome::<Bytes>(message),
            outcome::<Vec<u8>>(message),
            outcome::<Map>(message),
        ]
        .map(|error| match error {
            None => true,
            Some(ErrorKind::MessageFormat) => false,
            Some(other) => panic!("{other}"),
        })
    }

    #[test]
    fn msg_06_07_every_kind_as_every_type() {
        assert_eq!(outcomes(&Message::empty()), [true; 5]);
        assert_eq!(outcomes(&Message::text("a")), [true, true, false, false, false]);
        assert_eq!(outcomes(&Message::bytes("a")), [false, false, true, true, false]);
        assert_eq!(outcomes(&Message::map(Map::new())), [false, false, false, false, true]);
        assert_eq!(outcomes(&Message::stream(Stream::new())), [false; 5]);
        assert_eq!(outcomes(&Message::object(&1).unwrap()), [false; 5]);
    }

    #[test]
    fn msg_06_the_body_is_what_was_set() {
        let text = Message::text("");
        assert_eq!(text.body_as::<String>().unwrap(), Some(String::new()));
        assert_eq!(Message::empty().body_as::<ByteString>().unwrap(), None);
        let bytes = Message::bytes(vec![1, 2]);
        assert_eq!(bytes.body_as::<Vec<u8>>().unwrap(), Some(vec![1, 2]));
        let shared = bytes.body_as::<Bytes>().unwrap().unwrap();
        assert_eq!(Some(shared.as_ptr()), bytes.as_bytes().map(|bytes| bytes.as_ptr()));
    }

    #[test]
    fn readers_are_for_their_own_kind() {
        let all = [
            Message::empty(),
            Message::text("a"),
            Message::map(Map::new()),
            Message::object(&1).unwrap(),
            Message::bytes(""),
            Message::stream(Stream::new()),
        ];
        for message in all {
            for (kind, error) in [
                (BodyKind::Bytes, message.bytes_reader().err()),
                (BodyKind::Stream, message.stream_reader().err()),
            ] {
                let expected = (message.kind() != kind).then_some(ErrorKind::MessageFormat);
                assert_eq!(error.map(|error| error.kind()), expected, "{kind}");
            }
        }
    }

    #[test]
    fn msg_06_getting_the_body_moves_no_reader() {
        let message = Message::bytes(vec![1, 2]);
        let mut reader = message.bytes_reader().unwrap();
        assert_eq!(reader.read_i8().unwrap(), 1);
        assert_eq!(message.body_as::<Vec<u8>>().unwrap(), Some(vec![1, 2]));
        assert_eq!(reader.read_i8().unwrap(), 2);
        assert_eq!(message.bytes_reader().unwrap().position(), 0);
    }
}
