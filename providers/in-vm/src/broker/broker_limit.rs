use std::num::NonZeroUsize;

use super::{Overflow, QueueLimit};

/// How much may wait in all queues and subscriptions of a broker together, and what happens then.
///
/// What waits for a consumer or for its time counts, once for each queue and subscription that holds it, dead letters
/// included; what consumers were delivered ahead does not: it is bounded by their prefetch. Dead letters are never
/// refused and never wait: a broker whose dead letters nobody takes fills up.
///
/// There is no dropping of the oldest: queues share no order, and one busy queue would throw away what waits in
/// others. A [`QueueLimit`] may drop; both hold at once.
///
/// ```
/// use std::num::NonZeroUsize;
///
/// use anymq_in_vm::{BrokerLimit, InVmBroker};
///
/// let limit = BrokerLimit::bytes(const { NonZeroUsize::new(64 << 20).unwrap() }).refusing();
/// let broker = InVmBroker::builder().with_limit(limit).build();
/// assert!(!broker.stats().full);
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct BrokerLimit {
    /// How many messages.
    pub messages: Option<NonZeroUsize>,
    /// How many bytes of bodies, about.
    pub bytes: Option<NonZeroUsize>,
    /// Whether sends fail with [`ErrorKind::ResourceAllocation`](anymq_api::ErrorKind::ResourceAllocation) while it is
    /// reached. Otherwise whoever filled the broker waits, before its next send, until a quarter is free, no longer than
    /// its request time-out; so a broker holds at most one message more for each sending session, or what one
    /// transaction sends. A session that sends what comes of what it receives may then wait for itself: let it refuse,
    /// or bound the queues that it reads below this.
    pub refuses: bool,
}

impl BrokerLimit {
    /// As many messages, and senders wait.
    pub const fn messages(messages: NonZeroUsize) -> Self {
        Self {
            messages: Some(messages),
            bytes: None,
            refuses: false,
        }
    }

    /// As many bytes of bodies, and senders wait.
    pub const fn bytes(bytes: NonZeroUsize) -> Self {
        Self {
            messages: None,
            bytes: Some(bytes),
            refuses: false,
        }
    }

    /// Sends fail while it is reached.
    #[must_use]
    pub const fn refusing(mut self) -> Self {
        self.refuses = true;
        self
    }

    /// The same, as of one queue.
    pub(super) fn as_queue_limit(self) -> QueueLimit {
        QueueLimit {
            messages: self.messages,
            bytes: self.bytes,
            overflow: if self.refuses { Overflow::Refuse } else { Overflow::Wait },
        }
    }
}
