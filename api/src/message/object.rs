//! Bodies that are serialised values. JMS: `ObjectMessage`.

use std::any::type_name;

use serde::{Serialize, de::DeserializeOwned};

use super::{
    json_depth::JsonDepth,
    object_writer::{ObjectWriter, too_deep, too_large},
};
use crate::{BodyKind, Error, ErrorKind, Message, OBJECT_CONTENT_TYPE, ObjectLimits, Result};

impl Message {
    /// An object message: the value serialised as JSON, now; later changes to it are not seen.
    /// JMS: `createObjectMessage`, `setObject`.
    ///
    /// What travels is data, which other languages' clients can read, and never code. As JSON has neither NaN nor
    /// infinite floats, serde writes them as null.
    ///
    /// ```
    /// use anymq_api::{BodyKind, Message};
    ///
    /// let message = Message::object(&("espresso", 2))?;
    /// assert_eq!(message.kind(), BodyKind::Object);
    /// assert_eq!(message.object_as::<(String, u8)>()?, Some(("espresso".into(), 2)));
    /// # Ok::<(), anymq_api::Error>(())
    /// ```
    ///
    /// # Errors
    /// [`ErrorKind::MessageFormat`] when the value cannot be serialised (a map whose keys are no texts), or passes
    /// the default [`ObjectLimits`].
    pub fn object<T: Serialize + ?Sized>(value: &T) -> Result<Self> {
        Self::object_with_limits(value, ObjectLimits::default())
    }

    /// As [`object`](Self::object), with limits of one's own.
    ///
    /// # Errors
    /// As [`object`](Self::object).
    pub fn object_with_limits<T: Serialize + ?Sized>(value: &T, limits: ObjectLimits) -> Result<Self> {
        let mut writer = ObjectWriter::new(limits);
        let written = serde_json::to_writer(&mut writer, value);
        let bytes = writer.finish()?;
        written.map_err(|cause| {
            let detail = format!("the value cannot be serialised: {}", type_name::<T>());
            Error::new(ErrorKind::MessageFormat, detail).with_source(cause)
        })?;
        Ok(Self::bytes(bytes).with_content_type(OBJECT_CONTENT_TYPE))
    }

    /// The value of an object message; none when the message has no body (null is a value, of types that have one).
    /// JMS: `getObject`, `getBody`.
    ///
    /// The type is the receiver's choice alone, and size and depth are checked before anything is built.
    ///
    /// # Errors
    /// [`ErrorKind::MessageFormat`] when the message is of another kind, when its bytes are no JSON or do not fit the
    /// type, and when they pass the default [`ObjectLimits`].
    pub fn object_as<T: DeserializeOwned>(&self) -> Result<Option<T>> {
        self.object_as_with_limits(ObjectLimits::default())
    }

    /// As [`object_as`](Self::object_as), with limits of one's own.
    ///
    /// # Errors
    /// As [`object_as`](Self::object_as).
    pub fn object_as_with_limits<T: DeserializeOwned>(&self, limits: ObjectLimits) -> Result<Option<T>> {
        match (self.kind(), self.as_bytes()) {
            (BodyKind::Empty, _) => Ok(None),
            (BodyKind::Object, Some(bytes)) => parse(bytes, limits).map(Some),
            _ => Err(self.mismatch(BodyKind::Object)),
        }
    }
}

fn parse<T: DeserializeOwned>(bytes: &[u8], limits: ObjectLimits) -> Result<T> {
    if bytes.len() > limits.max_bytes() {
        return Err(too_large(limits));
    }
    if !JsonDepth::new(limits.max_depth()).allows(bytes) {
        return Err(too_deep(limits));
    }
    serde_json::from_slice(bytes).map_err(|cause| {
        // The cause can quote the message, so it is the source and no part of the text.
        let (line, column) = (cause.line(), cause.column());
        let detail = format!("the body is no {} (line {line}, column {column})", type_name::<T>());
        Error::new(ErrorKind::MessageFormat, detail).with_source(cause)
    })
}

#[cfg(test)]
mod tests {
    use std::{
        collections::{BTreeMap, HashMap},
        error::Error as _,
        sync::Weak,
    };

    use async_trait::async_trait;
    use serde::Deserialize;

    use super::*;
    use crate::{Acknowledge, Address, Body, DeliveryInfo, DestinationKind, Envelope, Headers, Received};

    #[derive(Debug, PartialEq, Serialize, Deserialize)]
    struct Order {
        drink: String,
        shots: u8,
        extras: Option<Vec<String>>,
        prices: BTreeMap<String, f64>,
    }

    fn raw(json: &str) -> Message {
        Message::bytes(json.to_owned()).with_content_type(OBJECT_CONTENT_TYPE)
    }

    fn nested(depth: usize) -> String {
        "[".repeat(depth) + &"]".repeat(depth)
    }

    fn nested_value(depth: usize) -> serde_json::Value {
        (1..depth).fold(serde_json::json!([]), |inner, _| serde_json::json!([inner]))
    }

    fn refused<T: std::fmt::Debug>(result: Result<T>, what: &str) {
        let error = result.unwrap_err();
        assert_eq!(error.kind(), ErrorKind::MessageFormat);
        assert!(error.detail().contains(what), "{error}");
    }

