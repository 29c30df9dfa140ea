use std::{sync::Arc, time::Duration};

use anymq_api::{
    Envelope, Result,
    spi::{DeliverySink, DeliveryToken, Done, DriverSession, DriverSubscription, Settlement, SubscribeSpec},
};
use async_trait::async_trait;

use crate::{
    broker::{Channel, Ended},
    subscription::InVmSubscription,
};

/// A session; all it does is done by the broker's [`Channel`] before the call returns, so every [`Done`] is ready, but for that of
/// [`ready`](DriverSession::ready) when a queue is full.
#[derive(Debug)]
pub(crate) struct InVmSession {
    channel: Arc<Channel>,
}

impl InVmSession {
    pub(crate) fn new(channel: Arc<Channel>) -> Self {
        Self { channel }
    }
}

#[async_trait]
impl DriverSession for InVmSession {
    fn ready(&self) -> Done<()> {
        self.channel.ready()
    }

    fn send(&self, envelope: Envelope) -> Done<()> {
        Done::ready(self.channel.send(envelope))
    }

    /// Messages to a temporary destination that is gone fail; the others are taken all the same.
    fn send_batch(&self, envelopes: Vec<Envelope>) -> Done<()> {
        Done::ready(self.channel.send_batch(envelopes))
    }

    async fn subscribe(&self, spec: SubscribeSpec, sink: Arc<dyn DeliverySink>) -> Result<Arc<dyn DriverSubscription>> {
        let outlet = self.channel.subscribe(&spec, &sink)?;
        let channel = Arc::clone(&self.channel);
        Ok(Arc::new(InVmSubscription::new(channel, spec.id, outlet)))
    }

    fn settle(&self, settlements: &[Settlement]) -> Done<()> {
        self.channel.settle(settlements);
        Done::ok()
    }

    fn commit(&self, acknowledged: &[DeliveryToken]) -> Done<()> {
        Done::ready(self.channel.commit(acknowledged))
    }

    fn rollback(&self) -> Done<()> {
        Done::ready(self.channel.rollback())
    }

    fn flush(&self) -> Done<()> {
        Done::ok()
    }

    async fn close(&self, _deadline: Duration) -> Result<()> {
        self.channel.end(Ended::Closed);
        Ok(())
    }

    fn abandon(&self) {
        self.channel.end(Ended::Closed);
    }
}

impl Drop for InVmSession {
    fn drop(&mut self) {
        self.abandon();
    }
}
