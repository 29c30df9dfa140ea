//! What names mean.

use super::*;
use crate::{DeliveryMode, Priority};

#[test]
fn sel_31_to_35_headers_and_names() {
    let message = Message::map(crate::Map::new())
        .with_correlation_id("c")
        .with_property("JMSXGroupID", "g")
        .and_then(|it| it.with_property("JMSXGroupSeq", 3))
        .unwrap();
    let mut properties = message.properties().clone();
    properties.set_from_wire("JMS_vendor", true);
    properties.set_from_wire("JMSXUserID", "me");
    let message = envelope(message.with_properties(properties)).with_headers(|headers| {
        headers.priority = Priority::HIGHEST;
        headers.delivery_mode = DeliveryMode::NonPersistent;
    });
    for text in [
        "JMSCorrelationID = 'c'",
        "JMSPriority = 9 AND JMSPriority > 4",
        "JMSDeliveryMode = 'NON_PERSISTENT' AND JMSDeliveryMode <> 'PERSISTENT'",
        "JMSMessageID = 'ID:1'",
        "JMSTimestamp = 1700000000000 AND JMSTimestamp - 1L < 1700000000000",
        "JMSType IS NULL",
        "JMSXGroupID = 'g' AND JMSXGroupSeq = 3",
        "JMS_vendor",
        "JMSXUserID IS NULL",
        "jmsReplyTo IS NULL",
    ] {
        assert!(parsed(text).matches(&message), "{text}");
    }
    let message = message.with_headers(|headers| {
        headers.timestamp = None;
        headers.message_id = None;
    });
    assert!(parsed("JMSTimestamp IS NULL AND JMSMessageID IS NULL").matches(&message));
    for name in [
        "JMSDestination",
        "JMSReplyTo",
        "JMSExpiration",
        "JMSRedelivered",
        "JMSDeliveryTime",
        "JMSPriorty",
        "JMS",
    ] {
        assert!(refusal(&format!("{name} IS NULL")).contains("JMSPriority"), "{name}");
    }
}
