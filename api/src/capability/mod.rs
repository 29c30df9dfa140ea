//! What a provider can do, cannot do, or makes up for.

mod limits;

pub use limits::Limits;

use std::fmt;

macro_rules! capabilities {
    ($($(#[$doc:meta])* $variant:ident = $name:literal, $kind:ident, $text:literal;)*) => {
        /// Something that not every provider can do.
        ///
        /// *Requestable* ones have a call, which is refused with [`ErrorKind::Unsupported`](crate::ErrorKind::Unsupported)
        /// where the capability is not declared. *Descriptive* ones promise something about what arrives.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
        #[non_exhaustive]
        pub enum Capability { $($(#[$doc])* $variant,)* }

        impl Capability {
            /// Every capability, in declaration order.
            pub const ALL: &'static [Capability] = &[$(Capability::$variant,)*];

            /// The name used in reports and configuration, for example `durable_subscriptions`.
            pub const fn name(self) -> &'static str {
                match self { $(Capability::$variant => $name,)* }
            }

            /// One phrase for people.
            pub const fn describe(self) -> &'static str {
                match self { $(Capability::$variant => $text,)* }
            }

            /// Whether a call exists that asks for it.
            pub const fn is_requestable(self) -> bool {
                match self { $(Capability::$variant => capabilities!(@ $kind),)* }
            }
        }
    };
    (@ requestable) => { true };
    (@ descriptive) => { false };
}

capabilities! {
    /// Point-to-point: queues.
    Queues = "queues", requestable, "point-to-point queues";
    /// Publish/subscribe: topics.
    Topics = "topics", requestable, "publish/subscribe topics";
    /// Transacted sessions.
    Transactions = "transactions", requestable, "transacted sessions";
    /// Client acknowledgement.
    ClientAck = "client_ack", requestable, "client acknowledgement";
    /// Lazy acknowledgement.
    DupsOk = "dups_ok", requestable, "lazy acknowledgement";
    /// Acknowledging one message at a time.
    IndividualAck = "individual_ack", requestable, "individual acknowledgement";
    /// `Session::recover`.
    Recover = "recover", requestable, "session recovery";
    /// Negative acknowledgement of one message.
    Release = "release", requestable, "negative acknowledgement of one message";
    /// Selectors on queue consumers and browsers.
    QueueSelectors = "queue_selectors", requestable, "selectors on queues";
    /// Selectors on topic subscriptions.
    TopicSelectors = "topic_selectors", requestable, "selectors on topics";
    /// Unshared durable subscriptions.
    DurableSubscriptions = "durable_subscriptions", requestable, "durable subscriptions";
    /// Shared non-durable subscriptions.
    SharedSubscriptions = "shared_subscriptions", requestable, "shared subscriptions";
    /// Shared durable subscriptions.
    SharedDurableSubscriptions = "shared_durable_subscriptions", requestable, "shared durable subscriptions";
    /// Delivery delay.
    DeliveryDelay = "delivery_delay", requestable, "delivery delay";
    /// Queue browsers.
    Browser = "browser", requestable, "queue browsers";
    /// Temporary queues and topics.
    TemporaryDestinations = "temporary_destinations", requestable, "temporary destinations";
    /// Not receiving what the own connection published.
    NoLocal = "no_local", requestable, "no-local subscriptions";
    /// Sends with a completion listener.
    AsyncSend = "async_send", requestable, "asynchronous sends";
    /// The simplified (context) API.
    SimplifiedApi = "simplified_api", requestable, "the simplified API";
    /// JMS headers reach the receiver.
    Headers = "headers", requestable, "JMS headers on the wire";
    /// Typed application properties reach the receiver.
    Properties = "properties", requestable, "application properties on the wire";
    /// The body's kind and value types reach the receiver.
    TypedBodies = "typed_bodies", requestable, "typed bodies on the wire";
    /// Distributed transactions.
    Xa = "xa", requestable, "distributed transactions";
    /// A persistent message survives a restart of the broker.
    Persistence = "persistence", descriptive, "persistent messages survive a restart";
    /// Higher priorities overtake lower ones.
    Priority = "priority", descriptive, "priority order";
    /// Expired messages are not delivered.
    Ttl = "ttl", descriptive, "expiry is enforced";
    /// A redelivered message says so.
    RedeliveryFlag = "redelivery_flag", descriptive, "redelivered messages are flagged";
    /// The number of deliveries is known.
    DeliveryCount = "delivery_count", descriptive, "deliveries are counted";
    /// A message never handed to the application is never flagged as redelivered.
    ExactRedelivery = "exact_redelivery", descriptive, "only what the application saw counts as delivered";
    /// Misuse of a durable subscription is found.
    DurableGuard = "durable_guard", descriptive, "misuse of durable subscriptions is found";
    /// What a dead sharer held goes to the others.
    SharedRedistribution = "shared_redistribution", descriptive, "shared subscriptions redistribute";
    /// Messages of one group go to one consumer.
    MessageGroups = "message_groups", descriptive, "message groups";
    /// A client id can be used by one connection at a time.
    ClientIdExclusive = "client_id_exclusive", descriptive, "client ids are exclusive";
    /// Poison messages end in a dead-letter destination.
    DeadLetters = "dead_letters", requestable, "dead letters";
}

impl fmt::Display for Capability {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

/// How well a capability is supported.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub enum Support {
    /// The broker does it.
    Native,
    /// The client makes up for it; the provider's documentation says what is lost.
    Emulated,
    /// It is refused.
    #[default]
    Unsupported,
}

impl Support {
    /// Native or emulated.
    pub const fn is_supported(self) -> bool {
        !matches!(self, Support::Unsupported)
    }
}

impl fmt::Display for Support {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Support::Native => "native",
            Support::Emulated => "emulated",
            Support::Unsupported => "unsupported",
        })
    }
}

