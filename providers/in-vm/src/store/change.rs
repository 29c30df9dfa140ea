use std::sync::Arc;

use anymq_api::Address;

use super::{StoredMessage, StoredSubscription};

/// One step of a broker's durable state. A store must know all of them, so that none is passed over.
#[derive(Clone, Debug, PartialEq)]
pub enum Change {
    /// A message has come into a queue.
    Add(StoredMessage),
    /// A message has left a queue for good: it was acknowledged, has expired, or goes elsewhere by an `Add` of the same call.
    Remove {
        /// Where it was.
        queue: QueueId,
        /// Which it was.
        sequence: u64,
    },
    /// A message was handed to an application and has come back.
    Count {
        /// Where it is.
        queue: QueueId,
        /// Which it is.
        sequence: u64,
        /// How often it was handed to an application so far.
        deliveries: u32,
    },
    /// A durable subscription was made.
    Subscribe(StoredSubscription),
    /// A durable subscription was ended, with all its messages.
    Unsubscribe(SubscriptionName),
}

/// Names a queue with durable state.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub enum QueueId {
    /// A queue; never a temporary one.
    Queue(Address),
    /// What waits for a durable subscription.
    Subscription(SubscriptionName),
}

/// Names a durable subscription, shared or not.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct SubscriptionName {
    /// Whose it is, when it belongs to a client id.
    pub client_id: Option<Arc<str>>,
    /// Its name.
    pub name: Arc<str>,
}
