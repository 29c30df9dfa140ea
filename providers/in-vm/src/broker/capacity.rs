use std::sync::Arc;

use super::{BrokerLimit, QueueLimit, crowd::Crowd, total::Total};
use crate::error;

/// What bounds a broker that is bounded.
#[derive(Debug)]
pub(super) struct Capacity {
    /// Of every queue.
    pub(super) queue: Option<QueueLimit>,
    /// Of all together.
    pub(super) total: Option<Arc<Total>>,
}

impl Capacity {
    /// `None` without any limit.
    pub(super) fn of(queue: Option<QueueLimit>, broker: Option<BrokerLimit>) -> Option<Self> {
        let total = broker.map(|limit| Arc::new(Total::new(limit)));
        (queue.is_some() || total.is_some()).then_some(Self { queue, total })
    }

    /// Refuses a send to a full broker, when it is to be refused.
    pub(super) fn check(&self) -> anymq_api::Result<()> {
        match self.full() {
            Some(crowd) if crowd.refuses() => {
                crowd.refuse();
                Err(error::broker_full())
            }
            _ => Ok(()),
        }
    }

    /// How many sends to a full broker were refused.
    pub(super) fn refused(&self) -> u64 {
        self.total.as_ref().map_or(0, |total| total.refused())
    }

    /// Who waits when all is full.
    pub(super) fn full(&self) -> Option<&Arc<Crowd>> {
        self.total.as_ref()?.full()
    }

    /// Whether bodies are weighed.
    pub(super) fn weighs(&self) -> bool {
        let total = self.total.as_ref().is_some_and(|total| total.weighs());
        total || self.queue.is_some_and(|limit| limit.bytes.is_some())
    }
}
