//! A bare MQTT client, as other programs at the same broker are.

use std::net::SocketAddr;

use anymq_api::{Address, BoxError, Destination, DestinationKind};

use crate::{
    harness::ForeignKind,
    mqtt::{self, Property, Publish, Version},
};

/// Sends one message as the user guest, and waits until the broker has taken it.
pub(super) async fn send(
    port: u16,
    version: Version,
    destination: &Address,
    kind: ForeignKind,
) -> Result<(), BoxError> {
    let address = destination.address();
    if address.kind() != DestinationKind::Topic {
        return Err(format!("no foreign client knows a {}", address.kind().scheme()).into());
    }
    let message = Publish {
        // The suite's names need no escapes.
        topic: address.name().to_owned(),
        properties: properties(kind),
        payload: kind.body().to_vec(),
    };
    let broker = SocketAddr::from(([127, 0, 0, 1], port));
    Ok(mqtt::publish(broker, version, "guest", "guest", &message).await?)
}

fn properties(kind: ForeignKind) -> Vec<Property> {
    let content_type = kind.content_type().map(|text| Property::ContentType(text.into()));
    let odd = if kind == ForeignKind::OddHeaders {
        odd()
    } else {
        Vec::new()
    };
    content_type.into_iter().chain(odd).collect()
}

/// What the protocol allows, and JMS does not; what looks like ours and is not.
fn odd() -> Vec<Property> {
    let long_name = "n".repeat(200);
    let long_value = "v".repeat(5000);
    let user = [
        ("", "no name"),
        ("dotted.name", "-1"),
        ("with space", " blanks "),
        ("colon:and=;", "a:b"),
        (&long_name, &long_value),
        ("twice", "first"),
        ("twice", "second"),
        ("NULL", ""),
        ("JMSXDeliveryCount", "7"),
        ("JMSXGroupSeq", "first"),
        ("JMSDeliveryMode", "odd"),
        ("JMSMessageID", "no ID"),
        ("JMSPriority", "200"),
        ("JMSTimestamp", "never"),
        ("JMSExpiration", "late"),
        ("JMSReplyTo", "queue:"),
        ("JMS_anymq_types", "NULL=i32;=;%;dotted.name"),
        ("JMS_anymq_p_%zz", "x"),
        ("JMS_anymq_origin", "/"),
    ];
    let fixed = [
        Property::Correlation(vec![0, 0xff]),
        Property::ResponseTopic(b"no address: %zz?".to_vec()),
        Property::Expiry(3600),
        Property::Indicator(0),
    ];
    let user = user.map(|(name, value)| Property::User(name.into(), value.into()));
    fixed.into_iter().chain(user).collect()
}
