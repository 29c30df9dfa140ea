use anymq_api::Address;

use super::subscriptions::SubscriptionKey;

/// What one queue holds and has seen: a queue, a temporary one, or that of one subscription to a topic.
///
/// Taken under the queue's lock, so the numbers fit each other. The totals begin with the queue; one without messages
/// and consumers is not kept, and begins again when it is next used.
///
/// ```
/// use anymq_in_vm::InVmBroker;
///
/// for it in InVmBroker::new().destinations() {
///     println!("{}: {} wait, {} under way, {} consumers", it.address, it.ready, it.unsettled, it.consumers);
/// }
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct DestinationStats {
    /// Of the queue, or of the topic that is subscribed to; its kind says which.
    pub address: Address,
    /// Which subscription, when it is a topic.
    pub subscription: Option<SubscriptionStats>,
    /// Messages that wait for a consumer.
    pub ready: usize,
    /// Messages that are not due yet.
    pub delayed: usize,
    /// Messages that were delivered to a consumer, or ahead to its client, and not settled; those of closed consumers
    /// included.
    pub unsettled: usize,
    /// Open consumers.
    pub consumers: usize,
    /// About how many bytes the bodies of the ready messages have; `None` when they are not weighed, as no limit in
    /// bytes is set.
    pub bytes: Option<usize>,
    /// Whether as much waits as the [queue limit](crate::QueueLimit) allows.
    pub full: bool,
    /// Messages that came in, in all.
    pub enqueued: u64,
    /// Deliveries to consumers, in all; those that came again count again.
    pub delivered: u64,
    /// Messages that were dropped because they expired while they waited, in all. What expires after it was delivered
    /// ahead is dropped by the client, and not counted.
    pub expired: u64,
    /// Messages that gave way to new ones, in all; they went to the dead letters.
    pub overflowed: u64,
    /// Messages that consumers rejected, or that were redelivered too often, in all. They went to the dead letters; those
    /// of the dead letters themselves were dropped.
    pub rejected: u64,
    /// Sends that were refused because this queue was full, in all. Of the subscriptions to a topic, the first full one
    /// counts it.
    pub refused: u64,
}

impl DestinationStats {
    pub(super) fn new(address: Address, subscription: Option<SubscriptionStats>) -> Self {
        Self {
            address,
            subscription,
            ready: 0,
            delayed: 0,
            unsettled: 0,
            consumers: 0,
            bytes: None,
            full: false,
            enqueued: 0,
            delivered: 0,
            expired: 0,
            overflowed: 0,
            rejected: 0,
            refused: 0,
        }
    }
}

/// Which subscription to a topic it is.
#[derive(Clone, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
#[non_exhaustive]
pub struct SubscriptionStats {
    /// Whose it is, when it belongs to a client id.
    pub client_id: Option<String>,
    /// Its name; none for that of a single consumer without one.
    pub name: Option<String>,
    /// Whether it stays, and collects messages, while nobody consumes.
    pub durable: bool,
    /// Whether several consumers may share it.
    pub shared: bool,
}

impl SubscriptionStats {
    pub(super) fn of(key: Option<SubscriptionKey>, shared: bool) -> Self {
        let Some(key) = key else { return Self::default() };
        Self {
            client_id: key.client_id,
            name: Some(key.name),
            durable: key.durable,
            shared,
        }
    }
}
