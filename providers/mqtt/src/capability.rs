//! What this provider declares.

use anymq_api::{Capabilities, Capability, Limits, Support};

use crate::{
    own::MOST_UNSETTLED,
    wire::{Greeting, QoS},
};

/// What MQTT 5 has not, or this provider has not, and why.
pub const UNDECLARED_ON_MQTT5: &[(Capability, &str)] = &[
    (
        Capability::Queues,
        "MQTT has none: a shared subscription keeps nothing while nobody is subscribed, and what one member holds is not given to another",
    ),
    (Capability::QueueSelectors, "there are no queues"),
    (Capability::Browser, "there are no queues"),
    (Capability::DeadLetters, "there are no queues"),
    (
        Capability::Transactions,
        "MQTT has none, and messages that are kept back until a commit would not leave as one",
    ),
    (Capability::Release, "MQTT has no negative acknowledgement"),
    (
        Capability::SharedDurableSubscriptions,
        "a broker keeps messages for each member of a group, and gives them to no other",
    ),
    (
        Capability::SharedRedistribution,
        "what a member held is not given to the others",
    ),
    (
        Capability::DurableGuard,
        "brokers do not tell what a session has subscribed to",
    ),
    (
        Capability::ClientIdExclusive,
        "MQTT ends the older of two clients with one identifier",
    ),
    (
        Capability::ExactRedelivery,
        "the broker flags whatever it had sent, whether or not an application saw it",
    ),
    (Capability::DeliveryDelay, "MQTT has none"),
    (Capability::Priority, "it is carried, and does not change the order"),
    (Capability::MessageGroups, "MQTT has none"),
    (Capability::SimplifiedApi, "not built yet"),
    (Capability::Xa, "MQTT has no distributed transactions"),
];

/// Whatever the broker.
const COMMON: Capabilities = Capabilities::none()
    .with_all(
        &[
            Capability::Topics,
            Capability::AsyncSend,
            Capability::Headers,
            Capability::Properties,
            Capability::TypedBodies,
            Capability::RedeliveryFlag,
        ],
        Support::Native,
    )
    .with_all(
        &[
            Capability::ClientAck,
            Capability::DupsOk,
            Capability::IndividualAck,
            Capability::Recover,
            Capability::TopicSelectors,
            Capability::NoLocal,
            Capability::TemporaryDestinations,
            Capability::Ttl,
            Capability::DeliveryCount,
        ],
        Support::Emulated,
    );

/// What a broker that greets like this can do.
pub(crate) fn declared(greeting: &Greeting) -> Capabilities {
    let when = |can: bool| if can { Support::Native } else { Support::Unsupported };
    let acknowledges = when(greeting.max_qos != QoS::AtMostOnce);
    COMMON
        .with(Capability::SharedSubscriptions, when(greeting.shared_subscriptions))
        .with(Capability::DurableSubscriptions, acknowledges)
        .with(Capability::Persistence, acknowledges)
}

pub(crate) fn limits(greeting: &Greeting) -> Limits {
    let mut limits = Limits::none();
    limits.max_unsettled = Some(MOST_UNSETTLED.into());
    limits.max_message_size = greeting.max_packet.map(u64::from);
    limits
}
