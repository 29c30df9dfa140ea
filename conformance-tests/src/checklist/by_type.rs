//! The assertions that Rust's types rule out as a whole, so that no case can be written for them.
//!
//! The list is closed: an id enters it by review, with its reason and a proof below. An id that keeps a half which can
//! be tested is an ordinary one. Each proof is an example that must not compile, beside one that differs in that point
//! alone and does, so that it fails for its reason.
//!
//! # Proofs
//!
//! CID-03: the client id is given once, when connecting.
//!
//! ```
//! fn proof(connection: &dyn anymq_api::Connection) {
//!     let id = connection.client_id();
//! }
//! ```
//! ```compile_fail
//! fn proof(connection: &dyn anymq_api::Connection) {
//!     connection.set_client_id("again");
//! }
//! ```
//!
//! EXL-01: a connection has streams of events, and no listener to set or to ask for.
//!
//! ```
//! fn proof(connection: &dyn anymq_api::Connection) {
//!     let events = connection.events();
//! }
//! ```
//! ```compile_fail
//! fn proof(connection: &dyn anymq_api::Connection) {
//!     let listener = connection.exception_listener();
//! }
//! ```
//! ```compile_fail
//! fn proof(connection: &dyn anymq_api::Connection) {
//!     connection.set_exception_listener(None);
//! }
//! ```
//!
//! SES-02: there are five modes, and no number is one.
//!
//! ```
//! use anymq_api::AckMode;
//! let mode = AckMode::Auto;
//! match mode {
//!     AckMode::Auto | AckMode::Client | AckMode::DupsOk | AckMode::Individual | AckMode::Transacted => {}
//! }
//! ```
//! ```compile_fail
//! use anymq_api::AckMode;
//! let mode: AckMode = 7;
//! ```
//!
//! PROD-04, HDR-03: a message has nowhere to put what a send decides.
//!
//! ```
//! use anymq_api::Message;
//! let message = Message::empty().with_message_type("order");
//! ```
//! ```compile_fail
//! use anymq_api::{Message, Priority};
//! let message = Message::empty().with_priority(Priority::HIGHEST);
//! ```
//! ```compile_fail
//! use anymq_api::{DeliveryMode, Message};
//! let message = Message::empty().with_delivery_mode(DeliveryMode::NonPersistent);
//! ```
//! ```compile_fail
//! use anymq_api::Message;
//! let message = Message::empty().with_expiration(None);
//! ```
//! ```compile_fail
//! use anymq_api::Message;
//! let message = Message::empty().with_delivery_time(None);
//! ```
//! ```compile_fail
//! use anymq_api::Message;
//! let message = Message::empty().with_message_id("ID:1");
//! ```
//! ```compile_fail
//! use anymq_api::Message;
//! let message = Message::empty().with_timestamp(None);
//! ```
//! ```compile_fail
//! use anymq_api::Message;
//! let message = Message::empty().with_destination("orders");
//! ```
//!
//! PROD-06: there are two delivery modes, and no number is one.
//!
//! ```
//! use anymq_api::DeliveryMode;
//! let mode = DeliveryMode::Persistent;
//! match mode {
//!     DeliveryMode::Persistent | DeliveryMode::NonPersistent => {}
//! }
//! ```
//! ```compile_fail
//! use anymq_api::DeliveryMode;
//! let mode: DeliveryMode = 3;
//! ```
//!
//! HDR-13: a correlation id is a text.
//!
//! ```
//! use anymq_api::Message;
//! let message = Message::empty().with_correlation_id("id");
//! let id: Option<&str> = message.correlation_id();
//! ```
//! ```compile_fail
//! use anymq_api::Message;
//! let message = Message::empty().with_correlation_id(b"id");
//! ```
//!
//! MSG-03: a received message has no setters; a message of its own, taken from it, has.
//!
//! ```
//! # fn proof(received: anymq_api::Received) {
//! let changed = received.to_message().with_body(anymq_api::Body::Empty);
//! # }
//! ```
//! ```compile_fail
//! # fn proof(received: anymq_api::Received) {
//! let changed = received.with_body(anymq_api::Body::Empty);
//! # }
//! ```
//!
//! BYTES-01: what writes bytes reads none, and knows no body length.
//!
//! ```
//! use anymq_api::BytesWriter;
//! let writer = BytesWriter::new();
//! let body = writer.finish();
//! let mut reader = anymq_api::BytesReader::new(body);
//! let outcomes = (reader.read_i32(), reader.read_bytes(&mut [0; 4]), reader.body_length());
//! ```
//! ```compile_fail
//! use anymq_api::BytesWriter;
//! let mut writer = BytesWriter::new();
//! let outcome = writer.read_i32();
//! ```
//! ```compile_fail
//! use anymq_api::BytesWriter;
//! let mut writer = BytesWriter::new();
//! let outcome = writer.read_bytes(&mut [0; 4]);
//! ```
//! ```compile_fail
//! use anymq_api::BytesWriter;
//! let writer = BytesWriter::new();
//! let length = writer.body_length();
//! ```
//!
//! MAP-06, STRM-11: a value is one of the supported types, and nothing else is a value.
//!
//! ```
//! use anymq_api::Value;
//! fn proof(value: Value) {
//!     match value {
//!         Value::Null | Value::Bool(_) | Value::I8(_) | Value::I16(_) | Value::Char(_) | Value::I32(_) => {}
//!         Value::I64(_) | Value::F32(_) | Value::F64(_) | Value::String(_) | Value::Bytes(_) => {}
//!     }
//! }
//! ```
//! ```compile_fail
//! let value: anymq_api::Value = vec!["a", "b"].into();
//! ```
//!
//! ERR-06: there is one kind of session.
//!
//! ```
//! use anymq_api::Session;
//! ```
//! ```compile_fail
//! use anymq_api::TopicSession;
//! ```
//! ```compile_fail
//! use anymq_api::QueueSession;
//! ```

