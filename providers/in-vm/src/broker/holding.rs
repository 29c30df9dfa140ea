use std::sync::Arc;

use anymq_api::{
    Address,
    spi::{DeliverySink, SubscribeSpec, SubscriptionId},
};

use super::{BrokerStats, ConsumerKey, Queue, Topic, discarded::Discarded};

/// What a session holds of one subscription, until it is closed and all of it is settled.
pub(super) struct Holding {
    pub(super) id: SubscriptionId,
    pub(super) address: Address,
    pub(super) queue: Arc<Queue>,
    pub(super) consumer: ConsumerKey,
    /// Where the queue is bound, when it is the subscription's own.
    topic: Option<Arc<Topic>>,
}

impl Holding {
    /// A consumer of a queue; `None` when the queue is retired.
    pub(super) fn of_queue(spec: &SubscribeSpec, queue: Arc<Queue>, sink: &Arc<dyn DeliverySink>) -> Option<Self> {
        let consumer = queue.attach(spec.id, sink)?;
        Some(Self::new(spec, queue, consumer, None))
    }

    /// A subscription with a queue of its own; `None` when the topic is retired.
    pub(super) fn of_topic(spec: &SubscribeSpec, topic: Arc<Topic>, sink: &Arc<dyn DeliverySink>) -> Option<Self> {
        let queue = Arc::new(Queue::default());
        let consumer = queue.attach(spec.id, sink)?;
        topic
            .bind(&queue)
            .then(|| Self::new(spec, queue, consumer, Some(topic)))
    }

    fn new(spec: &SubscribeSpec, queue: Arc<Queue>, consumer: ConsumerKey, topic: Option<Arc<Topic>>) -> Self {
        Self {
            id: spec.id,
            address: spec.destination.clone(),
            queue,
            consumer,
            topic,
        }
    }

    /// Ends the subscription; what it has not settled stays. Whether nothing is left of it.
    pub(super) fn close(&self, discarded: &mut Discarded) -> bool {
        if let Some(topic) = &self.topic {
            topic.unbind(&self.queue);
            self.queue.end(discarded);
        }
        self.queue.close(self.consumer, discarded)
    }

    pub(super) fn count(&self, stats: &mut BrokerStats) {
        self.queue.count_consumer(self.consumer, stats);
    }
}
