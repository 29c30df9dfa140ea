//! The names of headers, and how their values are written and read.

use std::collections::BTreeMap;

use anymq_api::{ErrorKind, PropertyValue, Result};
use lapin::{
    BasicProperties,
    types::{AMQPValue, FieldTable, ShortString},
};

use crate::{delay, error::error};

/// The address it was sent to, as text.
pub(crate) const DESTINATION: &str = "JMSDestination";
/// When it was sent, in ms; AMQP's own timestamp counts in seconds.
pub(crate) const TIMESTAMP: &str = "JMSTimestamp";
/// When it expires, in ms; AMQP's own expiration is the time left.
pub(crate) const EXPIRATION: &str = "JMSExpiration";
/// Before when it must not be delivered, in ms, where that is not the timestamp.
pub(crate) const DELIVERY_TIME: &str = "JMSDeliveryTime";
/// When a delayed message was sent, in ms: subscriptions that are younger do not get it.
pub(crate) const DELAYED_SINCE: &str = "x-anymq-delayed-since";
/// The address of the reply-to, where a queue's name does not say it all.
pub(crate) const REPLY_TO: &str = "JMSReplyTo";
/// The message id, where it is too long for AMQP's own field.
pub(crate) const MESSAGE_ID: &str = "JMSMessageID";
/// The correlation id, where it is too long for AMQP's own field.
pub(crate) const CORRELATION_ID: &str = "JMSCorrelationID";
/// The message type, where it is too long for AMQP's own field.
pub(crate) const TYPE: &str = "JMSType";
/// The body's kind, where the content type does not say it.
pub(crate) const BODY: &str = "x-anymq-body";
/// Who published it to a topic.
pub(crate) const ORIGIN: &str = "x-anymq-origin";
/// Tells one send from another where no message id does.
pub(crate) const SEND: &str = "x-anymq-send";
/// Before the names of properties that mean something to the broker.
const PROPERTY: &str = "x-anymq-property-";
/// Before the names of properties whose value is a text for a number that the broker cannot hold: it ends the
/// connection over a float that is not finite.
const F32: &str = "x-anymq-f32-";
const F64: &str = "x-anymq-f64-";

/// Before the names of properties that providers set, such as those of dead letters.
const VENDORS: &str = "JMS_";

/// What the receiving provider says, not the sender.
const DELIVERY_COUNT: &str = "JMSXDeliveryCount";

/// What the broker puts into the headers of a message that it moved from a queue to an exchange.
pub(crate) const DEATHS: &str = "x-death";

/// What the broker puts into the headers for its own use.
const BROKERS_OWN: [&str; 6] = [
    DEATHS,
    "x-first-death-",
    "x-last-death-",
    "x-delivery-count",
    "x-acquired-count",
    "x-received-from",
];

/// Headers that the broker reads as further routing keys, and refuses in any other form than its own.
const ROUTING: [&str; 2] = ["CC", "BCC"];

/// Collects headers, and how much room they take.
#[derive(Debug, Default)]
pub(crate) struct HeaderWriter {
    table: BTreeMap<ShortString, AMQPValue>,
    size: usize,
}

impl HeaderWriter {
    pub(crate) fn text(&mut self, name: &'static str, text: &str) {
        self.insert(name.into(), AMQPValue::LongString(text.into()));
    }

    pub(crate) fn integer(&mut self, name: &'static str, value: i64) {
        self.insert(name.into(), AMQPValue::LongLongInt(value));
    }

    /// An application property. One that is called like a header of ours or the broker's is none, and left out.
    pub(crate) fn property(&mut self, name: &str, value: &PropertyValue) -> Result<()> {
        if is_private(name) {
            return Ok(());
        }
        let (prefix, value) = match value {
            PropertyValue::F32(value) if !value.is_finite() => (F32, not_finite((*value).into())),
            PropertyValue::F64(value) if !value.is_finite() => (F64, not_finite(*value)),
            value if ROUTING.contains(&name) => (PROPERTY, write(value)),
            value => ("", write(value)),
        };
        let header = format!("{prefix}{name}");
        let header = ShortString::try_new(header).map_err(|_| {
            let start: String = name.chars().take(40).collect();
            let detail = format!("the property name `{start}…` is longer than 255 bytes");
            error(ErrorKind::MessageFormat, detail)
        })?;
        self.insert(header, value);
        Ok(())
    }

    fn insert(&mut self, name: ShortString, value: AMQPValue) {
        self.size += 1 + name.as_str().len() + width(&value);
        self.table.insert(name, value);
    }

    /// The bytes that the headers take on the wire, at most.
    pub(crate) fn size(&self) -> usize {
        self.size
    }

    pub(crate) fn into_table(self) -> FieldTable {
        self.table.into()
    }
}

/// The bytes of a value, its type mark included.
fn width(value: &AMQPValue) -> usize {
    match value {
        AMQPValue::LongString(text) => 5 + text.as_bytes().len(),
        _ => 9,
    }
}

fn not_finite(value: f64) -> AMQPValue {
    let text = if value.is_nan() {
        "NaN"
    } else if value > 0.0 {
        "Infinity"
    } else {
        "-Infinity"
    };
    AMQPValue::LongString(text.into())
}

