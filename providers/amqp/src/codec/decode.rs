use anymq_api::{Address, DeliveryMode, DestinationKind, Envelope, Headers, Message, MessageId, Priority, Timestamp};
use lapin::{
    BasicProperties,
    types::{AMQPValue, FieldTable, ShortString},
};

use anymq_wire::natural_type;

use super::header;

/// A received message and what the broker says of its delivery.
#[derive(Debug)]
pub(crate) struct Incoming {
    pub(crate) envelope: Envelope,
    /// How often quorum queues count it as delivered before.
    pub(crate) earlier_deliveries: Option<u32>,
    /// When it was sent, if it was to be delivered later.
    pub(crate) delayed_since: Option<Timestamp>,
}

/// Reads what was received from `source`. Whatever a foreign client sent becomes the best-fitting message.
pub(crate) fn decode(properties: &BasicProperties, data: Vec<u8>, source: &Address) -> Incoming {
    let reader = Reader {
        properties,
        headers: properties.headers().as_ref(),
    };
    Incoming {
        envelope: Envelope::new(reader.headers(source), reader.message(data)),
        earlier_deliveries: reader
            .integer("x-delivery-count")
            .and_then(|count| u32::try_from(count).ok()),
        delayed_since: reader.integer(header::DELAYED_SINCE).map(Timestamp::from_millis),
    }
}

struct Reader<'a> {
    properties: &'a BasicProperties,
    headers: Option<&'a FieldTable>,
}

impl<'a> Reader<'a> {
    fn header(&self, name: &str) -> Option<&'a AMQPValue> {
        self.headers?.inner().get(name)
    }

    fn text(&self, name: &str) -> Option<&'a str> {
        header::text(self.header(name)?)
    }

    fn integer(&self, name: &str) -> Option<i64> {
        header::integer(self.header(name)?)
    }

    fn address(&self, name: &str) -> Option<Address> {
        self.text(name)?.parse().ok()
    }

    fn headers(&self, source: &Address) -> Headers {
        let destination = self.address(header::DESTINATION);
        let ours = destination.is_some();
        let mut headers = Headers::new(destination.unwrap_or_else(|| source.clone()));
        headers.message_id = self.message_id();
        headers.timestamp = self.timestamp();
        headers.delivery_mode = match self.properties.delivery_mode() {
            Some(2) => DeliveryMode::Persistent,
            _ => DeliveryMode::NonPersistent,
        };
        if let Some(level) = *self.properties.priority() {
            headers.priority = Priority::new(level).unwrap_or(Priority::HIGHEST);
        }
        headers.expiration = self.expiration(headers.timestamp);
        headers.delivery_time = self
            .integer(header::DELIVERY_TIME)
            .map(Timestamp::from_millis)
            .or(headers.timestamp.filter(|_| ours));
        headers
    }

    fn message_id(&self) -> Option<MessageId> {
        let id = self.properties.message_id().as_ref().map(ShortString::as_str);
        MessageId::parse(id.or_else(|| self.text(header::MESSAGE_ID))?).ok()
    }

    fn timestamp(&self) -> Option<Timestamp> {
        let millis = self.integer(header::TIMESTAMP).or_else(|| {
            let seconds = (*self.properties.timestamp())?;
            i64::try_from(seconds).ok()?.checked_mul(1000)
        })?;
        Some(Timestamp::from_millis(millis))
    }

    fn expiration(&self, sent: Option<Timestamp>) -> Option<Timestamp> {
        let left = self.properties.expiration().as_ref().map(ShortString::as_str);
        // Dead-lettering takes the expiration off, so that the message can be read.
        if left.is_none() && self.header(header::DEATHS).is_some_and(header::is_dead) {
            return None;
        }
        if let Some(millis) = self.integer(header::EXPIRATION) {
            return Some(Timestamp::from_millis(millis));
        }
        let left: i64 = left?.parse().ok()?;
        Some(Timestamp::from_millis(sent?.as_millis().checked_add(left)?))
    }

    fn message(&self, data: Vec<u8>) -> Message {
        let kind = self.text(header::BODY);
        let content_type = self.properties.content_type().as_ref().map(ShortString::as_str);
        let mut message = anymq_wire::read(kind, content_type, data.into());
        if let Some(content_type) = content_type.filter(|text| kind.is_some() || !self.is_implied(&message, text)) {
            message = message.with_content_type(content_type.to_owned());
        }
        let field = self.properties.correlation_id().as_ref().map(ShortString::as_str);
        if let Some(id) = field.or_else(|| self.text(header::CORRELATION_ID)) {
            message = message.with_correlation_id(id.to_owned());
        }
        let field = self.properties.kind().as_ref().map(ShortString::as_str);
        if let Some(name) = field.or_else(|| self.text(header::TYPE)) {
            message = message.with_message_type(name.to_owned());
        }
        if let Some(address) = self.reply_to() {
            message = message.with_reply_to(&address);
        }
        self.with_properties(message)
    }

    /// Whether the content type is the one that stands for none: always for maps and streams, otherwise in messages of
    /// this provider's only.
    fn is_implied(&self, message: &Message, content_type: &str) -> bool {
        let natural = natural_type(message.body()) == Some(content_type);
        let own = message.as_map().is_some() || message.as_stream().is_some();
        natural && (own || self.header(header::DESTINATION).is_some())
    }

    fn reply_to(&self) -> Option<Address> {
        if let Some(address) = self.address(header::REPLY_TO) {
            return Some(address);
        }
        let name = self.properties.reply_to().as_ref()?.as_str();
        // The broker's own names are those of foreign clients' private queues.
        let kind = if name.starts_with("amq.") {
            DestinationKind::TemporaryQueue
        } else {
            DestinationKind::Queue
        };
        Address::new(kind, name).ok()
    }

    fn with_properties(&self, message: Message) -> Message {
        let mut properties = message.properties().clone();
        for (header, value) in self.headers.into_iter().flatten() {
            if let Some((name, value)) = header::property(header.as_str(), value) {
                properties.set_from_wire(name, value);
            }
        }
        message.with_properties(properties)
    }
}
