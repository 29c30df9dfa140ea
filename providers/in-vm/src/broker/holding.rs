use std::sync::Arc;

use anymq_api::{
    Address,
    spi::{Outcome, SubscribeSpec, SubscriptionId},
};

use super::{Broker, BrokerStats, ConsumerKey, Queue, Topic, discarded::Discarded, subscriptions::SubscriptionKey};

/// What a session holds of one subscription, until it is closed and all of it is settled.
pub(super) struct Holding {
    pub(super) id: SubscriptionId,
    pub(super) address: Address,
    pub(super) queue: Arc<Queue>,
    pub(super) consumer: ConsumerKey,
    source: Source,
    /// Accepted, and the queue does not know yet: its lock was taken. Every other look at the queue tells it first.
    accepted: Vec<u64>,
    closed: bool,
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

/// How many accepted deliveries the queue may not know of.
const BACKLOG: usize = 16;

impl Holding {
    pub(super) fn new(spec: &SubscribeSpec, queue: Arc<Queue>, consumer: ConsumerKey, source: Source) -> Self {
        Self {
            id: spec.id,
            address: spec.destination.clone(),
            queue,
            consumer,
            source,
            accepted: Vec::new(),
            closed: false,
        }
    }

    /// Accepts one delivery, without waiting for a queue that is busy. Whether nothing is left of the subscription.
    pub(super) fn accept(&mut self, tag: u64, discarded: &mut Discarded) -> bool {
        self.accepted.push(tag);
        let patient = !self.closed && self.accepted.len() < BACKLOG;
        let gone = self.queue.accept(self.consumer, &self.accepted, patient, discarded);
        if gone.is_some() {
            self.accepted.clear();
        }
        gone.unwrap_or(false)
    }

    /// Whether the queue does not know of all that was accepted.
    pub(super) fn is_behind(&self) -> bool {
        !self.accepted.is_empty()
    }

    /// Settles deliveries; tags that the queue does not know are passed over. Whether nothing is left of the
    /// subscription.
    pub(super) fn settle(
        &mut self,
        settlements: impl Iterator<Item = (u64, Outcome)>,
        discarded: &mut Discarded,
    ) -> bool {
        self.tell_queue(discarded);
        self.queue.settle(self.consumer, settlements, discarded)
    }

    fn tell_queue(&mut self, discarded: &mut Discarded) {
        if !self.accepted.is_empty() {
            self.queue.accept(self.consumer, &self.accepted, false, discarded);
            self.accepted.clear();
        }
    }

    /// What is unsettled goes back to the queue.
    pub(super) fn release_all(&mut self, discarded: &mut Discarded) {
        self.tell_queue(discarded);
        self.queue.release_all(self.consumer, discarded);
    }

    /// Ends the subscription; what it has not settled stays. Whether nothing is left of it.
    pub(super) fn close(&mut self, broker: &Broker, discarded: &mut Discarded) -> bool {
        self.closed = true;
        self.tell_queue(discarded);
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

    pub(super) fn count(&mut self, stats: &mut BrokerStats, discarded: &mut Discarded) {
        self.tell_queue(discarded);
        self.queue.count_consumer(self.consumer, stats);
    }
}
