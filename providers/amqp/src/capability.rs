//! What this provider declares.

use std::sync::LazyLock;

use anymq_api::{Address, Capabilities, Capability, DestinationKind, Limits, Support};

use crate::options::{QueueKind, QueueOptions};

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
            Capability::DurableSubscriptions,
            Capability::SharedSubscriptions,
            Capability::SharedDurableSubscriptions,
            Capability::SharedRedistribution,
        ],
        Support::Native,
    )
    .with_all(
        &[
            Capability::Recover,
            Capability::Ttl,
            Capability::DeliveryCount,
            Capability::TopicSelectors,
            Capability::NoLocal,
            Capability::DurableGuard,
            Capability::DeliveryDelay,
            Capability::DeadLetters,
            Capability::Browser,
        ],
        Support::Emulated,
    );

/// What is not declared, and why.
pub const UNDECLARED: &[(Capability, &str)] = &[
    (
        Capability::QueueSelectors,
        "the broker does not filter queues, and what one client passes over another one may want",
    ),
    (Capability::SimplifiedApi, NOT_YET),
    (Capability::Xa, "the broker has no distributed transactions"),
    (
        Capability::Priority,
        "priorities are carried; the broker orders by them in queues declared with `max-priority=9` only",
    ),
    (
        Capability::ExactRedelivery,
        "the broker flags whatever it sent before, handed over or not",
    ),
    (Capability::MessageGroups, "the broker does not know groups"),
    (
        Capability::ClientIdExclusive,
        "the broker does not know client identifiers",
    ),
];

/// As [`UNDECLARED`], with `queue-kind=quorum`.
pub static UNDECLARED_OF_QUORUM_QUEUES: LazyLock<Vec<(Capability, &str)>> = LazyLock::new(|| {
    let browser = (
        Capability::Browser,
        "a quorum queue counts what is looked at as delivered",
    );
    UNDECLARED.iter().copied().chain([browser]).collect()
});

const NOT_YET: &str = "not built yet";

/// Quorum queues count deliveries themselves; looking at a message would be one. What a transaction sends to them the broker
/// confirms before it takes the acknowledgements.
const QUORUM: Capabilities = DECLARED
    .with(Capability::Browser, Support::Unsupported)
    .with(Capability::Transactions, Support::Emulated);

/// What a connection can do whose queues are usually of this kind.
pub(crate) fn declared(usually: QueueKind) -> Capabilities {
    match usually {
        QueueKind::Classic => DECLARED,
        QueueKind::Quorum => QUORUM,
    }
}

/// What it can do with one destination: only what a durable queue holds survives a restart of the broker, and only queues
/// that are declared for it order by priority.
pub(crate) fn of(destination: &Address, usually: QueueKind) -> Capabilities {
    if destination.kind() != DestinationKind::Queue {
        return DECLARED.with(Capability::Persistence, Support::Unsupported);
    }
    // Wrong options are refused when the destination is checked.
    let options = QueueOptions::of(destination).unwrap_or_default().usually(usually);
    if options.has_priorities() {
        DECLARED.with(Capability::Priority, Support::Native)
    } else if options.is_quorum() {
        QUORUM
    } else {
        DECLARED
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
        let persistence = |text: &str| of(&text.parse().unwrap(), QueueKind::Classic).get(Capability::Persistence);
        assert_eq!(persistence("queue:a"), Support::Native);
        for text in ["topic:a", "temp-queue:a", "temp-topic:a"] {
            assert_eq!(persistence(text), Support::Unsupported);
        }
    }

    #[test]
    fn priorities_are_of_queues_that_tell_ten_of_them() {
        for (text, support) in [
            ("queue:a", Support::Unsupported),
            ("queue:a?max-priority=4", Support::Unsupported),
            ("queue:a?max-priority=9", Support::Native),
            ("queue:a?max-priority=255", Support::Native),
            ("topic:a", Support::Unsupported),
        ] {
            let declared = of(&text.parse().unwrap(), QueueKind::Classic);
            assert_eq!(declared.get(Capability::Priority), support, "{text}");
        }
    }

    #[test]
    fn quorum_queues_count_and_cannot_be_looked_at() {
        let declared = of(&"queue:a?kind=quorum".parse().unwrap(), QueueKind::Classic);
        // What a session repeats by itself is one delivery to the broker.
        assert_eq!(declared.get(Capability::DeliveryCount), Support::Emulated);
        assert!(!declared.supports(Capability::Browser));
    }

    #[test]
    fn the_usual_kind_counts_where_the_address_says_none() {
        let browser = |text: &str, usually| of(&text.parse().unwrap(), usually).supports(Capability::Browser);
        assert!(browser("queue:a", QueueKind::Classic));
        for (text, supported) in [
            ("queue:a", false),
            ("queue:a?max-length=9", false),
            ("queue:a?kind=classic", true),
            ("queue:a?max-priority=9", true),
        ] {
            assert_eq!(browser(text, QueueKind::Quorum), supported, "{text}");
        }
        assert!(!declared(QueueKind::Quorum).supports(Capability::Browser));
    }

    #[test]
    fn whatever_is_not_declared_has_its_reason() {
        let mut listed: Vec<_> = UNDECLARED.iter().map(|(capability, _)| *capability).collect();
        listed.sort();
        let absent = Capability::ALL
            .iter()
            .filter(|capability| !DECLARED.supports(**capability));
        assert_eq!(listed, absent.copied().collect::<Vec<_>>());
    }
}
