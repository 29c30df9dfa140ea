use anymq_api::{Address, DeliveryMode, Envelope, Headers as Sent, Message, MessageId, Priority, Timestamp};

use super::{Names, correlation, header, property::Reader};
use crate::wire::{Publish, PublishProperties, QoS};

/// Who published it, where that is said.
pub(crate) fn origin(message: &Publish) -> Option<&str> {
    let pairs = &message.properties.as_ref()?.user_properties;
    let found = pairs.iter().find(|(name, _)| name == header::ORIGIN);
    found.map(|(_, text)| text.as_str())
}

/// Reads what was received from `source`. Whatever a foreign client sent becomes the best-fitting message.
pub(crate) fn decode(message: &Publish, source: &Address) -> Envelope {
    let properties = message.properties.as_ref();
    let reader = Decoder {
        message,
        properties,
        user: Reader::new(properties.map_or(&[], |properties| &properties.user_properties)),
    };
    Envelope::new(reader.sent(source), reader.message())
}

struct Decoder<'a> {
    message: &'a Publish,
    properties: Option<&'a PublishProperties>,
    user: Reader<'a>,
}

impl Decoder<'_> {
    fn time(&self, name: &str) -> Option<Timestamp> {
        Some(Timestamp::from_millis(self.user.text(name)?.parse().ok()?))
    }

    fn sent(&self, source: &Address) -> Sent {
        let mut sent = Sent::new(self.destination(source));
        let id = self.user.text(header::MESSAGE_ID);
        sent.message_id = id.and_then(|id| MessageId::parse(&id).ok());
        sent.timestamp = self.time(header::TIMESTAMP);
        sent.delivery_mode = match self.message.qos {
            QoS::AtMostOnce => DeliveryMode::NonPersistent,
            _ => DeliveryMode::Persistent,
        };
        let level = self.user.text(header::PRIORITY).and_then(|level| level.parse().ok());
        if let Some(level) = level {
            sent.priority = Priority::new(level).unwrap_or(Priority::HIGHEST);
        }
        sent.expiration = self.time(header::EXPIRATION).or_else(|| self.expiration());
        let immediate = || sent.timestamp.filter(|_| self.user.is_ours());
        sent.delivery_time = self.time(header::DELIVERY_TIME).or_else(immediate);
        sent
    }

    /// What is consumed from, unless that is a filter.
    fn destination(&self, source: &Address) -> Address {
        let topic = || Names::address(std::str::from_utf8(&self.message.topic).ok()?);
        let topic = Names::is_filter(source).then(topic).flatten();
        topic.unwrap_or_else(|| source.clone())
    }

    /// The broker says how much is left.
    fn expiration(&self) -> Option<Timestamp> {
        let left = self.properties?.message_expiry_interval?;
        let now = Timestamp::now().as_millis();
        Some(Timestamp::from_millis(now.saturating_add(i64::from(left) * 1000)))
    }

    fn message(&self) -> Message {
        let content_type = self
            .properties
            .and_then(|properties| properties.content_type.as_deref());
        let kind = self
            .user
            .text(header::BODY)
            .or_else(|| self.is_text().then(|| "text".into()));
        let mut message = anymq_wire::read(kind.as_deref(), content_type, self.message.payload.clone());
        let chosen = if self.user.is_ours() {
            self.user.text(header::CONTENT_TYPE)
        } else {
            content_type.map(Into::into)
        };
        if let Some(content_type) = chosen {
            message = message.with_content_type(content_type.into_owned());
        }
        if let Some(data) = self
            .properties
            .and_then(|properties| properties.correlation_data.as_ref())
        {
            message = message.with_correlation_id(correlation::text(data));
        }
        if let Some(name) = self.user.text(header::TYPE) {
            message = message.with_message_type(name.into_owned());
        }
        if let Some(address) = self.reply_to() {
            message = message.with_reply_to(&address);
        }
        let mut properties = message.properties().clone();
        self.user.properties(&mut properties);
        message.with_properties(properties)
    }

    /// A foreign client says so by the indicator, or by the content type.
    fn is_text(&self) -> bool {
        let properties = self.properties;
        properties.is_some_and(|it| it.payload_format_indicator == Some(1) && it.content_type.is_none())
    }

    /// The address that its sender had, where it is that of the response topic; or else the topic.
    fn reply_to(&self) -> Option<Address> {
        let topic = self.properties?.response_topic.as_deref()?;
        let own = self
            .user
            .text(header::REPLY_TO)
            .and_then(|text| text.parse::<Address>().ok());
        let own = own.filter(|own| Names::topic(own).is_ok_and(|told| told == topic));
        own.or_else(|| Names::address(topic))
    }
}
