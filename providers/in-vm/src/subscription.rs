use std::sync::Arc;

use anymq_api::spi::{Delivery, Done, DriverSubscription, SubscriptionId};

use crate::broker::{Channel, Outlet};

/// A subscription. Credit goes straight to its queue; closing goes through the session, which keeps what is unsettled.
/// Pushes happen under the queue's lock, so none is under way when a call returns.
#[derive(Debug)]
pub(crate) struct InVmSubscription {
    channel: Arc<Channel>,
    id: SubscriptionId,
    outlet: Outlet,
}

impl InVmSubscription {
    pub(crate) fn new(channel: Arc<Channel>, id: SubscriptionId, outlet: Outlet) -> Self {
        Self { channel, id, outlet }
    }
}

impl DriverSubscription for InVmSubscription {
    fn grant_credit(&self, credit: u32) {
        self.outlet.grant(credit);
    }

    fn accept(&self, delivery: &Delivery) -> bool {
        self.outlet.accept(delivery)
    }

    fn stop_delivery(&self) -> Done<()> {
        self.outlet.stop();
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
