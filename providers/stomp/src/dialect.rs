//! What brokers make of STOMP.

mod activemq;
mod artemis;
mod generic;
mod rabbitmq;

pub use activemq::UNDECLARED_ON_ACTIVEMQ;
pub use artemis::UNDECLARED_ON_ARTEMIS;
pub use rabbitmq::UNDECLARED_ON_RABBITMQ;

use std::fmt::Debug;

use anymq_api::{Address, Capabilities, Capability, Envelope, Error, Result, Timestamp, spi::SubscribeSpec};

use crate::frame::{Frame, Headers};

/// How many messages of a topic's subscription ActiveMQ and `RabbitMQ` send before they hear that any is settled, whatever the
/// consumer's prefetch: a slow consumer is to hold up no other. They wait at the client. When a link breaks, so many
/// acknowledgements may be unheard, and a durable subscription then delivers their messages again.
pub const TOPIC_WINDOW: u32 = 1000;

/// One broker's ways. What two of them have in common stands in the adapter, and asks here for what differs.
pub(crate) trait Dialect: Debug + Send + Sync {
    /// How the option `dialect` calls it.
    fn name(&self) -> &'static str;

    /// Whether a `server` header is its.
    fn serves(&self, server: &str) -> bool;

    /// What a connection can do with default options.
    fn declared(&self) -> Capabilities;

    /// What it can do with one destination.
    fn declared_of(&self, destination: &Address) -> Capabilities;

    /// What an ERROR says, if these are its words.
    fn refusal(&self, frame: &Frame) -> Option<Error>;

    /// Whether the broker hangs up after each ERROR.
    fn errors_end_links(&self) -> bool;

    /// The subscription that an ERROR ends, and nothing else.
    fn ends_subscription(&self, _frame: &Frame) -> Option<u64> {
        None
    }

    /// Whether an ERROR says nothing that matters.
    fn is_noise(&self, _frame: &Frame) -> bool {
        false
    }

    /// Whether each session needs a link of its own.
    fn sessions_have_links(&self) -> bool {
        false
    }

    /// Whether a SEND in a transaction is answered before its end, and a transaction is undone when a part of it fails.
    fn answers_within_transactions(&self) -> bool {
        true
    }

    /// Where a subscription waits, without a message, for what it delivered to be settled.
    fn parking(&self) -> Option<&'static str> {
        None
    }

    /// Whether a NACK gives a message back, to be delivered again.
    fn requeues(&self) -> bool;

    /// Whether the broker can hold a destination.
    fn check(&self, _address: &Address) -> Result<()> {
        Ok(())
    }

    /// A destination in the broker's words.
    fn destination(&self, address: &Address) -> String;

    /// The same where nothing else says which kind it is.
    fn reply_to(&self, address: &Address) -> String {
        self.destination(address)
    }

    /// The destination of the broker's words.
    fn address(&self, destination: &str) -> Option<Address>;

    /// The largest message that it takes unless it is configured otherwise, in bytes.
    fn max_message_size(&self) -> Option<u64> {
        None
    }

    /// How many headers a frame may have, and how long the line of one, in bytes.
    fn header_limits(&self) -> Option<(usize, usize)> {
        None
    }

    /// Whether line breaks in the value of a header come back as they were.
    fn keeps_line_breaks(&self) -> bool {
        false
    }

    /// What a SEND says beside what all understand.
    fn send_headers(&self, envelope: &Envelope, headers: &mut Headers);

    /// What a SUBSCRIBE says beside destination, id and mode, with so many unacknowledged messages at most.
    fn subscribe_headers(&self, spec: &SubscribeSpec, window: u32, headers: &mut Headers);

    /// What deletes a durable subscription: one frame after the other, under ids that nobody else has.
    fn deleting(&self, client_id: Option<&str>, name: &str, ids: [u64; 2]) -> Vec<Frame>;

    /// What a SUBSCRIBE says that scans a queue, with so many unacknowledged messages at most; only asked where scans are
    /// declared.
    fn browse_headers(&self, _window: u32, _headers: &mut Headers) {}

    /// A selector of a queue in the broker's words.
    fn selector(&self, _text: &str) -> Result<String> {
        Err(Error::unsupported(Capability::QueueSelectors))
    }

    /// With how many unacknowledged messages a subscription begins that will have `prefetch` of them in the application.
    fn first_window(&self, spec: &SubscribeSpec) -> u32;

    /// The kind of body of a message that is not ours, where the headers show it.
    fn kind(&self, _headers: &Headers) -> Option<&'static str> {
        None
    }

    /// When a message that is not ours expires.
    fn expiration(&self, _headers: &Headers) -> Option<Timestamp> {
        None
    }
}

const ALL: [&dyn Dialect; 4] = [
    &activemq::ActiveMq,
    &artemis::Artemis,
    &rabbitmq::RabbitMq,
    &generic::Generic,
];

pub(crate) fn all() -> impl Iterator<Item = &'static dyn Dialect> {
    ALL.into_iter()
}

/// The one that the option asks for.
pub(crate) fn named(name: &str) -> Option<&'static dyn Dialect> {
    all().find(|dialect| dialect.name() == name)
}

/// The one that a broker's greeting shows.
pub(crate) fn of_server(server: Option<&str>) -> &'static dyn Dialect {
    let server = server.unwrap_or_default();
    all()
        .find(|dialect| dialect.serves(server))
        .unwrap_or(&generic::Generic)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_greeting_shows_the_broker() {
        for (server, name) in [
            (Some("ActiveMQ/5.17.2"), "activemq"),
            (
                Some("ActiveMQ-Artemis/2.28.0 ActiveMQ Artemis Messaging Engine"),
                "artemis",
            ),
            (Some("RabbitMQ/3.10.8"), "rabbitmq"),
            (Some("apache-apollo/1.7"), "generic"),
            (None, "generic"),
        ] {
            assert_eq!(of_server(server).name(), name, "{server:?}");
        }
    }

    #[test]
    fn what_is_not_declared_has_its_reason_once() {
        for (name, table) in [
            ("activemq", UNDECLARED_ON_ACTIVEMQ),
            ("artemis", UNDECLARED_ON_ARTEMIS),
            ("rabbitmq", UNDECLARED_ON_RABBITMQ),
        ] {
            let declared = named(name).unwrap().declared();
            for &capability in Capability::ALL {
                let reasons = table.iter().filter(|(undeclared, _)| *undeclared == capability).count();
                let expected = usize::from(!declared.supports(capability));
                assert_eq!(reasons, expected, "{capability} on {name}");
            }
        }
    }
}
