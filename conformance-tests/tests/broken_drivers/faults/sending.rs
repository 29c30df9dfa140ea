//! Faults of sends and transactions.

use std::{
    collections::{BTreeSet, HashMap},
    sync::{Arc, atomic::Ordering},
};

use anymq_api::{
    Address, DestinationKind, Envelope, Result,
    spi::{DeliverySink, DeliveryToken, Done, DriverSubscription, SubscribeSpec},
};
use async_trait::async_trait;
use parking_lot::Mutex;

use crate::{
    decorated::{Session, Subscription},
    fault::Fault,
};

/// Delivers at once what was to be delayed.
#[derive(Debug)]
pub(crate) struct NeverDelays;

impl Fault for NeverDelays {
    fn send(&self, session: &Session, envelope: Envelope) -> Done<()> {
        let at_once = envelope.with_headers(|headers| headers.delivery_time = headers.timestamp);
        session.inner.send(at_once)
    }
}

/// Reports every hundredth send of a session as done, and does not do it.
#[derive(Debug)]
pub(crate) struct Swallows;

impl Fault for Swallows {
    fn send(&self, session: &Session, envelope: Envelope) -> Done<()> {
        if session.sends.load(Ordering::Relaxed).is_multiple_of(100) {
            return Done::ok();
        }
        session.inner.send(envelope)
    }
}

/// Takes a dot in a queue's name for a hierarchy: what is sent to `a` goes to `a.b` also.
#[derive(Debug, Default)]
pub(crate) struct CopiesToPrefix {
    queues: Mutex<BTreeSet<Address>>,
}

impl Fault for CopiesToPrefix {
    fn send(&self, session: &Session, envelope: Envelope) -> Done<()> {
        let address = &envelope.headers().destination;
        let mut queues = self.queues.lock();
        if address.kind() == DestinationKind::Queue {
            queues.insert(address.clone());
        }
        let below = format!("{}.", address.name());
        let copies = queues.iter().filter(|queue| queue.name().starts_with(&below));
        for queue in copies {
            let copy = envelope
                .clone()
                .with_headers(|headers| headers.destination = queue.clone());
            drop(session.inner.send(copy));
        }
        session.inner.send(envelope)
    }
}

/// Takes names that differ in case only for the same.
#[derive(Debug)]
pub(crate) struct FoldsCase;

impl Fault for FoldsCase {
    fn translate(&self, address: &Address) -> Address {
        Address::new(address.kind(), address.name().to_lowercase()).unwrap()
    }
}

/// Drops what is sent to a temporary queue that has no consumer, as if it were a topic.
#[derive(Debug, Default)]
pub(crate) struct ForgetfulTemporaries {
    consumers: Mutex<HashMap<Address, usize>>,
}

#[async_trait]
impl Fault for ForgetfulTemporaries {
    fn send(&self, session: &Session, envelope: Envelope) -> Done<()> {
        let address = &envelope.headers().destination;
        let consumed = self.consumers.lock().get(address).is_some_and(|count| *count > 0);
        if address.kind() == DestinationKind::TemporaryQueue && !consumed {
            return Done::ok();
        }
        session.inner.send(envelope)
    }

    async fn subscribe(
        &self,
        session: &Session,
        spec: SubscribeSpec,
        sink: Arc<dyn DeliverySink>,
    ) -> Result<Arc<dyn DriverSubscription>> {
        *self.consumers.lock().entry(spec.destination.clone()).or_default() += 1;
        session.inner.subscribe(spec, sink).await
    }

    fn close_subscription(&self, subscription: &Subscription) -> Done<()> {
        if let Some(count) = self.consumers.lock().get_mut(&subscription.destination) {
            *count -= 1;
        }
        subscription.inner.close()
    }
}

/// Makes the sends of a transaction visible at once.
#[derive(Debug)]
pub(crate) struct VisibleAtOnce;

impl Fault for VisibleAtOnce {
    fn send(&self, session: &Session, envelope: Envelope) -> Done<()> {
        let done = session.inner.send(envelope);
        if session.transacted {
            return session.inner.commit(&[]);
        }
        done
    }
}

/// Makes the sends of a transaction that is rolled back visible.
#[derive(Debug)]
pub(crate) struct KeepsWhatIsRolledBack;

impl Fault for KeepsWhatIsRolledBack {
    fn rollback(&self, session: &Session) -> Done<()> {
        session.inner.commit(&[])
    }
}

/// Commits the sends of a transaction, and not its acknowledgements.
#[derive(Debug)]
pub(crate) struct ForgetsAcknowledgements;

impl Fault for ForgetsAcknowledgements {
    fn commit(&self, session: &Session, _acknowledged: &[DeliveryToken]) -> Done<()> {
        session.inner.commit(&[])
    }
}
