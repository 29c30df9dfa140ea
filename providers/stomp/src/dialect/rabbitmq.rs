use anymq_api::{
    Address, Capabilities, Capability, DestinationKind, Envelope, Error, ErrorKind, Result, Support, Timestamp,
    spi::{SubscribeSpec, SubscriptionKind},
};
use bytestring::ByteString;

use super::{Dialect, TOPIC_WINDOW};
use crate::{
    capability,
    codec::{decode_name, encode_name},
    error::{error, words},
    frame::{Command, Frame, Headers},
};

/// `RabbitMQ` with its STOMP plugin, from 3.10 on.
#[derive(Debug)]
pub(super) struct RabbitMq;

const DECLARED: Capabilities = capability::COMMON
    .with_all(
        &[
            Capability::Release,
            Capability::DurableSubscriptions,
            Capability::SharedSubscriptions,
            Capability::SharedDurableSubscriptions,
            Capability::SharedRedistribution,
        ],
        Support::Native,
    )
    .with_all(&[Capability::TopicSelectors, Capability::NoLocal], Support::Emulated);

/// What is not declared on `RabbitMQ`, and why.
pub const UNDECLARED_ON_RABBITMQ: &[(Capability, &str)] = &[
    (Capability::QueueSelectors, "the broker ignores selectors"),
    (
        Capability::TemporaryDestinations,
        "the broker's temporary queues are for replies to the very connection that asks, and nobody can subscribe to them",
    ),
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

/// A topic to which nobody publishes.
const PARKING: &str = "/topic/anymq.parking";

/// What names a subscription in the name of its queue, in bytes at most; what is longer is digested.
const LONGEST_PATH: usize = 200;

/// What the broker's names hold at most, in bytes.
const LONGEST_NAME: usize = 255;

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

    /// It does so at most of them, and says of the others not which frame it means.
    fn errors_end_links(&self) -> bool {
        true
    }

    fn ends_subscription(&self, frame: &Frame) -> Option<u64> {
        let id = frame.headers.get("subscription")?;
        let is_cancelled = frame.headers.get("message") == Some("Server cancelled subscription");
        id.parse().ok().filter(|_| is_cancelled)
    }

    /// What was on its way to a subscription that has just ended; the broker keeps it for this connection, which stays.
    fn is_noise(&self, frame: &Frame) -> bool {
        words(frame).contains("There is no current subscription with tag")
    }

    fn sessions_have_links(&self) -> bool {
        true
    }

    /// It keeps the frames for the COMMIT, and answers a SEND when the queues have the message.
    fn answers_within_transactions(&self) -> bool {
        false
    }

    fn parking(&self) -> Option<&'static str> {
        Some(PARKING)
    }

    fn requeues(&self) -> bool {
        true
    }

    fn check(&self, address: &Address) -> Result<()> {
        let is_queue = address.kind().is_queue();
        let at_broker = if is_queue {
            queue_name(address)
        } else {
            literal_key(address.name())
        };
        let detail = match () {
            () if at_broker.len() > LONGEST_NAME => "the name is longer than 255 bytes once it is encoded",
            () if is_queue && at_broker.starts_with("amq.") => "names that begin with `amq.` are the broker's own",
            () => return Ok(()),
        };
        Err(error(ErrorKind::InvalidDestination, detail).with_resource(address))
    }

    fn destination(&self, address: &Address) -> String {
        match address.kind() {
            DestinationKind::Queue | DestinationKind::TemporaryQueue => {
                // The broker decodes slashes, and nothing else.
                format!("/queue/{}", queue_name(address).replace('/', "%2F"))
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

    fn send_headers(&self, envelope: &Envelope, headers: &mut Headers) {
        let sent = envelope.headers();
        if let Some(expiration) = sent.expiration {
            let left = expiration.saturating_since(sent.timestamp.unwrap_or_else(Timestamp::now));
            if let Ok(millis) = u32::try_from(left.as_millis()) {
                headers.push(ByteString::from_static("expiration"), millis.to_string());
            }
        }
    }

    fn subscribe_headers(&self, spec: &SubscribeSpec, window: u32, headers: &mut Headers) {
        let window = window.min(u16::MAX.into());
        headers.push(ByteString::from_static("prefetch-count"), window.to_string());
        if let Some(queue) = subscription_queue(spec) {
            queue_headers(queue, matches!(spec.kind, SubscriptionKind::Shared { .. }), headers);
        }
    }

    /// The first shows whether it exists; the last takes the queue's name from its own headers, or from those of the second,
    /// depending on the version.
    fn deleting(&self, client_id: Option<&str>, name: &str, [id, other]: [u64; 2]) -> Vec<Frame> {
        let queue = named_queue(true, client_id, name);
        let looked_up = format!("/amq/queue/{}", encode_name(&queue, is_special));
        let found = Frame::new(Command::Subscribe)
            .with_header("id", other.to_string())
            .with_header("destination", looked_up)
            .with_header("ack", "client-individual")
            .with_header("prefetch-count", "1");
        let of_topic = |command| {
            let mut frame = Frame::new(command)
                .with_header("id", id.to_string())
                .with_header("destination", PARKING)
                .with_header("ack", "client-individual");
            queue_headers(queue.clone(), false, &mut frame.headers);
            frame
        };
        vec![found, of_topic(Command::Subscribe), of_topic(Command::Unsubscribe)]
    }

    fn first_window(&self, spec: &SubscribeSpec) -> u32 {
        if spec.destination.kind().is_queue() {
            spec.prefetch
        } else {
            spec.prefetch.max(TOPIC_WINDOW)
        }
    }
}

/// The queue of a subscription that has a name.
fn subscription_queue(spec: &SubscribeSpec) -> Option<String> {
    let client_id = spec.client_id.as_deref();
    match &spec.kind {
        SubscriptionKind::Plain => None,
        SubscriptionKind::Shared { name } => Some(named_queue(false, client_id, name)),
        SubscriptionKind::Durable { name } | SubscriptionKind::SharedDurable { name } => {
            Some(named_queue(true, client_id, name))
        }
    }
}

/// No two have the same: `~` begins no path but those that are digested.
fn named_queue(durable: bool, client_id: Option<&str>, name: &str) -> String {
    let kind = if durable { "durable" } else { "shared" };
    let is_odd = |letter: char| !letter.is_ascii_alphanumeric() && !"_.-".contains(letter);
    let escape = |text: &str| encode_name(text, is_odd);
    let path = format!("{}/{}", escape(client_id.unwrap_or_default()), escape(name));
    if path.len() <= LONGEST_PATH {
        return format!("anymq.stomp.{kind}/{path}");
    }
    let digest = anymq_wire::Digest::default().text(client_id).text(Some(name));
    format!("anymq.stomp.{kind}/~{:032x}", digest.value())
}

/// One that ends with its last consumer, or never by itself.
fn queue_headers(queue: String, ends: bool, headers: &mut Headers) {
    let flag = |flag: bool| ByteString::from_static(if flag { "true" } else { "false" });
    headers.push(ByteString::from_static("x-queue-name"), queue);
    headers.push(ByteString::from_static("durable"), flag(!ends));
    headers.push(ByteString::from_static("auto-delete"), flag(ends));
    headers.push(ByteString::from_static("exclusive"), flag(false));
}

/// What the broker calls a queue.
fn queue_name(address: &Address) -> String {
    encode_name(address.name(), |letter| letter == '%' || letter.is_control())
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
