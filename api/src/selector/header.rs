use super::{operand::Operand, subject::Subject};
use crate::{DeliveryMode, Timestamp};

/// The headers that a selector may name.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Header {
    /// `JMSCorrelationID`
    CorrelationId,
    /// `JMSDeliveryMode`: the text `PERSISTENT` or `NON_PERSISTENT`.
    DeliveryMode,
    /// `JMSMessageID`
    MessageId,
    /// `JMSPriority`: a number.
    Priority,
    /// `JMSTimestamp`: a number, of ms.
    Timestamp,
    /// `JMSType`
    Type,
}

const USABLE: [(&str, Header); 6] = [
    ("JMSCorrelationID", Header::CorrelationId),
    ("JMSDeliveryMode", Header::DeliveryMode),
    ("JMSMessageID", Header::MessageId),
    ("JMSPriority", Header::Priority),
    ("JMSTimestamp", Header::Timestamp),
    ("JMSType", Header::Type),
];

/// What a name means.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) enum Meaning {
    Property,
    Header(Header),
    /// One of the names that only a receiving provider sets: no message has it when selectors look.
    Missing,
    /// A header that selectors do not see, or a name that JMS keeps for itself.
    Refused,
}

impl Meaning {
    pub(super) fn of(name: &str) -> Self {
        if let Some((_, header)) = USABLE.iter().find(|(usable, _)| *usable == name) {
            return Self::Header(*header);
        }
        match name.strip_prefix("JMS") {
            Some("XGroupID" | "XGroupSeq") | None => Self::Property,
            // A peer may send `JMS_vendor_…`.
            Some(rest) if rest.starts_with('_') => Self::Property,
            Some(rest) if rest.starts_with('X') => Self::Missing,
            Some(_) => Self::Refused,
        }
    }
}

/// Why a header is refused.
pub(super) fn refusal() -> String {
    let names = USABLE.map(|(name, _)| name).join(", ");
    format!("selectors see these headers only: {names}")
}

impl Header {
    pub(super) fn read<'a>(self, subject: &'a Subject<'_>) -> Operand<'a> {
        let (headers, message) = (subject.headers(), subject.message());
        match self {
            Self::CorrelationId => Operand::text_or_null(message.correlation_id()),
            Self::DeliveryMode => Operand::Text(match headers.delivery_mode {
                DeliveryMode::Persistent => "PERSISTENT",
                DeliveryMode::NonPersistent => "NON_PERSISTENT",
            }),
            Self::MessageId => Operand::text_or_null(subject.message_id()),
            Self::Priority => Operand::Int(headers.priority.level().into()),
            Self::Timestamp => headers
                .timestamp
                .map(Timestamp::as_millis)
                .map_or(Operand::Null, Operand::Long),
            Self::Type => Operand::text_or_null(message.message_type()),
        }
    }
}
