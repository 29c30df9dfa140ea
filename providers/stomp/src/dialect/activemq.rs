use anymq_api::{
    Address, Capabilities, Capability, DestinationKind, Envelope, Error, ErrorKind, Message, Result, Support,
    Timestamp,
    spi::{SubscribeSpec, SubscriptionKind},
};
use bytestring::ByteString;

use super::{Dialect, TOPIC_WINDOW};
use crate::{
    capability,
    codec::{decode_name, encode_name},
    error::{error, words},
    frame::{Command, Frame, Headers},
    selector,
};

/// `ActiveMQ` Classic, from 5.15 on.
#[derive(Debug)]
pub(super) struct ActiveMq;

const DECLARED: Capabilities = capability::COMMON
    .with_all(
        &[
            Capability::DurableSubscriptions,
            Capability::MessageGroups,
            Capability::ClientIdExclusive,
            Capability::TemporaryDestinations,
            Capability::DeliveryDelay,
            Capability::QueueSelectors,
            Capability::Browser,
            Capability::Priority,
        ],
        Support::Native,
    )
    .with_all(&[Capability::TopicSelectors, Capability::NoLocal], Support::Emulated);

/// What is not declared on `ActiveMQ`, and why.
pub const UNDECLARED_ON_ACTIVEMQ: &[(Capability, &str)] = &[
    (
        Capability::SharedSubscriptions,
        "nothing in STOMP deletes the queue of a virtual topic when its last consumer goes",
    ),
    (
        Capability::SharedDurableSubscriptions,
        "nothing in STOMP deletes the queue of a virtual topic, so none could be unsubscribed",
    ),
    (Capability::SharedRedistribution, "there are no shared subscriptions"),
    (Capability::SimplifiedApi, capability::NOT_YET),
    (Capability::Release, "the broker takes a NACK for a dead letter"),
    (Capability::Xa, "STOMP has no distributed transactions"),
    (
        Capability::ExactRedelivery,
        "the broker flags whatever it sent before, handed over or not",
    ),
    (
        Capability::DurableGuard,
        "the broker does not tell what a subscription was made with",
    ),
];

/// A topic's window takes what comes as it comes, so nothing waits that could be overtaken; a durable subscription does not
/// tell what it gave out before; a delayed message goes to those who subscribe until it is
/// due, and to none who left meanwhile.
const LACKED_BY_TOPICS: &[Capability] = &[
    Capability::Persistence,
    Capability::Priority,
    Capability::RedeliveryFlag,
    Capability::DeliveryCount,
    Capability::DeliveryDelay,
];

impl Dialect for ActiveMq {
    fn name(&self) -> &'static str {
        "activemq"
    }

    fn serves(&self, server: &str) -> bool {
        server.starts_with("ActiveMQ/")
    }

    fn declared(&self) -> Capabilities {
        DECLARED
    }

    fn declared_of(&self, destination: &Address) -> Capabilities {
        if destination.kind() == DestinationKind::Queue {
            return DECLARED;
        }
        DECLARED.with_all(LACKED_BY_TOPICS, Support::Unsupported)
    }

    fn refusal(&self, frame: &Frame) -> Option<Error> {
        let words = words(frame);
        let kind = kind_of(&words)?;
        Some(error(kind, words))
    }

    fn errors_end_links(&self) -> bool {
        false
    }

    fn requeues(&self) -> bool {
        false
    }

    fn destination(&self, address: &Address) -> String {
        // The broker takes blanks at the ends away.
        let name = address.name();
        let is_trimmed = name.trim() == name;
        let name = encode_name(name, |letter| is_special(letter) || letter == ' ' && !is_trimmed);
        match address.kind() {
            DestinationKind::Queue => format!("/queue/{name}"),
            DestinationKind::Topic => format!("/topic/{name}"),
            DestinationKind::TemporaryQueue => format!("/{}temp-queue/{name}", foreign(&name)),
            DestinationKind::TemporaryTopic => format!("/{}temp-topic/{name}", foreign(&name)),
        }
    }

    fn address(&self, destination: &str) -> Option<Address> {
        let (kind, name) = destination.strip_prefix('/')?.split_once('/')?;
        let kind = match kind {
            "queue" => DestinationKind::Queue,
            "topic" => DestinationKind::Topic,
            "temp-queue" | "remote-temp-queue" => DestinationKind::TemporaryQueue,
            "temp-topic" | "remote-temp-topic" => DestinationKind::TemporaryTopic,
            _ => return None,
        };
        Address::new(kind, decode_name(name)).ok()
    }

    fn max_message_size(&self) -> Option<u64> {
        Some(100 << 20)
    }

    fn header_limits(&self) -> Option<(usize, usize)> {
        // Source: `StompWireFormat`.
        Some((1000, 10 * 1024))
    }

    fn keeps_line_breaks(&self) -> bool {
        true
    }

    fn send_headers(&self, envelope: &Envelope, headers: &mut Headers) {
        let sent = envelope.headers();
        headers.push(name("amq-msg-type"), name(kind_name(envelope.message())));
        if let Some(expiration) = sent.expiration {
            headers.push(name("expires"), expiration.as_millis().to_string());
        }
        if let Some(due) = sent.delivery_time {
            let left = due.saturating_since(Timestamp::now()).as_millis();
            if left > 0 {
                headers.push(name("AMQ_SCHEDULED_DELAY"), left.to_string());
            }
        }
    }

    fn subscribe_headers(&self, spec: &SubscribeSpec, window: u32, headers: &mut Headers) {
        headers.push(name("activemq.prefetchSize"), window.to_string());
        if let SubscriptionKind::Durable { name: subscription } = &spec.kind {
            headers.push(name("activemq.subscriptionName"), subscription.as_str());
        }
    }

    fn deleting(&self, _client_id: Option<&str>, subscription: &str, [id, _]: [u64; 2]) -> Vec<Frame> {
        let frame = Frame::new(Command::Unsubscribe).with_header("id", id.to_string());
        vec![frame.with_header("activemq.subscriptionName", subscription.to_owned())]
    }

    fn browse_headers(&self, window: u32, headers: &mut Headers) {
        headers.push(name("browser"), name("true"));
        headers.push(name("activemq.prefetchSize"), window.to_string());
    }

    fn selector(&self, text: &str) -> Result<String> {
        selector::translate(text)
    }

    fn first_window(&self, spec: &SubscribeSpec) -> u32 {
        if spec.destination.kind().is_queue() {
            spec.prefetch
        } else {
            spec.prefetch.max(TOPIC_WINDOW)
        }
    }

    /// What is no text has a length.
    fn kind(&self, headers: &Headers) -> Option<&'static str> {
        headers.get("content-length").is_none().then_some("text")
    }

    fn expiration(&self, headers: &Headers) -> Option<Timestamp> {
        let millis = headers.get("expires")?.parse().ok().filter(|&millis| millis > 0)?;
        Some(Timestamp::from_millis(millis))
    }
}

