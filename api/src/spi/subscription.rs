use std::fmt::Debug;

use super::{Delivery, Done, SubscriptionId};
use crate::Address;

/// What a subscription shares, and whether it lasts.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub enum SubscriptionKind {
    /// A queue's consumer, or an unshared non-durable subscription.
    Plain,
    /// An unshared durable subscription.
    Durable {
        /// Its name.
        name: String,
    },
    /// A shared non-durable subscription.
    Shared {
        /// Its name.
        name: String,
    },
    /// A shared durable subscription.
    SharedDurable {
        /// Its name.
        name: String,
    },
}

/// What the kernel asks of a new subscription.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct SubscribeSpec {
    /// Names it within the session; stands in every token.
    pub id: SubscriptionId,
    /// What to consume from.
    pub destination: Address,
    /// What it shares, and whether it lasts.
    pub kind: SubscriptionKind,
    /// The client identifier, for named subscriptions.
    pub client_id: Option<String>,
    /// The selector's text. The driver filters by it where it declares selectors as native. Where it declares
    /// [`TopicSelectors`](crate::Capability::TopicSelectors) as emulated, the kernel filters what is delivered, and this
    /// only says what the subscription is.
    pub selector: Option<String>,
    /// Leave out the own connection's publications; by whom, as for the selector. Where the kernel does it, it goes by
    /// [`Delivery::local`](super::Delivery::local).
    pub no_local: bool,
    /// The most credit that it will have at one time.
    pub prefetch: u32,
}

impl SubscribeSpec {
    /// A plain subscription without filters.
    pub fn new(id: SubscriptionId, destination: Address, prefetch: u32) -> Self {
        Self {
            id,
            destination,
            kind: SubscriptionKind::Plain,
            client_id: None,
            selector: None,
            no_local: false,
            prefetch,
        }
    }
}

/// What the kernel asks of a scan.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct BrowseSpec {
    /// The queue.
    pub destination: Address,
    /// The selector's text, where the broker filters.
    pub selector: Option<String>,
}

impl BrowseSpec {
    /// A scan of everything.
    pub fn new(destination: Address) -> Self {
        Self {
            destination,
            selector: None,
        }
    }
}

/// A subscription: deliveries flow to its sink as long as there is credit.
///
/// Called by the kernel, never with one of its own locks held, one call at a time; [`accept`](Self::accept) is the
/// exception.
pub trait DriverSubscription: Debug + Send + Sync {
    /// Allows `credit` more deliveries. Each push uses up one; settling gives none back. Where a protocol counts
    /// unsettled deliveries instead, the driver widens its window as needed, so that credit is always honoured.
    fn grant_credit(&self, credit: u32);

    /// Accepts one delivery as [`settle`](super::DriverSession::settle) does, where no more than a note is needed for it.
    /// Whether it did: what it leaves is settled. So a driver may leave this out, and a decorator must forward it
    /// only if it does not have to see every acknowledgement.
    ///
    /// Called in the automatic modes, in the order of the hand-overs, under a lock of the kernel and at any time beside
    /// the other functions: it must not wait, call back or drop what others made.
    fn accept(&self, delivery: &Delivery) -> bool {
        let _ = delivery;
        false
    }

    /// Whether the broker serves it, as far as the driver knows: for
    /// [`Health::consumers_served`](crate::Health::consumers_served). A driver that reports every end of a subscription
    /// to its sink has nothing to add.
    fn is_served(&self) -> bool {
        true
    }

    /// Takes back all credit; done after the last push. The subscription lives on and credit may be granted again.
    fn stop_delivery(&self) -> Done<()>;

    /// Ends the subscription at the broker (a durable one stays, inactive); done after the last push. Its unsettled
    /// deliveries stay the session's: they can still be settled, and go back with the session at the latest.
    fn close(&self) -> Done<()>;

    /// Ends the subscription at once, without waiting; for `Drop`, so possibly outside a runtime. No push begins after
    /// it returns. Idempotent.
    fn abandon(&self);
}
