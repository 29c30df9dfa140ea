//! How the members of a shared subscription leave messages to each other.
//!
//! MQTT has no way to give a message back, and brokers keep what they have sent for the member to which they sent it. So
//! each member also shares, in the same group, a topic to which nobody else publishes, and one that leaves publishes there
//! what it was not going to consume.

use crate::{
    codec,
    wire::{Outbound, Publish, QoS},
};

/// Says that an application has seen the message.
const SEEN: &str = "JMS_anymq_seen";
/// By which topic it came, where that is not the subscription's.
const TOPIC: &str = "JMS_anymq_topic";

#[derive(Debug)]
pub(super) struct Handover {
    topic: String,
    filter: String,
}

impl Handover {
    pub(super) fn new(client_id: Option<&str>, name: &str, filter: &str) -> Self {
        let topic = codec::handover_topic(client_id, name, filter);
        Self {
            filter: codec::share(client_id, name, &topic),
            topic,
        }
    }

    /// To be subscribed to.
    pub(super) fn filter(&self) -> &str {
        &self.filter
    }

    /// A message on its way to the others.
    pub(super) fn send(&self, message: Publish, is_seen: bool, topic: &str, most: QoS) -> Outbound {
        let mut properties = message.properties.unwrap_or_default();
        properties.topic_alias = None;
        properties.subscription_identifiers.clear();
        let user = &mut properties.user_properties;
        user.retain(|(name, _)| name != SEEN && name != TOPIC);
        if is_seen {
            user.push((SEEN.to_owned(), "true".to_owned()));
        }
        if message.topic != topic {
            user.push((TOPIC.to_owned(), String::from_utf8_lossy(&message.topic).into_owned()));
        }
        Outbound {
            topic: self.topic.clone(),
            qos: if message.qos > most { most } else { message.qos },
            payload: message.payload,
            properties,
        }
    }

    /// Makes of one that another member left what it was; of `topic`, unless it says otherwise.
    pub(super) fn receive(&self, message: &mut Publish, topic: &str) {
        if message.topic != self.topic {
            return;
        }
        let user = message
            .properties
            .iter()
            .flat_map(|properties| &properties.user_properties);
        let mut told = None;
        for (name, text) in user {
            match name.as_str() {
                SEEN => message.dup = true,
                TOPIC => told = Some(text.as_str()),
                _ => {}
            }
        }
        let topic = told.unwrap_or(topic).to_owned();
        message.topic = topic.into();
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn passed_on(topic: &str, is_seen: bool) -> Publish {
        let handover = Handover::new(Some("c"), "n", "a/+");
        assert_eq!(handover.filter(), "$share/c:n/anymq/handover/c:n/a%2F%2B");
        let message = Publish::new(topic, QoS::AtLeastOnce, "x", None);
        // Twice, as when the next one leaves, too.
        let mut message = message;
        for _ in 0..2 {
            let sent = handover.send(message, is_seen, "a/+", QoS::ExactlyOnce);
            assert_eq!(
                (sent.topic.as_str(), sent.qos),
                (handover.topic.as_str(), QoS::AtLeastOnce)
            );
            message = Publish::new(sent.topic, sent.qos, sent.payload, Some(sent.properties));
            handover.receive(&mut message, "a/+");
        }
        message
    }

    #[test]
    fn what_is_left_comes_as_what_it_was() {
        let unseen = passed_on("a/b", false);
        assert_eq!((unseen.topic.as_ref(), unseen.dup), (&b"a/b"[..], false));
        let seen = passed_on("a/+", true);
        assert_eq!((seen.topic.as_ref(), seen.dup), (&b"a/+"[..], true));
        assert_eq!(seen.payload, "x");
    }

    #[test]
    fn what_comes_by_the_topic_stays_as_it_is() {
        let handover = Handover::new(None, "n", "a");
        let mut message = Publish::new("a", QoS::AtMostOnce, "x", None);
        let before = message.clone();
        handover.receive(&mut message, "a");
        assert_eq!(message, before);
    }
}
