use std::sync::Arc;

use anymq_api::spi::{Done, DriverSubscription, SubscriptionId};

use crate::broker::{Channel, ConsumerKey, Queue};

/// A subscription. Credit goes straight to its queue; closing goes through the session, which keeps what is unsettled.
/// Pushes happen under the queue's lock, so none is under way when a call returns.
#[derive(Debug)]
pub(crate) struct InVmSubscription {
    channel: Arc<Channel>,
    id: SubscriptionId,
    queue: Arc<Queue>,
    consumer: ConsumerKey,
}

impl InVmSubscription {
    pub(crate) fn new(channel: Arc<Channel>, id: SubscriptionId, queue: Arc<Queue>, consumer: ConsumerKey) -> Self {
        Self {
            channel,
            id,
            queue,
            consumer,
        }
    }
}

impl DriverSubscription for InVmSubscription {
    fn grant_credit(&self, credit: u32) {
        self.queue.grant(self.consumer, credit);
    }

    fn stop_delivery(&self) -> Done<()> {
        self.queue.stop(self.consumer);
        Done::ok()
    }

    fn close(&self) -> Done<()> {
        self.channel.close_subscription(self.id);
        Done::ok()
    }

    fn abandon(&self) {
        self.channel.close_subscription(self.id);
    }
}

impl Drop for InVmSubscription {
    fn drop(&mut self) {
        self.abandon();
    }
}
