use std::{sync::Arc, time::Duration};

use anymq_api::{
    Envelope, Error, Result,
    spi::{
        Delivery, DeliverySink, DeliveryToken, Done, DriverSession, DriverSubscription, Settlement, SubscribeSpec,
        Unsettled,
    },
};
use async_trait::async_trait;

use super::Tap;

#[derive(Debug)]
pub(super) struct TappedSession {
    inner: Arc<dyn DriverSession>,
    tap: Arc<dyn Tap>,
}

impl TappedSession {
    pub(super) fn new(inner: Arc<dyn DriverSession>, tap: Arc<dyn Tap>) -> Self {
        Self { inner, tap }
    }

    fn passed(&self, settlement: Settlement) -> Option<Settlement> {
        let outcome = settlement.outcome;
        self.tap
            .token(settlement.token)
            .map(|token| Settlement { token, outcome })
    }
}

#[async_trait]
impl DriverSession for TappedSession {
    fn ready(&self) -> Done<()> {
        self.tap.answer(self.inner.ready())
    }

    fn send(&self, envelope: Envelope) -> Done<()> {
        self.tap.answer(self.tap.send(&self.inner, envelope))
    }

    fn send_batch(&self, envelopes: Vec<Envelope>) -> Done<()> {
        self.tap.answer(self.inner.send_batch(envelopes))
    }

    async fn subscribe(&self, spec: SubscribeSpec, sink: Arc<dyn DeliverySink>) -> Result<Arc<dyn DriverSubscription>> {
        let tap = Arc::clone(&self.tap);
        let sink = Arc::new(TappedSink { inner: sink, tap });
        let inner = self.inner.subscribe(spec, sink).await?;
        let tap = Arc::clone(&self.tap);
        Ok(Arc::new(TappedSubscription { inner, tap }))
    }

    fn settle(&self, settlements: &[Settlement]) -> Done<()> {
        let passed: Vec<_> = settlements.iter().filter_map(|it| self.passed(*it)).collect();
        self.tap.answer(self.tap.settle(&self.inner, &passed))
    }

    fn commit(&self, acknowledged: &[DeliveryToken]) -> Done<()> {
        let passed: Vec<_> = acknowledged.iter().filter_map(|it| self.tap.token(*it)).collect();
        self.tap.answer(self.inner.commit(&passed))
    }

    fn rollback(&self) -> Done<()> {
        self.tap.answer(self.inner.rollback())
    }

    fn flush(&self) -> Done<()> {
        self.tap.answer(self.inner.flush())
    }

    async fn close(&self, deadline: Duration) -> Result<()> {
        self.inner.close(deadline).await
    }

    fn abandon(&self) {
        self.inner.abandon();
    }
}

#[derive(Debug)]
struct TappedSubscription {
    inner: Arc<dyn DriverSubscription>,
    tap: Arc<dyn Tap>,
}

impl DriverSubscription for TappedSubscription {
    fn grant_credit(&self, credit: u32) {
        self.inner.grant_credit(credit);
    }

    fn accept(&self, delivery: &Delivery) -> bool {
        let Some(token) = self.tap.token(delivery.token) else {
            return true;
        };
        let delivery = Delivery {
            token,
            ..delivery.clone()
        };
        self.inner.accept(&delivery)
    }

    fn stop_delivery(&self) -> Done<()> {
        self.inner.stop_delivery()
    }

    fn close(&self) -> Done<()> {
        self.inner.close()
    }

    fn abandon(&self) {
        self.inner.abandon();
    }
}

struct TappedSink {
    inner: Arc<dyn DeliverySink>,
    tap: Arc<dyn Tap>,
}

impl DeliverySink for TappedSink {
    fn push(&self, delivery: Delivery) {
        if let Some(delivery) = self.tap.delivery(delivery) {
            self.inner.push(delivery);
        }
    }

    fn ended(&self, error: Error, unsettled: Unsettled) {
        self.inner.ended(error, unsettled);
    }
}
