//! What fail-over can do wrong, done by somebody between it and the driver.

use std::sync::Arc;

use anymq::{
    DestinationKind, Envelope, ErrorKind,
    spi::{Delivery, DeliveryToken, Done, DriverSession, Outcome, Settlement},
};
use anymq_conformance::fault::tap::{Tap, Tapper};
use parking_lot::Mutex;

/// A run has up to three connections: the links after these are made by fail-over.
const FIRST_LINKS: u64 = 3;

/// What does nothing wrong.
#[derive(Debug)]
struct Right;

impl Tap for Right {}

/// Does wrong on a link that fail-over has made, and nowhere else.
fn later(serial: u64, wrong: impl Tap + 'static) -> Arc<dyn Tap> {
    if serial > FIRST_LINKS {
        Arc::new(wrong)
    } else {
        Arc::new(Right)
    }
}

/// The consumers of later links get nothing.
#[derive(Debug)]
pub(crate) struct NoResubscription;

impl Tapper for NoResubscription {
    fn tap(&self, serial: u64) -> Arc<dyn Tap> {
        later(serial, Swallow)
    }
}

#[derive(Debug)]
struct Swallow;

impl Tap for Swallow {
    fn delivery(&self, _delivery: Delivery) -> Option<Delivery> {
        None
    }
}

/// The temporary destinations of later links are there, and what is sent to them is not delivered.
#[derive(Debug)]
pub(crate) struct SilentTemporaries;

impl Tapper for SilentTemporaries {
    fn tap(&self, serial: u64) -> Arc<dyn Tap> {
        later(serial, NoReplies)
    }
}

#[derive(Debug)]
struct NoReplies;

impl Tap for NoReplies {
    fn delivery(&self, delivery: Delivery) -> Option<Delivery> {
        let kind = delivery.envelope.headers().destination.kind();
        let temporary = matches!(kind, DestinationKind::TemporaryQueue | DestinationKind::TemporaryTopic);
        (!temporary).then_some(delivery)
    }
}

/// Later links are told to accept what an older one delivered.
#[derive(Debug, Default)]
pub(crate) struct ReusedTag(Arc<Mutex<Vec<(u64, DeliveryToken)>>>);

impl Tapper for ReusedTag {
    fn tap(&self, serial: u64) -> Arc<dyn Tap> {
        if serial == 1 {
            self.0.lock().clear();
        }
        let delivered = Arc::clone(&self.0);
        Arc::new(Reuse { serial, delivered })
    }
}

#[derive(Debug)]
struct Reuse {
    serial: u64,
    delivered: Arc<Mutex<Vec<(u64, DeliveryToken)>>>,
}

impl Tap for Reuse {
    fn delivery(&self, delivery: Delivery) -> Option<Delivery> {
        self.delivered.lock().push((self.serial, delivery.token));
        Some(delivery)
    }

    fn settle(&self, inner: &Arc<dyn DriverSession>, settlements: &[Settlement]) -> Done<()> {
        let older = self
            .delivered
            .lock()
            .iter()
            .find(|(serial, _)| *serial < self.serial)
            .copied();
        match older.filter(|_| self.serial > FIRST_LINKS) {
            None => inner.settle(settlements),
            Some((_, token)) => {
                let outcome = Outcome::Accept;
                let mut more = vec![Settlement { token, outcome }];
                more.extend_from_slice(settlements);
                inner.settle(&more)
            }
        }
    }
}

/// Does not wait for the broker.
#[derive(Debug)]
pub(crate) struct OkBeforeConfirm;

impl Tapper for OkBeforeConfirm {
    fn tap(&self, _serial: u64) -> Arc<dyn Tap> {
        Arc::new(Hasty)
    }
}

#[derive(Debug)]
struct Hasty;

impl Tap for Hasty {
    fn send(&self, inner: &Arc<dyn DriverSession>, envelope: Envelope) -> Done<()> {
        // It goes on by itself.
        drop(inner.send(envelope));
        Done::ok()
    }
}

/// Those who wait for an answer over a later link are not told that it is lost.
#[derive(Debug)]
pub(crate) struct ForgottenWaiters;

impl Tapper for ForgottenWaiters {
    fn tap(&self, serial: u64) -> Arc<dyn Tap> {
        later(serial, Forgetful)
    }
}

#[derive(Debug)]
struct Forgetful;

impl Tap for Forgetful {
    fn answer(&self, done: Done<()>) -> Done<()> {
        match done.into_ready() {
            Ok(outcome) => Done::ready(outcome),
            Err(pending) => Done::pending(async move {
                match pending.await {
                    Err(error) if error.kind() == ErrorKind::ConnectionLost => std::future::pending().await,
                    outcome => outcome,
                }
            }),
        }
    }
}
