//! Faults of subscriptions and of declarations.

use std::{
    collections::HashMap,
    sync::{Arc, OnceLock, atomic::Ordering},
};

use anymq_api::{
    Address, Capabilities, Capability, Envelope, Error, Result, Support,
    spi::{
        Delivery, DeliverySink, DeliveryToken, Done, DriverSubscription, SubscribeSpec, SubscriptionId,
        SubscriptionKind,
    },
};
use async_trait::async_trait;
use parking_lot::Mutex;

use crate::{
    decorated::{Session, Sink, Subscription, later},
    fault::Fault,
};

/// Delivers ahead without a limit.
#[derive(Debug)]
pub(crate) struct IgnoresCredit;

impl Fault for IgnoresCredit {
    fn grant_credit(&self, subscription: &Subscription, _credit: u32) {
        subscription.inner.grant_credit(1_000_000);
    }
}

/// Says that a subscription is closed, and closes it later.
#[derive(Debug)]
pub(crate) struct ClosesLate;

impl Fault for ClosesLate {
    fn close_subscription(&self, subscription: &Subscription) -> Done<()> {
        let inner = Arc::clone(&subscription.inner);
        later(async move { drop(inner.close().await) });
        Done::ok()
    }
}

/// Says that a connection is closed, and closes it later.
#[derive(Debug)]
pub(crate) struct ConnectionClosesLate;

impl Fault for ConnectionClosesLate {
    fn closes_late(&self) -> bool {
        true
    }
}

/// Leaves a closed consumer at the broker, where it goes on taking messages until its session is closed.
#[derive(Debug, Default)]
pub(crate) struct NeverCloses {
    kept: Mutex<Vec<Arc<dyn DriverSubscription>>>,
}

impl Fault for NeverCloses {
    fn close_subscription(&self, subscription: &Subscription) -> Done<()> {
        self.kept.lock().push(Arc::clone(&subscription.inner));
        Done::ok()
    }
}

/// Leaves a consumer that was dropped at the broker, as [`NeverCloses`] does a closed one.
#[derive(Debug, Default)]
pub(crate) struct IgnoresDrops {
    kept: Mutex<Vec<Arc<dyn DriverSubscription>>>,
}

impl Fault for IgnoresDrops {
    fn abandon_subscription(&self, subscription: &Subscription) {
        self.kept.lock().push(Arc::clone(&subscription.inner));
    }
}

/// Lets two connections have one client identifier.
#[derive(Debug)]
pub(crate) struct SharesClientIds;

impl Fault for SharesClientIds {
    fn connects_as(&self, _client_id: Option<String>) -> Option<String> {
        None
    }
}

/// Returns from the tenth and later subscriptions of a session before they exist.
#[derive(Debug)]
pub(crate) struct ActiveLate;

#[async_trait]
impl Fault for ActiveLate {
    async fn subscribe(
        &self,
        session: &Session,
        spec: SubscribeSpec,
        sink: Arc<dyn DeliverySink>,
    ) -> Result<Arc<dyn DriverSubscription>> {
        if session.subscriptions.load(Ordering::Relaxed) < 10 {
            return session.inner.subscribe(spec, sink).await;
        }
        let late = Arc::new(Late::default());
        let (subscription, inner) = (Arc::clone(&late), Arc::clone(&session.inner));
        later(async move {
            if let Ok(made) = inner.subscribe(spec, sink).await {
                subscription.attach(made);
            }
        });
        Ok(late)
    }
}

/// A subscription that is still to be made, with the credit that it was granted.
#[derive(Debug, Default)]
struct Late {
    made: OnceLock<Arc<dyn DriverSubscription>>,
    credit: Mutex<u32>,
}

impl Late {
    fn attach(&self, made: Arc<dyn DriverSubscription>) {
        let credit = self.credit.lock();
        made.grant_credit(*credit);
        let _ = self.made.set(made);
    }
}

impl DriverSubscription for Late {
    fn grant_credit(&self, credit: u32) {
        let mut early = self.credit.lock();
        match self.made.get() {
            Some(made) => made.grant_credit(credit),
            None => *early += credit,
        }
    }

    fn stop_delivery(&self) -> Done<()> {
        self.made.get().map_or_else(Done::ok, |made| made.stop_delivery())
    }

    fn close(&self) -> Done<()> {
        self.made.get().map_or_else(Done::ok, |made| made.close())
    }

    fn abandon(&self) {
        if let Some(made) = self.made.get() {
            made.abandon();
        }
    }
}

