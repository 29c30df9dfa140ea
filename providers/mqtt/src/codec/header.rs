//! The names of user properties that are no properties of the application's.
//!
//! Applications cannot have properties that are called like a header of JMS, so these need no prefix.

pub(crate) const MESSAGE_ID: &str = "JMSMessageID";
/// In ms, as all times.
pub(crate) const TIMESTAMP: &str = "JMSTimestamp";
/// Where it is not 4.
pub(crate) const PRIORITY: &str = "JMSPriority";
/// MQTT's own is in seconds, and says how much is left.
pub(crate) const EXPIRATION: &str = "JMSExpiration";
/// Where it is not the timestamp.
pub(crate) const DELIVERY_TIME: &str = "JMSDeliveryTime";
pub(crate) const TYPE: &str = "JMSType";
/// The address as text, where the response topic does not say it all.
pub(crate) const REPLY_TO: &str = "JMSReplyTo";
/// The body's kind, where the content type does not say it.
pub(crate) const BODY: &str = "JMS_anymq_body";
/// The content type that the application chose.
pub(crate) const CONTENT_TYPE: &str = "JMS_anymq_content_type";
/// Which user properties are no plain texts: `;table=i32;fast=bool`.
pub(crate) const TYPES: &str = "JMS_anymq_types";
/// Who published it. All of our messages have it.
pub(crate) const ORIGIN: &str = "JMS_anymq_origin";
/// Before the name of a property that cannot stand for itself.
pub(crate) const PROPERTY: &str = "JMS_anymq_p_";

/// Before all that are ours and no headers of JMS.
const OWN: &str = "JMS_anymq_";
/// Counted by the receiver.
const DELIVERY_COUNT: &str = "JMSXDeliveryCount";

/// Whether it is called like a header of JMS, or is the receiver's: it is no property, and left out.
pub(super) fn is_private(name: &str) -> bool {
    name == DELIVERY_COUNT || name.starts_with("JMS") && !name.starts_with("JMSX") && !name.starts_with("JMS_")
}

/// Whether it is no property of the application's.
pub(super) fn is_reserved(name: &str) -> bool {
    name.starts_with(OWN) || is_private(name)
}