/// The support of every [`Capability`], as one connection declares it.
///
/// ```
/// use anymq_api::{Capabilities, Capability, Support};
///
/// let declared = Capabilities::none()
///     .with(Capability::Queues, Support::Native)
///     .with(Capability::Recover, Support::Emulated);
/// assert!(declared.supports(Capability::Recover));
/// assert_eq!(declared.get(Capability::Topics), Support::Unsupported);
/// ```
#[derive(Clone, Copy, PartialEq, Eq)]
pub struct Capabilities([Support; Capability::ALL.len()]);

impl Capabilities {
    /// Nothing is supported.
    pub const fn none() -> Self {
        Self([Support::Unsupported; Capability::ALL.len()])
    }

    /// The same with one capability set.
    #[must_use]
    pub const fn with(mut self, capability: Capability, support: Support) -> Self {
        self.0[capability as usize] = support;
        self
    }

    /// The same with several capabilities set alike.
    #[must_use]
    pub const fn with_all(mut self, capabilities: &[Capability], support: Support) -> Self {
        let mut i = 0;
        while i < capabilities.len() {
            self.0[capabilities[i] as usize] = support;
            i += 1;
        }
        self
    }

    /// How one capability is supported.
    pub const fn get(&self, capability: Capability) -> Support {
        self.0[capability as usize]
    }

    /// Whether one capability is native or emulated.
    pub const fn supports(&self, capability: Capability) -> bool {
        self.get(capability).is_supported()
    }

    /// Every capability with its support, in declaration order.
    pub fn iter(&self) -> impl Iterator<Item = (Capability, Support)> + '_ {
        Capability::ALL.iter().map(|&c| (c, self.get(c)))
    }
}

impl Default for Capabilities {
    fn default() -> Self {
        Self::none()
    }
}

impl fmt::Debug for Capabilities {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let declared = self.iter().filter(|(_, s)| s.is_supported());
        f.debug_map().entries(declared.map(|(c, s)| (c.name(), s))).finish()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn indices_follow_the_declaration() {
        for (index, &capability) in Capability::ALL.iter().enumerate() {
            assert_eq!(capability as usize, index);
        }
    }

    #[test]
    fn names_are_unique() {
        let mut names: Vec<_> = Capability::ALL.iter().map(|c| c.name()).collect();
        names.sort_unstable();
        names.dedup();
        assert_eq!(names.len(), Capability::ALL.len());
    }
}