/// Declares no-local and refuses it.
#[derive(Debug)]
pub(crate) struct DeclaresWhatItRefuses;

#[async_trait]
impl Fault for DeclaresWhatItRefuses {
    fn capabilities(&self, declared: Capabilities) -> Capabilities {
        declared.with(Capability::NoLocal, Support::Native)
    }

    async fn subscribe(
        &self,
        session: &Session,
        spec: SubscribeSpec,
        sink: Arc<dyn DeliverySink>,
    ) -> Result<Arc<dyn DriverSubscription>> {
        if spec.no_local {
            return Err(Error::unsupported(Capability::NoLocal));
        }
        session.inner.subscribe(spec, sink).await
    }
}

/// Delivers what the selector does not select.
#[derive(Debug)]
pub(crate) struct IgnoresSelectors;

#[async_trait]
impl Fault for IgnoresSelectors {
    async fn subscribe(
        &self,
        session: &Session,
        mut spec: SubscribeSpec,
        sink: Arc<dyn DeliverySink>,
    ) -> Result<Arc<dyn DriverSubscription>> {
        spec.selector = None;
        session.inner.subscribe(spec, sink).await
    }
}

/// Takes shared durable subscriptions for non-durable ones.
#[derive(Debug)]
pub(crate) struct SharesForAWhile;

#[async_trait]
impl Fault for SharesForAWhile {
    async fn subscribe(
        &self,
        session: &Session,
        mut spec: SubscribeSpec,
        sink: Arc<dyn DeliverySink>,
    ) -> Result<Arc<dyn DriverSubscription>> {
        if let SubscriptionKind::SharedDurable { name } = &spec.kind {
            spec.kind = SubscriptionKind::Shared { name: name.clone() };
        }
        session.inner.subscribe(spec, sink).await
    }
}

/// Declares no-local and does nothing about it.
#[derive(Debug)]
pub(crate) struct DeclaresWhatItIgnores;

#[async_trait]
impl Fault for DeclaresWhatItIgnores {
    fn capabilities(&self, declared: Capabilities) -> Capabilities {
        declared.with(Capability::NoLocal, Support::Native)
    }

    async fn subscribe(
        &self,
        session: &Session,
        mut spec: SubscribeSpec,
        sink: Arc<dyn DeliverySink>,
    ) -> Result<Arc<dyn DriverSubscription>> {
        spec.no_local = false;
        session.inner.subscribe(spec, sink).await
    }
}

/// Takes two subscriptions of one session to one topic for one: what one of them gets the other does not.
#[derive(Debug, Default)]
pub(crate) struct OnePerSession {
    first: Mutex<HashMap<(u64, Address), SubscriptionId>>,
}

impl Fault for OnePerSession {
    fn push(&self, sink: &Sink, delivery: Delivery) {
        if sink.destination.kind().is_topic() {
            let key = (sink.session, sink.destination.clone());
            let own = delivery.token.subscription;
            if *self.first.lock().entry(key).or_insert(own) != own {
                return;
            }
        }
        sink.inner.push(delivery);
    }

    fn close_subscription(&self, subscription: &Subscription) -> Done<()> {
        let key = (subscription.sink.session, subscription.destination.clone());
        self.first.lock().remove(&key);
        subscription.inner.close()
    }
}

/// Gives a new subscription the topic's last message from before, as MQTT does with retained ones.
#[derive(Debug, Default)]
pub(crate) struct Retains {
    last: Mutex<HashMap<Address, Envelope>>,
}

#[async_trait]
impl Fault for Retains {
    fn send(&self, session: &Session, envelope: Envelope) -> Done<()> {
        let address = &envelope.headers().destination;
        if address.kind().is_topic() {
            self.last.lock().insert(address.clone(), envelope.clone());
        }
        session.inner.send(envelope)
    }

    async fn subscribe(
        &self,
        session: &Session,
        spec: SubscribeSpec,
        sink: Arc<dyn DeliverySink>,
    ) -> Result<Arc<dyn DriverSubscription>> {
        let retained = self.last.lock().get(&spec.destination).cloned();
        let subscription = spec.id;
        let made = session.inner.subscribe(spec, Arc::clone(&sink)).await?;
        if let Some(envelope) = retained {
            sink.push(Delivery {
                envelope,
                token: DeliveryToken {
                    epoch: u32::MAX,
                    subscription,
                    tag: 0,
                },
                redelivered: false,
                count: 1,
                local: false,
            });
        }
        Ok(made)
    }
}
