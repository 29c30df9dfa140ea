use std::{sync::Arc, time::Duration};

use anymq_api::{
    Envelope, Error, Result, Retry,
    spi::{
        Delivery, DeliverySink, DeliveryToken, Done, DriverSession, DriverSubscription, Outcome, Settlement,
        SubscribeSpec, Unsettled,
    },
};
use async_trait::async_trait;

use super::wire::{Passing, Way, Wire, lost};
use crate::fault::Point;

#[derive(Debug)]
pub(super) struct CuttableSession {
    inner: Arc<dyn DriverSession>,
    wire: Arc<Wire>,
    transacted: bool,
}

impl CuttableSession {
    pub(super) fn new(inner: Arc<dyn DriverSession>, wire: Arc<Wire>, transacted: bool) -> Self {
        Self {
            inner,
            wire,
            transacted,
        }
    }

    /// In a transaction it is the commit that is answered.
    fn sending(&self) -> Passing {
        match Passing::asked(Point::Send) {
            asked if self.transacted => asked,
            asked => asked.answered(Point::Confirm),
        }
    }
}

#[async_trait]
impl DriverSession for CuttableSession {
    /// A stalled link keeps nobody from submitting.
    fn ready(&self) -> Done<()> {
        match self.wire.to_broker() {
            Way::Cut => Done::ready(Err(lost(Retry::Safe))),
            Way::Open if self.wire.answers() => self.wire.submit(Passing::UNSEEN, || self.inner.ready()),
            Way::Open | Way::Stalled => Done::ok(),
        }
    }

    fn send(&self, envelope: Envelope) -> Done<()> {
        self.wire.submit(self.sending(), || self.inner.send(envelope))
    }

    fn send_batch(&self, envelopes: Vec<Envelope>) -> Done<()> {
        self.wire.submit(self.sending(), || self.inner.send_batch(envelopes))
    }

    async fn subscribe(&self, spec: SubscribeSpec, sink: Arc<dyn DeliverySink>) -> Result<Arc<dyn DriverSubscription>> {
        let wire = Arc::clone(&self.wire);
        let sink = Arc::new(CuttableSink { inner: sink, wire });
        let inner = self.wire.ask(self.inner.subscribe(spec, sink)).await?;
        let wire = Arc::clone(&self.wire);
        Ok(Arc::new(CuttableSubscription { inner, wire }))
    }

    fn settle(&self, settlements: &[Settlement]) -> Done<()> {
        let accepts = settlements.iter().any(|it| it.outcome == Outcome::Accept);
        let point = if accepts { Point::Acknowledge } else { Point::Other };
        self.wire
            .submit(Passing::asked(point), || self.inner.settle(settlements))
    }

    fn commit(&self, acknowledged: &[DeliveryToken]) -> Done<()> {
        let passing = Passing::asked(Point::Commit).answered(Point::Committed);
        self.wire.submit(passing, || self.inner.commit(acknowledged))
    }

    fn rollback(&self) -> Done<()> {
        self.wire.submit(Passing::asked(Point::Other), || self.inner.rollback())
    }

    fn flush(&self) -> Done<()> {
        self.wire.submit(Passing::asked(Point::Other), || self.inner.flush())
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
        self.wire
            .submit(Passing::asked(Point::Other), || self.inner.stop_delivery())
    }

    fn close(&self) -> Done<()> {
        self.wire.submit(Passing::asked(Point::Other), || self.inner.close())
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
        let push = || self.wire.pass(Some(epoch), || self.inner.push(delivery));
        self.wire.passes(Some(Point::Delivery), push);
    }

    fn ended(&self, error: Error, unsettled: Unsettled) {
        self.wire.pass(None, || self.inner.ended(error, unsettled));
    }
}
