use std::num::NonZeroUsize;

use anymq_api::{Capabilities, Capability, Limits, Support};

/// The same for every connection and destination: there is one kind of in-VM broker.
pub(crate) const CAPABILITIES: Capabilities = Capabilities::none().with_all(
    &[
        Capability::Queues,
        Capability::Topics,
        Capability::Transactions,
        Capability::ClientAck,
        Capability::DupsOk,
        Capability::IndividualAck,
        Capability::Recover,
        Capability::Release,
        Capability::TemporaryDestinations,
        Capability::AsyncSend,
        Capability::Headers,
        Capability::Properties,
        Capability::TypedBodies,
        Capability::RedeliveryFlag,
        Capability::DeliveryCount,
        Capability::ExactRedelivery,
        Capability::ClientIdExclusive,
        Capability::QueueSelectors,
        Capability::TopicSelectors,
        Capability::DurableSubscriptions,
        Capability::SharedSubscriptions,
        Capability::SharedDurableSubscriptions,
        Capability::DurableGuard,
        Capability::SharedRedistribution,
        Capability::NoLocal,
        Capability::DeliveryDelay,
        Capability::Browser,
        Capability::Priority,
        Capability::Ttl,
        Capability::MessageGroups,
        Capability::DeadLetters,
    ],
    Support::Native,
);

/// What this version does not declare, and why; the conformance suite holds the broker to this table.
pub const UNDECLARED: &[(Capability, &str)] = &[
    (Capability::SimplifiedApi, NOT_YET),
    (Capability::Xa, NOT_YET),
    (Capability::Persistence, "nothing outlives the process"),
];

const NOT_YET: &str = "not built yet";

/// The one limit there is, and only where it was asked for.
pub(crate) fn limits(max_message_size: Option<NonZeroUsize>) -> Limits {
    let mut limits = Limits::none();
    limits.max_message_size = max_message_size.map(|bytes| u64::try_from(bytes.get()).unwrap_or(u64::MAX));
    limits
}