/// The ids that Rust's types rule out, each with the reason, in the order of the checklist.
pub static BY_TYPE: &[(&str, &str)] = &[
    ("CID-03", "the client id is given when connecting; there is no setter"),
    ("EXL-01", "events are independent streams; there is no listener to set"),
    ("SES-02", "an acknowledgement mode is an enum"),
    ("PROD-04", "a message cannot hold what its send decides"),
    ("PROD-06", "a delivery mode is an enum"),
    ("HDR-03", "a message cannot hold what its send decides"),
    ("HDR-13", "a correlation id is a text"),
    ("MSG-03", "a received message has no setters"),
    ("BYTES-01", "what writes bytes has no readers"),
    ("MAP-06", "a map holds values of the supported types only"),
    ("STRM-11", "a stream holds values of the supported types only"),
    ("ERR-06", "every session serves both domains"),
];

/// Why an id is ruled out, if it is.
pub fn reason(id: &str) -> Option<&'static str> {
    BY_TYPE
        .iter()
        .find(|(listed, _)| *listed == id)
        .map(|(_, reason)| *reason)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::checklist;

    #[test]
    fn every_entry_is_an_id_with_a_reason_in_order() {
        let order: Vec<_> = checklist::all().map(|check| check.id).collect();
        let places: Vec<_> = BY_TYPE
            .iter()
            .map(|(id, _)| order.iter().position(|known| known == id))
            .collect();
        assert!(places.iter().all(Option::is_some), "an entry is no id");
        assert!(places.is_sorted_by(|left, right| left < right), "out of order or twice");
        assert!(BY_TYPE.iter().all(|(_, reason)| !reason.is_empty()));
    }

    #[test]
    fn every_entry_has_a_proof() {
        let page = include_str!("by_type.rs");
        let proofs: Vec<_> = page
            .lines()
            .filter(|line| line.starts_with("//! ") && line.contains(':'))
            .collect();
        for (id, _) in BY_TYPE {
            assert!(proofs.iter().any(|line| line.contains(id)), "{id} has no proof");
        }
    }

    #[test]
    fn only_entries_have_reasons() {
        assert_eq!(reason("SES-02"), Some("an acknowledgement mode is an enum"));
        assert_eq!(reason("SES-01"), None);
    }
}
