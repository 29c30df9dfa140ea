use anymq_api::{Capabilities, Capability, Support};

/// The same for every connection and destination: there is one kind of in-VM broker.
pub(crate) const CAPABILITIES: Capabilities = Capabilities::none()
    .with_all(
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
        ],
        Support::Native,
    )
    .with(Capability::Ttl, Support::Emulated);

/// What this version does not declare, and why; the conformance suite holds the broker to this table.
pub const UNDECLARED: &[(Capability, &str)] = &[
    (Capability::QueueSelectors, NOT_YET),
    (Capability::TopicSelectors, NOT_YET),
    (Capability::DurableSubscriptions, NOT_YET),
    (Capability::SharedSubscriptions, NOT_YET),
    (Capability::SharedDurableSubscriptions, NOT_YET),
    (Capability::DeliveryDelay, NOT_YET),
    (Capability::Browser, NOT_YET),
    (Capability::NoLocal, NOT_YET),
    (Capability::SimplifiedApi, NOT_YET),
    (Capability::Xa, NOT_YET),
    (
        Capability::Priority,
        "messages carry a priority, and are delivered in the order of the sends",
    ),
    (Capability::DurableGuard, "there are no durable subscriptions yet"),
    (
        Capability::SharedRedistribution,
        "there are no shared subscriptions yet",
    ),
    (Capability::MessageGroups, NOT_YET),
    (Capability::DeadLetters, "what is rejected is dropped"),
    (Capability::Persistence, "nothing outlives the process"),
];

const NOT_YET: &str = "not built yet";
