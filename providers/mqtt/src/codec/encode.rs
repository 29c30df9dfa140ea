use anymq_api::{
    Body, Capability, DeliveryMode, Envelope, Error, ErrorKind, Headers as Sent, Message, Priority, Result, Timestamp,
};

use super::{Names, correlation, escape::is_forbidden, header, property::Writer};
use crate::{
    error::error,
    wire::{Outbound, PublishProperties, QoS},
};

/// The longest string or byte string of MQTT.
const LONGEST: usize = u16::MAX as usize;

/// The PUBLISH of an envelope; from whom, and with which QoS if it is persistent.
pub(crate) fn encode(envelope: &Envelope, origin: &str, persistent: QoS) -> Result<Outbound> {
    finish(envelope, properties(envelope, origin)?, persistent)
}

/// The same where nothing is carried beside the payload. The kernel has refused what needs more, unless
/// fail-over led here from a host that carries it.
pub(crate) fn encode_plain(envelope: &Envelope, persistent: QoS) -> Result<Outbound> {
    let message = envelope.message();
    if !message.properties().is_empty() {
        return Err(Error::unsupported(Capability::Properties));
    }
    let (id, name, media_type) = (message.correlation_id(), message.message_type(), message.content_type());
    if message.reply_to().is_some() || [id, name, media_type].iter().any(Option::is_some) {
        return Err(Error::unsupported(Capability::Headers));
    }
    if !matches!(message.body(), Body::Empty | Body::Text(_) | Body::Bytes(_)) {
        return Err(Error::unsupported(Capability::TypedBodies));
    }
    finish(envelope, PublishProperties::default(), persistent)
}

fn finish(envelope: &Envelope, properties: PublishProperties, persistent: QoS) -> Result<Outbound> {
    let sent = envelope.headers();
    let outbound = Outbound {
        topic: Names::topic(&sent.destination)?,
        qos: match sent.delivery_mode {
            DeliveryMode::Persistent => persistent,
            DeliveryMode::NonPersistent => QoS::AtMostOnce,
        },
        payload: anymq_wire::payload(envelope.message().body()),
        properties,
    };
    check(&outbound)?;
    Ok(outbound)
}

fn properties(envelope: &Envelope, origin: &str) -> Result<PublishProperties> {
    let (sent, message) = (envelope.headers(), envelope.message());
    let mut writer = Writer::default();
    sent_headers(sent, &mut writer);
    message_headers(message, &mut writer)?;
    writer.text(header::ORIGIN, origin);
    writer.properties(message.properties());
    Ok(PublishProperties {
        payload_format_indicator: matches!(message.body(), Body::Text(_)).then_some(1),
        message_expiry_interval: sent.expiration.map(seconds_left),
        response_topic: message.reply_to().map(Names::topic).transpose()?,
        correlation_data: message.correlation_id().map(correlation::data),
        content_type: content_type(message),
        user_properties: writer.finish(),
        ..PublishProperties::default()
    })
}

/// rumqttc would cut the length of what is longer, and write all of it.
fn check(outbound: &Outbound) -> Result<()> {
    let properties = &outbound.properties;
    if outbound.topic.len() > LONGEST {
        return Err(error(
            ErrorKind::InvalidDestination,
            "its topic is longer than 65535 bytes",
        ));
    }
    let strings = [&properties.response_topic, &properties.content_type]
        .into_iter()
        .flatten();
    let pairs = properties.user_properties.iter().flat_map(|(name, text)| [name, text]);
    let correlation = properties.correlation_data.as_ref().map_or(0, bytes::Bytes::len);
    if correlation > LONGEST || strings.chain(pairs).any(|text| text.len() > LONGEST) {
        let detail = "a property, or the correlation id, is longer than the 65535 bytes that MQTT can carry";
        return Err(error(ErrorKind::MessageFormat, detail));
    }
    Ok(())
}

/// Rounded up: what is late is dropped by the receiver.
fn seconds_left(expiration: Timestamp) -> u32 {
    let left = expiration.as_millis().saturating_sub(Timestamp::now().as_millis());
    let seconds = left.max(0).unsigned_abs().div_ceil(1000);
    // Nothing expires at once; the broker would count 0 as gone.
    u32::try_from(seconds).unwrap_or(u32::MAX).max(1)
}

fn content_type(message: &Message) -> Option<String> {
    let chosen = message.content_type().filter(|text| !text.contains(is_forbidden));
    let content_type = chosen.or_else(|| anymq_wire::natural_type(message.body()));
    content_type.map(str::to_owned)
}

/// What the send decided.
fn sent_headers(sent: &Sent, writer: &mut Writer) {
    if let Some(id) = &sent.message_id {
        writer.text(header::MESSAGE_ID, &id.to_string());
    }
    if sent.priority != Priority::default() {
        writer.plain(header::PRIORITY, sent.priority.level().to_string());
    }
    let delivery_time = sent.delivery_time.filter(|_| sent.delivery_time != sent.timestamp);
    for (name, time) in [
        (header::TIMESTAMP, sent.timestamp),
        (header::EXPIRATION, sent.expiration),
        (header::DELIVERY_TIME, delivery_time),
    ] {
        if let Some(time) = time {
            writer.plain(name, time.as_millis().to_string());
        }
    }
}

/// What the application chose, as far as MQTT has nothing for it.
fn message_headers(message: &Message, writer: &mut Writer) -> Result<()> {
    if message.content_type().is_some() || anymq_wire::natural_type(message.body()).is_none() {
        writer.plain(header::BODY, message.kind().to_string());
    }
    if let Some(content_type) = message.content_type() {
        writer.text(header::CONTENT_TYPE, content_type);
    }
    if let Some(name) = message.message_type() {
        writer.text(header::TYPE, name);
    }
    if let Some(address) = message.reply_to() {
        if address.name().is_empty() {
            return Err(error(ErrorKind::InvalidDestination, "the reply-to has no name"));
        }
        writer.text(header::REPLY_TO, &address.to_string());
    }
    Ok(())
}

/// How many bytes the packet takes at most.
pub(crate) fn packet_size(outbound: &Outbound) -> u64 {
    let properties = &outbound.properties;
    let pairs = properties.user_properties.iter();
    let pairs: usize = pairs.map(|(name, text)| name.len() + text.len() + 5).sum();
    let strings = [&properties.response_topic, &properties.content_type]
        .into_iter()
        .flatten();
    let strings: usize = strings.map(|text| text.len() + 3).sum();
    let correlation = properties.correlation_data.as_ref().map_or(0, |data| data.len() + 3);
    // The fixed header, the identifier, the lengths of topic and properties, the indicator and the expiry.
    let fixed = 5 + 2 + 2 + 4 + 2 + 5;
    (fixed + outbound.topic.len() + pairs + strings + correlation + outbound.payload.len()) as u64
}
