use anymq_api::{Address, DeliveryMode, DestinationKind, Envelope, ErrorKind, Headers, Message, Result, Timestamp};
use lapin::{BasicProperties, types::ShortString};

use anymq_wire::natural_type;
use bytes::Bytes;

use super::header::{self, HeaderWriter};
use crate::{error::error, name::MAX_SHORT};

/// The longest time left that the broker takes for a message, in ms.
const LONGEST_EXPIRATION: u128 = u32::MAX as u128;

/// What the fields beside the headers take on the wire at most: eight short strings and a few numbers.
const FIELDS: usize = 8 * 256 + 64;

/// As [`encode_from`], without an origin.
pub(crate) fn encode(envelope: &Envelope, frame_max: usize) -> Result<(BasicProperties, Bytes)> {
    encode_from(envelope, frame_max, None)
}

/// Turns an envelope into what is published, by whom if anybody is to know. `frame_max` is the largest frame that the broker takes: properties and
/// headers must fit into one, and it ends the connection when they do not.
pub(crate) fn encode_from(
    envelope: &Envelope,
    frame_max: usize,
    origin: Option<&str>,
) -> Result<(BasicProperties, Bytes)> {
    let (headers, message) = (&envelope.headers(), &envelope.message());
    let mut table = HeaderWriter::default();
    let mut properties = message.properties().iter();
    properties.try_for_each(|(name, value)| table.property(name, value))?;
    if let Some(origin) = origin {
        table.text(header::ORIGIN, origin);
    }
    let properties = body_fields(BasicProperties::default(), message, &mut table)?;
    let properties = message_fields(properties, message, &mut table);
    let properties = send_fields(properties, headers, &mut table);
    if table.size() + FIELDS > frame_max {
        let detail = format!(
            "headers and properties of {} bytes do not fit into a frame",
            table.size()
        );
        return Err(error(ErrorKind::MessageFormat, detail));
    }
    Ok((
        properties.with_headers(table.into_table()),
        anymq_wire::payload(message.body()),
    ))
}

/// Content type and encoding, and the kind where they do not tell it.
fn body_fields(properties: BasicProperties, message: &Message, table: &mut HeaderWriter) -> Result<BasicProperties> {
    let natural = natural_type(message.body());
    if message.content_type().is_some() || natural.is_none() {
        table.text(header::BODY, &message.kind().to_string());
    }
    let properties = match message.content_type().or(natural) {
        Some(content_type) => {
            let content_type = ShortString::try_new(content_type)
                .map_err(|_| error(ErrorKind::MessageFormat, "the content type is longer than 255 bytes"))?;
            properties.with_content_type(content_type)
        }
        None => properties,
    };
    Ok(match message.as_text() {
        Some(_) => properties.with_content_encoding("utf-8".into()),
        None => properties,
    })
}

/// What the application chose.
fn message_fields(mut properties: BasicProperties, message: &Message, table: &mut HeaderWriter) -> BasicProperties {
    if let Some(id) = message.correlation_id() {
        match short(id) {
            Some(id) => properties = properties.with_correlation_id(id),
            None => table.text(header::CORRELATION_ID, id),
        }
    }
    if let Some(name) = message.message_type() {
        match short(name) {
            Some(name) => properties = properties.with_type(name),
            None => table.text(header::TYPE, name),
        }
    }
    match message.reply_to() {
        Some(address) => reply_to(properties, address, table),
        None => properties,
    }
}

/// A queue's name is what other clients answer to.
fn reply_to(properties: BasicProperties, address: &Address, table: &mut HeaderWriter) -> BasicProperties {
    if address.kind() != DestinationKind::Queue || address.options().next().is_some() {
        table.text(header::REPLY_TO, &address.to_string());
    }
    match short(address.name()) {
        Some(name) if address.kind().is_queue() => properties.with_reply_to(name),
        _ => properties,
    }
}

/// What the send decided.
fn send_fields(properties: BasicProperties, headers: &Headers, table: &mut HeaderWriter) -> BasicProperties {
    table.text(header::DESTINATION, &headers.destination.to_string());
    let mut properties = properties
        .with_delivery_mode(match headers.delivery_mode {
            DeliveryMode::Persistent => 2,
            DeliveryMode::NonPersistent => 1,
        })
        .with_priority(headers.priority.level());
    if let Some(id) = &headers.message_id {
        let text = id.text();
        match short(&text) {
            Some(id) => properties = properties.with_message_id(id),
            None => table.text(header::MESSAGE_ID, &text),
        }
    }
    if let Some(timestamp) = headers.timestamp {
        table.integer(header::TIMESTAMP, timestamp.as_millis());
        if let Ok(seconds) = u64::try_from(timestamp.as_millis().div_euclid(1000)) {
            properties = properties.with_timestamp(seconds);
        }
    }
    if let Some(time) = headers
        .delivery_time
        .filter(|_| headers.delivery_time != headers.timestamp)
    {
        table.integer(header::DELIVERY_TIME, time.as_millis());
    }
    let delayed = due(headers).is_some();
    if delayed {
        let sent = headers.timestamp.unwrap_or_else(Timestamp::now);
        table.integer(header::DELAYED_SINCE, sent.as_millis());
    }
    match headers.expiration {
        // The broker would end the delay with it, and drops it when the delay is over.
        Some(expiration) if delayed => {
            table.integer(header::EXPIRATION, expiration.as_millis());
            properties
        }
        Some(expiration) => expires(properties, expiration, headers.timestamp, table),
        None => properties,
    }
}

/// When a message is to be delivered, if that is later than it is sent.
pub(crate) fn due(headers: &Headers) -> Option<Timestamp> {
    let sent = || headers.timestamp.unwrap_or_else(Timestamp::now);
    headers.delivery_time.filter(|due| *due > sent())
}

/// The broker is told the time left, counted from the send where its time is known.
fn expires(
    properties: BasicProperties,
    expiration: Timestamp,
    sent: Option<Timestamp>,
    table: &mut HeaderWriter,
) -> BasicProperties {
    table.integer(header::EXPIRATION, expiration.as_millis());
    let left = expiration
        .saturating_since(sent.unwrap_or_else(Timestamp::now))
        .as_millis();
    if left > LONGEST_EXPIRATION {
        return properties;
    }
    properties.with_expiration(left.to_string().into())
}

fn short(text: &str) -> Option<ShortString> {
    (text.len() <= MAX_SHORT).then(|| text.into())
}
