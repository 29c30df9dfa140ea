use lapin::types::ShortString;

/// Where a message goes when its delay is over.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Onward {
    /// To an exchange, with the routing key that it came with. The broker does so once, whoever takes it.
    Exchange(ShortString),
    /// To a queue that may be unable to take it for a while, as quorum queues without a leader are. The broker tries until
    /// it is there.
    Queue(ShortString),
}
