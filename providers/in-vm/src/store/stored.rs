use anymq_api::{Address, Envelope};

use super::{QueueId, SubscriptionName};

/// All that a store keeps.
#[derive(Clone, Debug, PartialEq)]
pub struct Stored {
    /// Whether the last broker closed the store. If not, any message may have been delivered without a note of it, and
    /// all are flagged as redelivered.
    pub clean: bool,
    /// In any order.
    pub subscriptions: Vec<StoredSubscription>,
    /// In any order: their sequences tell it.
    pub messages: Vec<StoredMessage>,
}

/// A message in a queue, as a store keeps it.
#[derive(Clone, Debug, PartialEq)]
pub struct StoredMessage {
    /// Where it is.
    pub queue: QueueId,
    /// Its place in the queue among those of its priority, lower ones first; with the queue its identity. Never used
    /// again by the same broker, and by a later one only above what that one loaded.
    pub sequence: u64,
    /// The message with its headers: priority, expiration and delivery time among them.
    pub envelope: Envelope,
    /// How often it was handed to an application so far.
    pub deliveries: u32,
}

/// A durable subscription, as a store keeps it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct StoredSubscription {
    /// Its identity.
    pub name: SubscriptionName,
    /// What it is subscribed to; never a temporary topic.
    pub topic: Address,
    /// The text of its selector, if it has one.
    pub selector: Option<String>,
    /// Whether publications of its own client id are left out.
    pub no_local: bool,
    /// Whether several consumers may share it.
    pub shared: bool,
}
