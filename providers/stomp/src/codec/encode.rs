use anymq_api::{Body, DeliveryMode, Envelope, ErrorKind, Headers as Sent, Message, Result};
use bytes::Bytes;
use bytestring::ByteString;

use super::{Names, header, java_map, property};
use crate::{
    error::error,
    frame::{Command, Frame, Headers, Limits},
};

/// The SEND of an envelope, but for its transaction; from whom, if anybody is to know.
pub(crate) fn encode(envelope: &Envelope, names: &Names, origin: Option<&str>) -> Result<Frame> {
    let (sent, message) = (envelope.headers(), envelope.message());
    let mut headers = Headers::with_capacity(16 + message.properties().len());
    headers.push(name("destination"), names.destination(&sent.destination));
    headers.push(name(header::DESTINATION), sent.destination.to_string());
    sent_headers(sent, &mut headers);
    message_headers(message, names, &mut headers);
    if let Some(origin) = origin {
        headers.push(name(header::ORIGIN), origin.to_owned());
    }
    let java_map = java_map(message, names);
    if java_map.is_some() {
        headers.push(name(header::TRANSFORMATION), name(header::JAVA_MAP));
    }
    names.dialect().send_headers(envelope, &mut headers);
    property::write(message.properties(), names.dialect().keeps_line_breaks(), &mut headers);
    check(&headers, names.dialect().header_limits())?;
    Ok(Frame {
        command: Command::Send,
        headers,
        body: java_map.map_or_else(|| anymq_wire::payload(message.body()), Bytes::from),
    })
}

/// A map as Java has it, where that is asked for and can carry it.
fn java_map(message: &Message, names: &Names) -> Option<String> {
    match message.body() {
        Body::Map(map) if names.java_maps() => java_map::write(map),
        _ => None,
    }
}

/// What else a frame gets on its way to the broker and from there: a transaction, a receipt, a length, a subscription, an
/// acknowledgement, …
const ADDED: usize = 12;

/// How much room those take at most, in bytes.
const ADDED_ROOM: usize = 4 << 10;

/// A broker ends the connection at what is too much for it, and the receiver at what is too much for this provider.
fn check(headers: &Headers, limits: Option<(usize, usize)>) -> Result<()> {
    let own = Limits::default();
    let (most, longest) = limits.unwrap_or((own.headers, own.head));
    let all: usize = headers.iter().map(|(name, value)| room(name) + room(value) + 2).sum();
    if all + ADDED_ROOM > own.head {
        let detail = format!("its headers take {all} bytes, of {} at most", own.head - ADDED_ROOM);
        return Err(error(ErrorKind::MessageFormat, detail));
    }
    if headers.len() + ADDED > most {
        let detail = format!(
            "it takes {} headers, and the broker takes {most}",
            headers.len() + ADDED
        );
        return Err(error(ErrorKind::MessageFormat, detail));
    }
    let too_long = |(name, value): &(&ByteString, &ByteString)| room(name) + room(value) + 2 > longest;
    match headers.iter().find(too_long) {
        Some((name, _)) => {
            let name: String = name.chars().take(40).collect();
            let detail = format!("the header `{name}` is longer than the {longest} bytes that the broker takes");
            Err(error(ErrorKind::MessageFormat, detail))
        }
        None => Ok(()),
    }
}

/// What a text takes, escapes included, at most.
fn room(text: &str) -> usize {
    text.len()
        + text
            .bytes()
            .filter(|byte| matches!(byte, b'\n' | b'\r' | b':' | b'\\'))
            .count()
}

fn name(name: &'static str) -> ByteString {
    ByteString::from_static(name)
}

/// What the send decided.
fn sent_headers(sent: &Sent, headers: &mut Headers) {
    // Said only where it is so: `RabbitMQ` declares with `false` a queue that nobody else may use.
    if sent.delivery_mode == DeliveryMode::Persistent {
        headers.push(name("persistent"), ByteString::from_static("true"));
    }
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
fn message_headers(message: &Message, names: &Names, headers: &mut Headers) {
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
        headers.push(name("reply-to"), names.reply_to(address));
        headers.push(name(header::REPLY_TO), address.to_string());
    }
}