    #[test]
    fn obj_01_an_object_round_trips_by_value() {
        let order = Order {
            drink: "größe \0 😀 [{".into(),
            shots: 2,
            extras: None,
            prices: [("eur".into(), 1.9)].into(),
        };
        let message = Message::object(&order).unwrap();
        assert_eq!(message.kind(), BodyKind::Object);
        assert_eq!(message.content_type(), Some(OBJECT_CONTENT_TYPE));
        assert_eq!(message.object_as().unwrap(), Some(order));
        assert_eq!(
            Message::object("text").unwrap().object_as().unwrap(),
            Some("text".to_owned())
        );
    }

    #[test]
    fn obj_01_null_is_a_value_and_no_body_is_none() {
        let null = Message::object(&None::<u8>).unwrap();
        assert_eq!(null.object_as::<Option<u8>>().unwrap(), Some(None));
        refused(null.object_as::<u8>(), "u8");
        assert_eq!(Message::empty().object_as::<u8>().unwrap(), None);
        assert_eq!(null.with_body(Body::Empty).object_as::<u8>().unwrap(), None);
    }

    #[test]
    fn obj_02_the_value_is_taken_as_it_is_now() {
        let mut list = vec![1];
        let message = Message::object(&list).unwrap();
        list.push(2);
        assert_eq!(message.object_as::<Vec<i32>>().unwrap(), Some(vec![1]));
    }

    #[test]
    fn obj_03_what_cannot_be_serialised_is_refused() {
        let map: HashMap<(u8, u8), u8> = [((1, 2), 3)].into();
        let error = Message::object(&map).unwrap_err();
        assert_eq!(error.kind(), ErrorKind::MessageFormat);
        assert!(
            error
                .source()
                .is_some_and(<dyn std::error::Error>::is::<serde_json::Error>)
        );
    }

    #[test]
    fn obj_03_what_cannot_be_deserialised_is_refused() {
        for json in ["", "{", "[1,2", r#""abc""#, "1 2", "nul", "\u{feff}1"] {
            refused(raw(json).object_as::<u8>(), "u8");
        }
        let error = raw(r#"{"drink":"secret"}"#).object_as::<Order>().unwrap_err();
        assert!(!error.to_string().contains("secret"), "{error}");
        refused(Message::bytes("1").object_as::<u8>(), "`bytes`, not `object`");
        refused(Message::text("1").object_as::<u8>(), "`text`, not `object`");
    }

    #[test]
    fn obj_04_the_depth_is_limited_both_ways() {
        for (limits, depth) in [
            (ObjectLimits::default(), 64),
            (ObjectLimits::default().with_max_depth(3), 3),
            (ObjectLimits::default().with_max_depth(usize::MAX), 127),
        ] {
            let allowed = raw(&nested(depth)).object_as_with_limits::<serde_json::Value>(limits);
            assert_eq!(allowed.unwrap(), Some(nested_value(depth)));
            let refusal = format!("{depth} levels");
            refused(
                raw(&nested(depth + 1)).object_as_with_limits::<serde_json::Value>(limits),
                &refusal,
            );
            assert!(Message::object_with_limits(&nested_value(depth), limits).is_ok());
            refused(Message::object_with_limits(&nested_value(depth + 1), limits), &refusal);
        }
        // Ignored parts of a body are not built, and count all the same.
        refused(
            raw(&nested(1_000_000)).object_as::<serde::de::IgnoredAny>(),
            "64 levels",
        );
    }

    #[test]
    fn obj_04_the_size_is_limited_both_ways() {
        let limits = ObjectLimits::default().with_max_bytes(6);
        assert_eq!(
            raw(r#""abcd""#).object_as_with_limits(limits).unwrap(),
            Some("abcd".to_owned())
        );
        refused(raw(r#""abcde""#).object_as_with_limits::<String>(limits), "6 bytes");
        assert!(Message::object_with_limits("abcd", limits).is_ok());
        refused(Message::object_with_limits("abcde", limits), "6 bytes");
        assert_eq!(ObjectLimits::default().max_bytes(), 16 << 20);
        refused(Message::object(&"x".repeat(16 << 20)), "16777216 bytes");
    }

    struct Session;

    #[async_trait]
    impl Acknowledge for Session {
        async fn acknowledge(&self, _: u64) -> Result<()> {
            Ok(())
        }

        async fn release(&self, _: u64) -> Result<()> {
            Ok(())
        }

        async fn reject(&self, _: u64) -> Result<()> {
            Ok(())
        }
    }

    #[test]
    fn a_received_message_reads_alike() {
        let address = Address::new(DestinationKind::Queue, "orders").unwrap();
        let envelope = Envelope::new(Headers::new(address), Message::object(&7).unwrap());
        let session: Weak<Session> = Weak::new();
        let received = Received::new(envelope, DeliveryInfo::default(), session);
        assert_eq!(received.object_as::<u8>().unwrap(), Some(7));
        assert!(!received.is_body_assignable_to::<String>());
        assert!(received.bytes_reader().is_err());
    }
}
