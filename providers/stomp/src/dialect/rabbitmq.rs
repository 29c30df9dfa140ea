use anymq_api::{
    Address, Capabilities, Capability, DestinationKind, Envelope, Error, ErrorKind, Result, Support, Timestamp,
    spi::SubscribeSpec,
};
use bytestring::ByteString;

use super::Dialect;
use crate::{
    capability,
    codec::{decode_name, encode_name},
    error::{error, words},
    frame::{Frame, Headers},
};

/// `RabbitMQ` with its STOMP plugin, from 3.10 on.
#[derive(Debug)]
pub(super) struct RabbitMq;

const DECLARED: Capabilities = capability::COMMON
    .with(Capability::Release, Support::Native)
    .with_all(&[Capability::TopicSelectors, Capability::NoLocal], Support::Emulated);

/// What is not declared on `RabbitMQ`, and why.
pub const UNDECLARED_ON_RABBITMQ: &[(Capability, &str)] = &[
    (Capability::QueueSelectors, "the broker ignores selectors"),
    (Capability::DurableSubscriptions, capability::NOT_YET),
    (Capability::SharedSubscriptions, capability::NOT_YET),
    (Capability::SharedDurableSubscriptions, capability::NOT_YET),
    (Capability::SharedRedistribution, capability::NOT_YET),
    (Capability::TemporaryDestinations, capability::NOT_YET),
    (Capability::DeliveryDelay, "the broker ignores delays"),
    (Capability::Browser, "the broker has none for STOMP"),
    (Capability::SimplifiedApi, capability::NOT_YET),
    (Capability::Xa, "STOMP has no distributed transactions"),
    (
        Capability::Priority,
        "priorities are carried; the broker orders by them in queues that are declared for it only",
    ),
    (
        Capability::ExactRedelivery,
        "the broker flags whatever it sent before, handed over or not",
    ),
    (
        Capability::DurableGuard,
        "the broker does not tell what a subscription was made with",
    ),
    (Capability::MessageGroups, "the broker does not know groups"),
    (
        Capability::ClientIdExclusive,
        "the broker does not know client identifiers",
    ),
];

/// Messages that wait at the client for a topic's subscription, at most.
const TOPIC_WINDOW: u32 = 1000;

impl Dialect for RabbitMq {
    fn name(&self) -> &'static str {
        "rabbitmq"
    }

    fn serves(&self, server: &str) -> bool {
        server.starts_with("RabbitMQ/")
    }

    fn declared(&self) -> Capabilities {
        DECLARED
    }

    fn declared_of(&self, destination: &Address) -> Capabilities {
        if destination.kind() == DestinationKind::Queue {
            return DECLARED;
        }
        DECLARED.with(Capability::Persistence, Support::Unsupported)
    }

    fn refusal(&self, frame: &Frame) -> Option<Error> {
        let words = words(frame);
        let kind = kind_of(&words)?;
        Some(error(kind, words))
    }

    fn errors_end_links(&self) -> bool {
        true
    }

    fn requeues(&self) -> bool {
        true
    }

    fn check(&self, address: &Address) -> Result<()> {
        super::without_options(address)
    }

    fn destination(&self, address: &Address) -> String {
        match address.kind() {
            DestinationKind::Queue | DestinationKind::TemporaryQueue => {
                let name = encode_name(address.name(), |letter| {
                    matches!(letter, '/' | '%') || letter.is_control()
                });
                format!("/queue/{name}")
            }
            DestinationKind::Topic | DestinationKind::TemporaryTopic => {
                // The broker decodes what is encoded once.
                format!("/topic/{}", encode_name(&literal_key(address.name()), is_special))
            }
        }
    }

    fn address(&self, destination: &str) -> Option<Address> {
        let (kind, name) = destination.strip_prefix('/')?.split_once('/')?;
        let kind = match kind {
            "queue" => DestinationKind::Queue,
            "topic" => return Address::new(DestinationKind::Topic, decode_name(&decode_name(name))).ok(),
            _ => return None,
        };
        Address::new(kind, decode_name(name)).ok()
    }

    fn max_message_size(&self) -> Option<u64> {
        Some(128 << 20)
    }

    fn header_limits(&self) -> Option<(usize, usize)> {
        None
    }

    fn keeps_line_breaks(&self) -> bool {
        false
    }

    fn send_headers(&self, envelope: &Envelope, headers: &mut Headers) {
        let sent = envelope.headers();
        if let Some(expiration) = sent.expiration {
            let left = expiration.saturating_since(sent.timestamp.unwrap_or_else(Timestamp::now));
            if let Ok(millis) = u32::try_from(left.as_millis()) {
                headers.push(ByteString::from_static("expiration"), millis.to_string());
            }
        }
    }

    fn subscribe_headers(&self, _spec: &SubscribeSpec, window: u32, headers: &mut Headers) {
        let window = window.min(u16::MAX.into());
        headers.push(ByteString::from_static("prefetch-count"), window.to_string());
    }

    fn browse_headers(&self, _window: u32, _headers: &mut Headers) {}

    fn selector(&self, _text: &str) -> Result<String> {
        Err(Error::unsupported(Capability::QueueSelectors))
    }

    fn delete_headers(&self, _name: &str, _headers: &mut Headers) {}

    fn first_window(&self, spec: &SubscribeSpec) -> u32 {
        if spec.destination.kind().is_queue() {
            spec.prefetch
        } else {
            spec.prefetch.max(TOPIC_WINDOW)
        }
    }

    fn kind(&self, _headers: &Headers) -> Option<&'static str> {
        None
    }

    fn expiration(&self, _headers: &Headers) -> Option<Timestamp> {
        None
    }
}

/// A routing key that matches itself only: `*` and `#` are wildcards where they stand for a whole word.
fn literal_key(name: &str) -> String {
    let words = name.split('.').map(|word| match word {
        "*" => "%2A".to_owned(),
        "#" => "%23".to_owned(),
        word => word.replace('%', "%25"),
    });
    words.collect::<Vec<_>>().join(".")
}

fn is_special(letter: char) -> bool {
    matches!(letter, '/' | '%') || letter.is_control()
}

/// Source: the texts of `rabbit_stomp_processor` in 3.10, and the reply texts of AMQP in them.
fn kind_of(words: &str) -> Option<ErrorKind> {
    let says = |text: &str| words.contains(text);
    Some(match () {
        () if says("Access refused") || says("access_refused") || says("ACCESS_REFUSED") => ErrorKind::Security,
        () if says("Virtual host") => ErrorKind::Configuration,
        () if says("not_found") || says("NOT_FOUND") || says("Unknown destination") => ErrorKind::InvalidDestination,
        () if says("precondition_failed") && says("message size") => ErrorKind::ResourceAllocation,
        () if says("inequivalent arg") => ErrorKind::InvalidDestination,
        () => return None,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_broker_s_texts_have_their_class() {
        for (words, kind) in [
            ("Bad CONNECT: Access refused for user 'guest'", ErrorKind::Security),
            ("Bad CONNECT: Virtual host 'x' access denied", ErrorKind::Configuration),
            (
                "not_found: NOT_FOUND - no queue 'a' in vhost '/'",
                ErrorKind::InvalidDestination,
            ),
        ] {
            assert_eq!(kind_of(words), Some(kind), "{words}");
        }
        assert_eq!(kind_of("something else"), None);
    }
}
