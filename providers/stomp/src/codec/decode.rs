use anymq_api::{Address, DeliveryMode, Envelope, Headers as Sent, Map, Message, MessageId, Priority, Timestamp};

use super::{Names, header, java_map, property};
use crate::frame::{Frame, Headers};

/// Reads what was received from `source`. Whatever a foreign client sent becomes the best-fitting message.
pub(crate) fn decode(frame: &Frame, source: &Address, names: &Names) -> Envelope {
    let reader = Reader {
        headers: &frame.headers,
        names,
    };
    Envelope::new(reader.sent(source), reader.message(frame.body.clone()))
}

struct Reader<'a> {
    headers: &'a Headers,
    names: &'a Names,
}

impl<'a> Reader<'a> {
    fn text(&self, name: &str) -> Option<&'a str> {
        self.headers.get(name)
    }

    fn time(&self, name: &str) -> Option<Timestamp> {
        Some(Timestamp::from_millis(self.text(name)?.parse().ok()?))
    }

    /// The address that its sender had, or that of the broker's words.
    fn address(&self, own: &str, brokers: &str) -> Option<Address> {
        let own = self.text(own).and_then(|text| text.parse().ok());
        match self.text(brokers) {
            Some(text) => self.names.address(own, text),
            None => own,
        }
    }

    fn sent(&self, source: &Address) -> Sent {
        let ours = self.text(header::DESTINATION).is_some();
        let destination = self.address(header::DESTINATION, "destination");
        let mut sent = Sent::new(destination.unwrap_or_else(|| source.clone()));
        let id = self.text(header::MESSAGE_ID);
        // Ours without an id was sent without one.
        let id = id.or_else(|| self.text("message-id").filter(|_| !ours));
        sent.message_id = id.and_then(|id| MessageId::parse(id).ok());
        sent.timestamp = self
            .time(header::TIMESTAMP)
            .or_else(|| self.time("timestamp").filter(|_| !ours));
        sent.delivery_mode = match self.text("persistent") {
            Some("true") => DeliveryMode::Persistent,
            _ => DeliveryMode::NonPersistent,
        };
        if let Some(level) = self.text("priority").and_then(|level| level.parse().ok()) {
            sent.priority = Priority::new(level).unwrap_or(Priority::HIGHEST);
        }
        sent.expiration = self
            .time(header::EXPIRATION)
            .or_else(|| self.names.dialect().expiration(self.headers));
        let immediate = || sent.timestamp.filter(|_| ours);
        sent.delivery_time = self.time(header::DELIVERY_TIME).or_else(immediate);
        sent
    }

    /// What a Java program sent as a map, or one of ours that went as such.
    fn java_map(&self, body: &[u8]) -> Option<Map> {
        if self.text(header::TRANSFORMATION) != Some(header::JAVA_MAP) {
            return None;
        }
        java_map::read(body)
    }

    fn message(&self, body: bytes::Bytes) -> Message {
        let kind = self
            .text(header::BODY)
            .or_else(|| self.names.dialect().kind(self.headers));
        let mut message = match self.java_map(&body) {
            Some(map) => Message::map(map),
            None => anymq_wire::read(kind, self.text("content-type"), body),
        };
        let content_type = match kind {
            Some(_) if self.text(header::BODY).is_some() => self.text(header::CONTENT_TYPE),
            _ => self.text("content-type"),
        };
        if let Some(content_type) = content_type {
            message = message.with_content_type(content_type.to_owned());
        }
        if let Some(id) = self.text("correlation-id") {
            message = message.with_correlation_id(id.to_owned());
        }
        if let Some(name) = self.text("type") {
            message = message.with_message_type(name.to_owned());
        }
        if let Some(address) = self.address(header::REPLY_TO, "reply-to") {
            message = message.with_reply_to(&address);
        }
        let mut properties = message.properties().clone();
        property::read(self.headers, &mut properties);
        message.with_properties(properties)
    }
}
