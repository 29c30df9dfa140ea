//! What a driver can do wrong.

use std::{fmt::Debug, sync::Arc};

use anymq_api::{
    Address, Capabilities, Envelope, Result,
    spi::{Delivery, DeliverySink, DeliveryToken, Done, DriverSubscription, Settlement, SubscribeSpec},
};
use anymq_in_vm::store::{MemoryStore, Store};
use async_trait::async_trait;

use crate::decorated::{Session, Sink, Subscription};

/// A rule broken: what is not overridden is done right. One value serves all connections of a driver.
#[async_trait]
pub(crate) trait Fault: Debug + Send + Sync {
    fn capabilities(&self, declared: Capabilities) -> Capabilities {
        declared
    }

    fn send(&self, session: &Session, envelope: Envelope) -> Done<()> {
        session.inner.send(envelope)
    }

    async fn subscribe(
        &self,
        session: &Session,
        spec: SubscribeSpec,
        sink: Arc<dyn DeliverySink>,
    ) -> Result<Arc<dyn DriverSubscription>> {
        session.inner.subscribe(spec, sink).await
    }

    fn settle(&self, session: &Session, settlements: &[Settlement]) -> Done<()> {
        session.inner.settle(settlements)
    }

    fn commit(&self, session: &Session, acknowledged: &[DeliveryToken]) -> Done<()> {
        session.inner.commit(acknowledged)
    }

    fn rollback(&self, session: &Session) -> Done<()> {
        session.inner.rollback()
    }

    fn push(&self, sink: &Sink, delivery: Delivery) {
        sink.inner.push(delivery);
    }

    fn grant_credit(&self, subscription: &Subscription, credit: u32) {
        subscription.inner.grant_credit(credit);
    }

    fn close_subscription(&self, subscription: &Subscription) -> Done<()> {
        subscription.inner.close()
    }

    fn abandon_subscription(&self, subscription: &Subscription) {
        subscription.inner.abandon();
    }

    /// The client identifier that the broker is told.
    fn connects_as(&self, client_id: Option<String>) -> Option<String> {
        client_id
    }

    /// Where a broker that is restarted keeps what it has.
    fn store(&self) -> Arc<dyn Store> {
        Arc::new(MemoryStore::default())
    }

    /// Whether closing a connection returns before it has happened.
    fn closes_late(&self) -> bool {
        false
    }

    /// The address that stands for another.
    fn translate(&self, address: &Address) -> Address {
        address.clone()
    }
}

/// No fault.
#[derive(Debug)]
pub(crate) struct NoFault;

impl Fault for NoFault {}