fn name(name: &'static str) -> ByteString {
    ByteString::from_static(name)
}

/// The broker's own name of a temporary destination is another connection's.
fn foreign(name: &str) -> &'static str {
    if name.starts_with("ID:") { "remote-" } else { "" }
}

/// Without it, the presence of a length makes bytes of any body. A text with letters beyond the basic plane, which UTF-8 writes
/// in four bytes, would be an error for whoever receives it with the broker's JMS client: that reads another form of UTF-8.
fn kind_name(message: &Message) -> &'static str {
    match message.as_text() {
        Some(text) if !text.bytes().any(|byte| byte >= 0xF0) => "text",
        _ => "bytes",
    }
}

/// Wildcards, lists, options and our own escape; and line breaks, at which the broker would cut.
fn is_special(letter: char) -> bool {
    matches!(letter, '*' | '>' | ',' | '?' | '%') || letter.is_control()
}

/// Source: the texts of 5.17's `AuthorizationBroker`, `SimpleAuthenticationBroker`, `RegionBroker`, `TopicRegion` and
/// `ProtocolConverter`.
fn kind_of(words: &str) -> Option<ErrorKind> {
    let says = |text: &str| words.contains(text);
    Some(match () {
        () if says("User name [") || says("is not authorized") || says("SecurityException") => ErrorKind::Security,
        () if says("already connected from") || says("InvalidClientID") => ErrorKind::InvalidClientId,
        () if says("InvalidSelector") => ErrorKind::InvalidSelector,
        () if says("No durable subscription exists") => ErrorKind::InvalidDestination,
        () if says("Durable consumer is in use") || says("Durable consumer is already") => ErrorKind::IllegalState,
        () if says("InvalidDestination") || says("DestinationDoesNotExist") || says("cannot be created") => {
            ErrorKind::InvalidDestination
        }
        () if says("ResourceAllocation") || says("Usage Manager") => ErrorKind::ResourceAllocation,
        () if says("Frame size") || says("maximum data length") => ErrorKind::ResourceAllocation,
        () => return None,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_broker_s_texts_have_their_class() {
        for (words, kind) in [
            ("User name [guest] or password is invalid.", ErrorKind::Security),
            (
                "User guest is not authorized to write to: queue://a",
                ErrorKind::Security,
            ),
            (
                "Broker: localhost - Client: till already connected from tcp://127.0.0.1:1",
                ErrorKind::InvalidClientId,
            ),
            ("No durable subscription exists for: d", ErrorKind::InvalidDestination),
        ] {
            assert_eq!(kind_of(words), Some(kind), "{words}");
        }
        assert_eq!(kind_of("something else"), None);
    }

    #[test]
    fn names_match_themselves_only() {
        for (text, destination) in [
            ("queue:orders", "/queue/orders"),
            ("topic:prices.*", "/topic/prices.%2A"),
            ("topic:a>,b", "/topic/a%3E%2Cb"),
            ("queue:a/b%", "/queue/a/b%25"),
            ("temp-queue:r", "/temp-queue/r"),
            ("temp-queue:ID:host-1", "/remote-temp-queue/ID:host-1"),
        ] {
            let address: Address = Address::new(
                match text.split_once(':').unwrap().0 {
                    "queue" => DestinationKind::Queue,
                    "topic" => DestinationKind::Topic,
                    _ => DestinationKind::TemporaryQueue,
                },
                text.split_once(':').unwrap().1,
            )
            .unwrap();
            assert_eq!(ActiveMq.destination(&address), destination);
            assert_eq!(ActiveMq.address(destination), Some(address));
        }
        assert_eq!(ActiveMq.address("elsewhere"), None);
    }
}