fn write(value: &PropertyValue) -> AMQPValue {
    match value {
        PropertyValue::Bool(value) => AMQPValue::Boolean(*value),
        PropertyValue::I8(value) => AMQPValue::ShortShortInt(*value),
        PropertyValue::I16(value) => AMQPValue::ShortInt(*value),
        PropertyValue::I32(value) => AMQPValue::LongInt(*value),
        PropertyValue::I64(value) => AMQPValue::LongLongInt(*value),
        PropertyValue::F32(value) => AMQPValue::Float(*value),
        PropertyValue::F64(value) => AMQPValue::Double(*value),
        PropertyValue::String(value) => AMQPValue::LongString((&**value).into()),
    }
}

/// A property's value; `None` for what no property can hold. Unsigned numbers become the next wider signed ones.
fn read(value: &AMQPValue) -> Option<PropertyValue> {
    Some(match value {
        AMQPValue::Boolean(value) => PropertyValue::Bool(*value),
        AMQPValue::ShortShortInt(value) => PropertyValue::I8(*value),
        AMQPValue::ShortShortUInt(value) => PropertyValue::I16((*value).into()),
        AMQPValue::ShortInt(value) => PropertyValue::I16(*value),
        AMQPValue::ShortUInt(value) => PropertyValue::I32((*value).into()),
        AMQPValue::LongInt(value) => PropertyValue::I32(*value),
        AMQPValue::LongUInt(value) => PropertyValue::I64((*value).into()),
        AMQPValue::LongLongInt(value) => PropertyValue::I64(*value),
        AMQPValue::Timestamp(value) => PropertyValue::I64(i64::try_from(*value).ok()?),
        AMQPValue::Float(value) => PropertyValue::F32(*value),
        AMQPValue::Double(value) => PropertyValue::F64(*value),
        AMQPValue::DecimalValue(value) => {
            PropertyValue::F64(f64::from(value.value) / 10_f64.powi(i32::from(value.scale)))
        }
        AMQPValue::ShortString(_) | AMQPValue::LongString(_) => PropertyValue::String(text(value)?.to_owned().into()),
        AMQPValue::FieldArray(_) | AMQPValue::FieldTable(_) | AMQPValue::ByteArray(_) | AMQPValue::Void => return None,
    })
}

/// A header's text, where it is one.
pub(crate) fn text(value: &AMQPValue) -> Option<&str> {
    match value {
        AMQPValue::ShortString(text) => Some(text.as_str()),
        AMQPValue::LongString(text) => std::str::from_utf8(text.as_bytes()).ok(),
        _ => None,
    }
}

/// A header's whole number, where it is one.
pub(crate) fn integer(value: &AMQPValue) -> Option<i64> {
    match read(value)? {
        PropertyValue::I8(value) => Some(value.into()),
        PropertyValue::I16(value) => Some(value.into()),
        PropertyValue::I32(value) => Some(value.into()),
        PropertyValue::I64(value) => Some(value),
        _ => None,
    }
}

/// Whether the broker moved a message because nobody wanted it: a delay that is over is no such reason.
pub(crate) fn is_dead(deaths: &AMQPValue) -> bool {
    let AMQPValue::FieldArray(deaths) = deaths else {
        return true;
    };
    let of_delay = |death: &AMQPValue| match death {
        AMQPValue::FieldTable(death) => {
            let queue = death.inner().get("queue").and_then(text);
            queue.is_some_and(|queue| queue.starts_with(delay::PREFIX))
        }
        _ => false,
    };
    deaths.as_slice().is_empty() || !deaths.as_slice().iter().all(of_delay)
}

/// The property that a header carries; `None` for this provider's own headers and the broker's, and for what no
/// property can hold.
pub(crate) fn property<'a>(header: &'a str, value: &AMQPValue) -> Option<(&'a str, PropertyValue)> {
    if let Some(name) = header.strip_prefix(F32) {
        return Some((name, PropertyValue::F32(text(value)?.parse().ok()?)));
    }
    if let Some(name) = header.strip_prefix(F64) {
        return Some((name, PropertyValue::F64(text(value)?.parse().ok()?)));
    }
    Some((property_name(header)?, read(value)?))
}

fn property_name(header: &str) -> Option<&str> {
    if let Some(name) = header.strip_prefix(PROPERTY) {
        return Some(name);
    }
    (!is_private(header) && !ROUTING.contains(&header)).then_some(header)
}

/// Whether a header is this provider's own or the broker's.
fn is_private(header: &str) -> bool {
    header.starts_with("x-anymq-")
        || header.starts_with("JMS") && !header.starts_with("JMSX") && !header.starts_with(VENDORS)
        || header == DELIVERY_COUNT
        || BROKERS_OWN.iter().any(|own| header.starts_with(own))
}

/// The same properties with a mark that tells this send from others.
pub(crate) fn with_send_mark(properties: BasicProperties, mark: u64) -> BasicProperties {
    let mut headers = properties.headers().clone().unwrap_or_default();
    headers.insert(SEND.into(), AMQPValue::LongString(mark.to_string().into()));
    properties.with_headers(headers)
}

/// Who published the message, where that is said.
pub(crate) fn origin(properties: &BasicProperties) -> Option<&str> {
    let headers = properties.headers().as_ref()?;
    text(headers.inner().get(ORIGIN)?)
}

/// The mark of [`with_send_mark`].
pub(crate) fn send_mark(properties: &BasicProperties) -> Option<u64> {
    let headers = properties.headers().as_ref()?;
    text(headers.inner().get(SEND)?)?.parse().ok()
}
