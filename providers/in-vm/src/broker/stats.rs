/// What a broker holds. Counted part by part, so exact only while nothing moves.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct BrokerStats {
    /// Open connections.
    pub connections: usize,
    /// Open sessions.
    pub sessions: usize,
    /// Queues, without temporary ones. One without messages and consumers is not kept.
    pub queues: usize,
    /// Topics, without temporary ones. One without subscriptions is not kept.
    pub topics: usize,
    /// Temporary queues and topics.
    pub temporary_destinations: usize,
    /// Subscriptions to topics of all kinds.
    pub subscriptions: usize,
    /// Durable ones among them, shared and unshared, with or without a consumer.
    pub durable_subscriptions: usize,
    /// Open consumers of queues and topics.
    pub consumers: usize,
    /// Messages that wait for a consumer.
    pub ready: usize,
    /// Messages that are not due yet.
    pub delayed: usize,
    /// Messages that were delivered and not settled, those of closed consumers included.
    pub unsettled: usize,
    /// Whether as much waits as the [limit of the broker](crate::BrokerLimit) allows.
    pub full: bool,
    /// Sends that were refused because of that limit, in all. Those of one queue's are told by
    /// [`InVmBroker::destinations`](crate::InVmBroker::destinations).
    pub refused: u64,
}
