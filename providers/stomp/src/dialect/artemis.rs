use anymq_api::{
    Address, Capabilities, Capability, DestinationKind, Envelope, Error, ErrorKind, Support, Timestamp,
    spi::{SubscribeSpec, SubscriptionKind},
};
use bytestring::ByteString;

use super::Dialect;
use crate::{
    capability,
    codec::{decode_name, encode_name},
    error::{error, words},
    frame::{Command, Frame, Headers},
};

/// `ActiveMQ` Artemis by its documentation (the chapter "STOMP" of its manual, and its `StompSession`, 2.28). It was never run
/// against one, so only what stands there is declared.
#[derive(Debug)]
pub(super) struct Artemis;

const DECLARED: Capabilities = capability::COMMON
    .with_all(
        &[Capability::DurableSubscriptions, Capability::Priority],
        Support::Native,
    )
    .with_all(&[Capability::TopicSelectors, Capability::NoLocal], Support::Emulated)
    .with_all(
        &[
            Capability::Transactions,
            Capability::DeadLetters,
            Capability::RedeliveryFlag,
            Capability::DeliveryCount,
        ],
        Support::Unsupported,
    );

/// What is not declared on Artemis, and why.
pub const UNDECLARED_ON_ARTEMIS: &[(Capability, &str)] = &[
    (
        Capability::Transactions,
        "the broker ignores acknowledgements in transactions",
    ),
    (
        Capability::DeadLetters,
        "a letter and its acknowledgement do not go in one transaction",
    ),
    (Capability::RedeliveryFlag, "nothing is documented of what comes again"),
    (Capability::DeliveryCount, "nothing is documented of what comes again"),
    (Capability::ExactRedelivery, "nothing is documented of what comes again"),
    (Capability::Release, "the broker takes a NACK for an acknowledgement"),
    (Capability::QueueSelectors, "the broker compares properties as texts"),
    (
        Capability::SharedSubscriptions,
        "nothing in STOMP names a queue apart from its address",
    ),
    (
        Capability::SharedDurableSubscriptions,
        "nothing in STOMP names a queue apart from its address",
    ),
    (Capability::SharedRedistribution, "there are no shared subscriptions"),
    (Capability::TemporaryDestinations, "nothing is documented"),
    (Capability::DeliveryDelay, "nothing is documented"),
    (Capability::Browser, "the broker has none for STOMP"),
    (Capability::MessageGroups, "nothing is documented"),
    (Capability::ClientIdExclusive, "nothing is documented"),
    (Capability::SimplifiedApi, capability::NOT_YET),
    (Capability::Xa, "STOMP has no distributed transactions"),
    (
        Capability::DurableGuard,
        "the broker does not tell what a subscription was made with",
    ),
];

/// How the broker's JMS clients write a destination where it could be of either kind.
const QUEUE: &str = "queue://";
const TOPIC: &str = "topic://";

