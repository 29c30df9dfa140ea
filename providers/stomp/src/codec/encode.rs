use anymq_api::{Body, DeliveryMode, Envelope, Headers as Sent, Message};
use bytestring::ByteString;

use super::{header, property};
use crate::{
    dialect::Dialect,
    frame::{Command, Frame, Headers},
};

/// The SEND of an envelope, but for its transaction; from whom, if anybody is to know.
pub(crate) fn encode(envelope: &Envelope, dialect: &dyn Dialect, origin: Option<&str>) -> Frame {
    let (sent, message) = (envelope.headers(), envelope.message());
    let mut headers = Headers::with_capacity(16 + message.properties().len());
    headers.push(name("destination"), dialect.destination(&sent.destination));
    headers.push(name(header::DESTINATION), sent.destination.to_string());
    sent_headers(sent, &mut headers);
    message_headers(message, dialect, &mut headers);
    if let Some(origin) = origin {
        headers.push(name(header::ORIGIN), origin.to_owned());
    }
    dialect.send_headers(envelope, &mut headers);
    property::write(message.properties(), &mut headers);
    Frame {
        command: Command::Send,
        headers,
        body: anymq_wire::payload(message.body()),
    }
}

fn name(name: &'static str) -> ByteString {
    ByteString::from_static(name)
}

/// What the send decided.
fn sent_headers(sent: &Sent, headers: &mut Headers) {
    let persistent = match sent.delivery_mode {
        DeliveryMode::Persistent => "true",
        DeliveryMode::NonPersistent => "false",
    };
    headers.push(name("persistent"), ByteString::from_static(persistent));
    headers.push(name("priority"), sent.priority.level().to_string());
    if let Some(id) = &sent.message_id {
        headers.push(name(header::MESSAGE_ID), ByteString::from(id));
    }
    for (header, time) in [
        (header::TIMESTAMP, sent.timestamp),
        (header::EXPIRATION, sent.expiration),
        (
            header::DELIVERY_TIME,
            sent.delivery_time.filter(|_| sent.delivery_time != sent.timestamp),
        ),
    ] {
        if let Some(time) = time {
            headers.push(name(header), time.as_millis().to_string());
        }
    }
}

/// What the application chose.
fn message_headers(message: &Message, dialect: &dyn Dialect, headers: &mut Headers) {
    headers.push(name(header::BODY), message.kind().to_string());
    if let Some(content_type) = message.content_type() {
        headers.push(name(header::CONTENT_TYPE), content_type.to_owned());
    }
    if !matches!(message.body(), Body::Empty)
        && let Some(content_type) = message.content_type().or(anymq_wire::natural_type(message.body()))
    {
        headers.push(name("content-type"), content_type.to_owned());
    }
    for (header, text) in [
        ("correlation-id", message.correlation_id()),
        ("type", message.message_type()),
    ] {
        if let Some(text) = text {
            headers.push(name(header), text.to_owned());
        }
    }
    if let Some(address) = message.reply_to() {
        headers.push(name("reply-to"), dialect.destination(address));
        headers.push(name(header::REPLY_TO), address.to_string());
    }
}
