use std::{
    sync::{Arc, Mutex, PoisonError},
    time::Duration,
};

use anymq_api::{
    Capability, Envelope, Error, Result,
    spi::{DeliverySink, DeliveryToken, Done, DriverSession, DriverSubscription, Settlement, SubscribeSpec},
};
use async_trait::async_trait;

use super::broker::Broker;

#[derive(Debug)]
pub(super) struct LoopSession {
    broker: Arc<Broker>,
    subscriptions: Mutex<Vec<Arc<LoopSubscription>>>,
}

impl LoopSession {
    pub(super) fn new(broker: Arc<Broker>) -> Self {
        Self {
            broker,
            subscriptions: Mutex::default(),
        }
    }
}

#[async_trait]
impl DriverSession for LoopSession {
    fn ready(&self) -> Done<()> {
        Done::ok()
    }

    fn send(&self, envelope: Envelope) -> Done<()> {
        self.broker.put(envelope);
        Done::ok()
    }

    fn send_batch(&self, envelopes: Vec<Envelope>) -> Done<()> {
        for envelope in envelopes {
            self.broker.put(envelope);
        }
        Done::ok()
    }

    async fn subscribe(&self, spec: SubscribeSpec, sink: Arc<dyn DeliverySink>) -> Result<Arc<dyn DriverSubscription>> {
        let number = self.broker.subscribe(spec.id, &spec.destination, sink);
        let broker = Arc::clone(&self.broker);
        let subscription = Arc::new(LoopSubscription { broker, number });
        let mut subscriptions = self.subscriptions.lock().unwrap_or_else(PoisonError::into_inner);
        subscriptions.push(Arc::clone(&subscription));
        Ok(subscription)
    }

    fn settle(&self, _settlements: &[Settlement]) -> Done<()> {
        Done::ok()
    }

    fn commit(&self, _acknowledged: &[DeliveryToken]) -> Done<()> {
        Done::ready(Err(Error::unsupported(Capability::Transactions)))
    }

    fn rollback(&self) -> Done<()> {
        Done::ready(Err(Error::unsupported(Capability::Transactions)))
    }

    fn flush(&self) -> Done<()> {
        Done::ok()
    }

    async fn close(&self, _deadline: Duration) -> Result<()> {
        self.abandon();
        Ok(())
    }

    fn abandon(&self) {
        let mut subscriptions = self.subscriptions.lock().unwrap_or_else(PoisonError::into_inner);
        for subscription in subscriptions.drain(..) {
            subscription.abandon();
        }
    }
}

#[derive(Debug)]
struct LoopSubscription {
    broker: Arc<Broker>,
    number: u64,
}

impl DriverSubscription for LoopSubscription {
    fn grant_credit(&self, credit: u32) {
        self.broker.grant(self.number, credit);
    }

    fn stop_delivery(&self) -> Done<()> {
        self.broker.stop(self.number);
        Done::ok()
    }

    fn close(&self) -> Done<()> {
        self.abandon();
        Done::ok()
    }

    fn abandon(&self) {
        self.broker.unsubscribe(self.number);
    }
}