impl Dialect for Artemis {
    fn name(&self) -> &'static str {
        "artemis"
    }

    fn serves(&self, server: &str) -> bool {
        server.starts_with("ActiveMQ-Artemis/")
    }

    fn declared(&self) -> Capabilities {
        DECLARED
    }

    fn declared_of(&self, destination: &Address) -> Capabilities {
        if destination.kind() == DestinationKind::Queue {
            return DECLARED;
        }
        // Nothing is kept of a topic to which nobody has subscribed.
        DECLARED.with(Capability::Persistence, Support::Unsupported)
    }

    fn refusal(&self, frame: &Frame) -> Option<Error> {
        let words = words(frame);
        let kind = kind_of(&words)?;
        Some(error(kind, words))
    }

    fn errors_end_links(&self) -> bool {
        false
    }

    /// A NACK is an acknowledgement there.
    fn requeues(&self) -> bool {
        false
    }

    /// The name is that of the address, and a header says the kind: so its other clients see the same names.
    fn destination(&self, address: &Address) -> String {
        let name = address.name();
        // Two colons separate an address from a queue of another name.
        let has_queue = name.contains("::");
        encode_name(name, |letter| is_special(letter) || letter == ':' && has_queue)
    }

    fn reply_to(&self, address: &Address) -> String {
        let kind = if address.kind().is_queue() { QUEUE } else { TOPIC };
        format!("{kind}{}", self.destination(address))
    }

    fn address(&self, destination: &str) -> Option<Address> {
        let of = |kind, name| Address::new(kind, decode_name(name)).ok();
        match (destination.strip_prefix(QUEUE), destination.strip_prefix(TOPIC)) {
            (Some(name), _) => of(DestinationKind::Queue, name),
            (_, Some(name)) => of(DestinationKind::Topic, name),
            // Of which kind it is, only whoever subscribed knows.
            (None, None) => None,
        }
    }

    fn send_headers(&self, envelope: &Envelope, headers: &mut Headers) {
        let sent = envelope.headers();
        headers.push(name("destination-type"), name(routing_type(&sent.destination)));
        if let Some(expiration) = sent.expiration {
            headers.push(name("expires"), expiration.as_millis().to_string());
        }
    }

    fn subscribe_headers(&self, spec: &SubscribeSpec, _window: u32, headers: &mut Headers) {
        headers.push(name("subscription-type"), name(routing_type(&spec.destination)));
        // It counts bytes, and what the session holds back counts, too: a window of any size could come to a standstill.
        headers.push(name("consumer-window-size"), name("-1"));
        if let SubscriptionKind::Durable { name: subscription } = &spec.kind {
            headers.push(name("durable-subscription-name"), subscription.as_str());
        }
    }

    fn deleting(&self, _client_id: Option<&str>, subscription: &str, [id, _]: [u64; 2]) -> Vec<Frame> {
        let frame = Frame::new(Command::Unsubscribe).with_header("id", id.to_string());
        vec![frame.with_header("durable-subscription-name", subscription.to_owned())]
    }

    fn first_window(&self, _spec: &SubscribeSpec) -> u32 {
        u32::MAX
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

fn routing_type(address: &Address) -> &'static str {
    if address.kind().is_queue() {
        "ANYCAST"
    } else {
        "MULTICAST"
    }
}

/// Wildcards of addresses, and our own escape.
fn is_special(letter: char) -> bool {
    matches!(letter, '*' | '#' | '%') || letter.is_control()
}

/// Source: the texts of `ActiveMQMessageBundle` and `ActiveMQStompProtocolMessageBundle`, which begin with numbers.
fn kind_of(words: &str) -> Option<ErrorKind> {
    let says = |text: &str| words.contains(text);
    Some(match () {
        () if says("Security Error") || says("AMQ229031") || says("AMQ229032") => ErrorKind::Security,
        () if says("AMQ339001") => ErrorKind::InvalidDestination,
        () if says("AMQ339028") => ErrorKind::ResourceAllocation,
        () => return None,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_broker_s_texts_have_their_class() {
        for (words, kind) in [
            (
                "Security Error occurred: User name [till] or password is invalid",
                Some(ErrorKind::Security),
            ),
            (
                "AMQ229032: User: till does not have permission='SEND' on address a",
                Some(ErrorKind::Security),
            ),
            (
                "AMQ339001: Destination does not exist: a",
                Some(ErrorKind::InvalidDestination),
            ),
            ("something else", None),
        ] {
            assert_eq!(kind_of(words), kind, "{words}");
        }
    }

    #[test]
    fn a_name_is_the_address_and_its_kind_stands_beside_it() {
        for (text, destination, reply_to) in [
            ("queue:orders", "orders", "queue://orders"),
            ("topic:prices.*", "prices.%2A", "topic://prices.%2A"),
            ("queue:a::b", "a%3A%3Ab", "queue://a%3A%3Ab"),
            ("queue:a:b", "a:b", "queue://a:b"),
        ] {
            let address: Address = text.parse().unwrap();
            assert_eq!(Artemis.destination(&address), destination);
            assert_eq!(Artemis.reply_to(&address), reply_to);
            assert_eq!(Artemis.address(reply_to), Some(address));
        }
        assert_eq!(Artemis.address("orders"), None);
    }
}
