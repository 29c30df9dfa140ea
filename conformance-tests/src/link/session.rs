use std::{sync::Arc, time::Duration};

use anymq_api::{
    Envelope, Error, Result, Retry,
    spi::{
        Delivery, DeliverySink, DeliveryToken, Done, DriverSession, DriverSubscription, Settlement, SubscribeSpec,
        Unsettled,
    },
};
use async_trait::async_trait;

use super::wire::{Way, Wire, lost};

#[derive(Debug)]
pub(super) struct CuttableSession {
    inner: Arc<dyn DriverSession>,
    wire: Arc<Wire>,
}

impl CuttableSession {
    pub(super) fn new(inner: Arc<dyn DriverSession>, wire: Arc<Wire>) -> Self {
        Self { inner, wire }
    }
}

#[async_trait]
impl DriverSession for CuttableSession {
    /// A stalled link keeps nobody from submitting.
    fn ready(&self) -> Done<()> {
        match self.wire.to_broker() {
            Way::Cut => Done::ready(Err(lost(Retry::Safe))),
            Way::Open if self.wire.answers() => self.wire.submit(|| self.inner.ready()),
            Way::Open | Way::Stalled => Done::ok(),
        }
    }

    fn send(&self, envelope: Envelope) -> Done<()> {
        self.wire.submit(|| self.inner.send(envelope))
    }

    fn send_batch(&self, envelopes: Vec<Envelope>) -> Done<()> {
        self.wire.submit(|| self.inner.send_batch(envelopes))
    }

    async fn subscribe(&self, spec: SubscribeSpec, sink: Arc<dyn DeliverySink>) -> Result<Arc<dyn DriverSubscription>> {
        let wire = Arc::clone(&self.wire);
        let sink = Arc::new(CuttableSink { inner: sink, wire });
        let inner = self.wire.ask(self.inner.subscribe(spec, sink)).await?;
        let wire = Arc::clone(&self.wire);
        Ok(Arc::new(CuttableSubscription { inner, wire }))
    }

    fn settle(&self, settlements: &[Settlement]) -> Done<()> {
        self.wire.submit(|| self.inner.settle(settlements))
    }

    fn commit(&self, acknowledged: &[DeliveryToken]) -> Done<()> {
        self.wire.submit(|| self.inner.commit(acknowledged))
    }

    fn rollback(&self) -> Done<()> {
        self.wire.submit(|| self.inner.rollback())
    }

    fn flush(&self) -> Done<()> {
        self.wire.submit(|| self.inner.flush())
    }

    async fn close(&self, deadline: Duration) -> Result<()> {
        // What is lost is closed.
        if self.wire.is_cut() {
            return Ok(());
        }
        self.wire.ask(self.inner.close(deadline)).await
    }

    /// Of a stalled link the broker learns it at the cut.
    fn abandon(&self) {
        if self.wire.to_broker() == Way::Open {
            self.inner.abandon();
        }
    }
}

#[derive(Debug)]
struct CuttableSubscription {
    inner: Arc<dyn DriverSubscription>,
    wire: Arc<Wire>,
}

impl DriverSubscription for CuttableSubscription {
    fn grant_credit(&self, credit: u32) {
        if self.wire.to_broker() == Way::Open {
            self.inner.grant_credit(credit);
        }
    }

    fn stop_delivery(&self) -> Done<()> {
        self.wire.submit(|| self.inner.stop_delivery())
    }

    fn close(&self) -> Done<()> {
        self.wire.submit(|| self.inner.close())
    }

    /// Of a stalled link the broker learns it at the cut.
    fn abandon(&self) {
        if self.wire.to_broker() == Way::Open {
            self.inner.abandon();
        }
    }
}

struct CuttableSink {
    inner: Arc<dyn DeliverySink>,
    wire: Arc<Wire>,
}

impl DeliverySink for CuttableSink {
    fn push(&self, delivery: Delivery) {
        let epoch = delivery.token.epoch;
        self.wire.pass(Some(epoch), || self.inner.push(delivery));
    }

    fn ended(&self, error: Error, unsettled: Unsettled) {
        self.wire.pass(None, || self.inner.ended(error, unsettled));
    }
}
