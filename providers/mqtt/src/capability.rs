//! What this provider declares.

use anymq_api::{Capabilities, Capability, Limits, Support};

use crate::wire::{Carriage, Greeting, QoS, Version};

type Undeclared = (Capability, &'static str);

/// What MQTT 5 has not, or this provider has not, and why.
pub const UNDECLARED_ON_MQTT5: &[Undeclared] = &OF_V5;

/// The same of MQTT 3.1.1 with `envelope=jms`.
pub const UNDECLARED_ON_MQTT3: &[Undeclared] = &OF_V4;

/// The same of MQTT 3.1.1 without.
pub const UNDECLARED_ON_MQTT3_PLAIN: &[Undeclared] = &OF_PLAIN_V4;

const OF_V4: [Undeclared; 17] = join(OF_V5, [(Capability::SharedSubscriptions, "version 3.1.1 has none")]);

const OF_PLAIN_V4: [Undeclared; 23] = join(
    OF_V4,
    [
        (Capability::Headers, NO_PLACE),
        (Capability::Properties, NO_PLACE),
        (Capability::TypedBodies, "a payload does not say what it is"),
        (
            Capability::TopicSelectors,
            "there are no headers or properties to select by",
        ),
        (Capability::NoLocal, "a message does not say who sent it"),
        (Capability::Ttl, "a message does not say when it expires"),
    ],
);

const NO_PLACE: &str = "version 3.1.1 has no place for them beside the payload";

const fn join<const A: usize, const B: usize, const ALL: usize>(
    first: [Undeclared; A],
    second: [Undeclared; B],
) -> [Undeclared; ALL] {
    assert!(A + B == ALL);
    let mut all = [first[0]; ALL];
    let mut index = 0;
    while index < ALL {
        all[index] = if index < A { first[index] } else { second[index - A] };
        index += 1;
    }
    all
}

const OF_V5: [Undeclared; 16] = [
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

/// Where nothing goes beside the payload, these do not.
const NEED_HEADERS: [Capability; 6] = [
    Capability::Headers,
    Capability::Properties,
    Capability::TypedBodies,
    Capability::TopicSelectors,
    Capability::NoLocal,
    Capability::Ttl,
];

/// What a broker that greets like this can do.
pub(crate) fn declared(greeting: &Greeting, version: Version) -> Capabilities {
    let when = |can: bool| if can { Support::Native } else { Support::Unsupported };
    let acknowledges = when(greeting.max_qos != QoS::AtMostOnce);
    let common = match version {
        Version::V4(Carriage::Plain) => COMMON.with_all(&NEED_HEADERS, Support::Unsupported),
        Version::V4(Carriage::Envelope) | Version::V5 => COMMON,
    };
    common
        .with(Capability::SharedSubscriptions, when(greeting.shared_subscriptions))
        .with(Capability::DurableSubscriptions, acknowledges)
        .with(Capability::Persistence, acknowledges)
}

pub(crate) fn limits(greeting: &Greeting, max_unsettled: u16) -> Limits {
    let mut limits = Limits::none();
    limits.max_unsettled = Some(max_unsettled.into());
    limits.max_message_size = greeting.max_packet.map(u64::from);
    limits
}
