//! What this provider declares.

use anymq_api::{Address, Capabilities, Capability, DestinationKind, Limits, Support};

/// What a connection can do with default options; the crate's documentation gives the reasons.
pub(crate) const DECLARED: Capabilities = Capabilities::none()
    .with_all(
        &[
            Capability::Queues,
            Capability::Topics,
            Capability::Transactions,
            Capability::ClientAck,
            Capability::DupsOk,
            Capability::IndividualAck,
            Capability::Release,
            Capability::TemporaryDestinations,
            Capability::AsyncSend,
            Capability::Headers,
            Capability::Properties,
            Capability::TypedBodies,
            Capability::Persistence,
            Capability::RedeliveryFlag,
        ],
        Support::Native,
    )
    .with_all(
        &[Capability::Recover, Capability::Ttl, Capability::DeliveryCount],
        Support::Emulated,
    );

/// What it can do with one destination: only what a durable queue holds survives a restart of the broker.
pub(crate) fn of(destination: &Address) -> Capabilities {
    if destination.kind() == DestinationKind::Queue {
        DECLARED
    } else {
        DECLARED.with(Capability::Persistence, Support::Unsupported)
    }
}

/// AMQP's short strings.
pub(crate) fn limits() -> Limits {
    let mut limits = Limits::none();
    limits.max_name_length = Some(255);
    limits.max_property_name_length = Some(255);
    limits
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_lasting_queues_persist() {
        let persistence = |text: &str| of(&text.parse().unwrap()).get(Capability::Persistence);
        assert_eq!(persistence("queue:a"), Support::Native);
        for text in ["topic:a", "temp-queue:a", "temp-topic:a"] {
            assert_eq!(persistence(text), Support::Unsupported);
        }
    }

    #[test]
    fn nothing_is_declared_that_is_not_built() {
        for absent in [
            Capability::QueueSelectors,
            Capability::TopicSelectors,
            Capability::DurableSubscriptions,
            Capability::SharedSubscriptions,
            Capability::SharedDurableSubscriptions,
            Capability::Browser,
            Capability::DeliveryDelay,
            Capability::NoLocal,
            Capability::Priority,
            Capability::ExactRedelivery,
            Capability::ClientIdExclusive,
        ] {
            assert!(!DECLARED.supports(absent), "{absent}");
        }
    }
}
