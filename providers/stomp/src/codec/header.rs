//! The names of this provider's own headers. Foreign readers may show them, and need none of them. What selectors at the
//! broker look at is called as JMS has it for properties of vendors, because a `-` cannot stand there.

use crate::frame::Headers;

/// The address it was sent to, as text.
pub(crate) const DESTINATION: &str = "x-anymq-destination";
/// The message id that the producer chose; brokers have their own.
pub(crate) const MESSAGE_ID: &str = "JMS_anymq_id";
/// When it was sent, in ms.
pub(crate) const TIMESTAMP: &str = "JMS_anymq_timestamp";
/// When it expires, in ms.
pub(crate) const EXPIRATION: &str = "x-anymq-expiration";
/// Before when it must not be delivered, in ms, where that is not the timestamp.
pub(crate) const DELIVERY_TIME: &str = "x-anymq-delivery-time";
/// The address of the reply-to, as text.
pub(crate) const REPLY_TO: &str = "x-anymq-reply-to";
/// The body's kind.
pub(crate) const BODY: &str = "x-anymq-body";
/// The content type that the application chose.
pub(crate) const CONTENT_TYPE: &str = "x-anymq-content-type";
/// Of which types the properties are that are no texts: `;table=i32;fast=bool`. All of our messages have it.
pub(crate) const TYPES: &str = "JMS_anymq_types";
/// Before the name of a property that has the name of a header, or none that can stand for itself.
pub(crate) const PROPERTY: &str = "x-anymq-p-";
/// Who published it to a topic.
pub(crate) const ORIGIN: &str = "x-anymq-origin";

/// Into what the broker turned the body, or is to turn it.
pub(crate) const TRANSFORMATION: &str = "transformation";
/// It is a map of Java's.
pub(super) const JAVA_MAP: &str = "jms-map-xml";
/// What asks the broker to turn maps of Java's into texts.
pub(crate) const READABLE: &str = "jms-xml";

/// Counted by the receiver.
const DELIVERY_COUNT: &str = "JMSXDeliveryCount";
/// Properties of vendors begin so.
const VENDORS: &str = "JMS_";

/// Before all of them.
const OWN: &str = "x-anymq-";

/// Headers of STOMP and of the brokers, which mean something to them.
const RESERVED: &[&str] = &[
    "BCC",
    "CC",
    "ack",
    "amq-msg-type",
    "amqp-message-id",
    "app-id",
    "auto-delete",
    "browser",
    "content-encoding",
    "content-length",
    "content-type",
    "correlation-id",
    "destination",
    "destination-type",
    "durable",
    "exclusive",
    "expiration",
    "expires",
    "id",
    "message-id",
    "original-destination",
    "persistent",
    "prefetch-count",
    "priority",
    "receipt",
    "receipt-id",
    "redelivered",
    "reply-to",
    "requeue",
    "selector",
    "session",
    "subscription",
    "subscription-type",
    "timestamp",
    "transaction",
    "transformation",
    "transformation-error",
    "type",
    "user-id",
    "x-death",
    "x-delivery-count",
    "x-queue-name",
    "x-queue-type",
];

/// Who published it, where that is said.
pub(crate) fn origin(headers: &Headers) -> Option<&str> {
    headers.get(ORIGIN)
}

/// Whether a property is called like a header of JMS, or is the receiver's: it is none, and left out.
pub(super) fn is_private(name: &str) -> bool {
    name == DELIVERY_COUNT || name.starts_with("JMS") && !name.starts_with("JMSX") && !name.starts_with(VENDORS)
}

/// Whether a header is no property of the application's: ours, STOMP's or a broker's.
pub(super) fn is_reserved(name: &str) -> bool {
    name.starts_with(OWN)
        || [MESSAGE_ID, TIMESTAMP, TYPES].contains(&name)
        || name.starts_with("AMQ_SCHEDULED_")
        || name.starts_with("_AMQ_")
        || name.starts_with("__AMQ_")
        || name.starts_with("x-first-death-")
        || name.starts_with("x-last-death-")
        || is_private(name)
        || RESERVED.binary_search(&name).is_ok()
}

/// Whether it must not go under its own name. Much that begins so declares something at `RabbitMQ`.
pub(super) fn is_risky(name: &str) -> bool {
    is_reserved(name) || name.starts_with("x-")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn reserved_names_are_sorted_to_be_found() {
        assert!(RESERVED.is_sorted());
        assert!(is_reserved("type") && is_reserved("x-anymq-body") && !is_reserved("table"));
    }
}
