use std::sync::Arc;

use anymq_api::{
    Address,
    spi::{Outcome, SubscribeSpec, SubscriptionId},
};

use super::{Broker, BrokerStats, ConsumerKey, Queue, Topic, discarded::Discarded, subscriptions::SubscriptionKey};
use crate::store::Change;

/// What a session holds of one subscription, until it is closed and all of it is settled.
pub(super) struct Holding {
    pub(super) id: SubscriptionId,
    pub(super) address: Address,
    pub(super) queue: Arc<Queue>,
    pub(super) consumer: ConsumerKey,
    source: Source,
}

/// What the queue is.
pub(super) enum Source {
    /// One that others may consume from, too.
    Queue,
    /// The subscription's own, bound here.
    Own(Arc<Topic>),
    /// That of a subscription with a name.
    Named(SubscriptionKey),
}

impl Holding {
    pub(super) fn new(spec: &SubscribeSpec, queue: Arc<Queue>, consumer: ConsumerKey, source: Source) -> Self {
        Self {
            id: spec.id,
            address: spec.destination.clone(),
            queue,
            consumer,
            source,
        }
    }

    /// Settles deliveries; tags that the queue does not know are passed over. Whether nothing is left of the
    /// subscription.
    pub(super) fn settle(&self, settlements: impl Iterator<Item = (u64, Outcome)>, discarded: &mut Discarded) -> bool {
        self.queue.settle(self.consumer, settlements, discarded)
    }

    /// Deliveries are about to be accepted: adds what the store has to do.
    pub(super) fn claim(&self, tags: impl Iterator<Item = u64>, changes: &mut Vec<Change>) {
        self.queue.claim(self.consumer, tags, changes);
    }

    /// They are not accepted after all.
    pub(super) fn unclaim(&self, tags: impl Iterator<Item = u64>) {
        self.queue.unclaim(self.consumer, tags);
    }

    /// What is unsettled goes back to the queue.
    pub(super) fn release_all(&self, discarded: &mut Discarded) {
        self.queue.release_all(self.consumer, discarded);
    }

    /// Ends the subscription; what it has not settled stays. Whether nothing is left of it.
    pub(super) fn close(&self, broker: &Broker, discarded: &mut Discarded) -> bool {
        if let Source::Own(topic) = &self.source {
            topic.unbind(&self.queue);
            self.queue.end(discarded);
        }
        let gone = self.queue.close(self.consumer, discarded);
        if let Source::Named(key) = &self.source {
            broker.leave(key, &self.queue, discarded);
        }
        gone
    }

    pub(super) fn count(&self, stats: &mut BrokerStats) {
        self.queue.count_consumer(self.consumer, stats);
    }
}
