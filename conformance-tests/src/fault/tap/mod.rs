//! A driver with somebody between it and the kernel, who sees what passes and may change it.

mod connection;
mod session;
mod timed;
mod witness;

use std::{
    fmt::Debug,
    sync::{
        Arc,
        atomic::{AtomicU64, Ordering},
    },
};

use anymq_api::{
    Envelope, Result,
    spi::{ConnectSpec, Delivery, DeliveryToken, Done, Driver, DriverConnection, DriverSession, EventSink, Settlement},
};
use async_trait::async_trait;

use connection::TappedConnection;
pub(super) use timed::TimedDriver;
pub use witness::Witness;

/// Sits on the links of one driver.
pub trait Tapper: Debug + Send + Sync {
    /// For a new link; they are counted from 1.
    fn tap(&self, serial: u64) -> Arc<dyn Tap>;
}

/// Sits on one link. What is not overridden passes unchanged.
pub trait Tap: Debug + Send + Sync {
    /// A delivery to the kernel; `None` swallows it. It may be called under locks of the driver's.
    fn delivery(&self, delivery: Delivery) -> Option<Delivery> {
        Some(delivery)
    }

    /// A token that the kernel gives back; `None` when the driver is not to see it.
    fn token(&self, token: DeliveryToken) -> Option<DeliveryToken> {
        Some(token)
    }

    /// Settlements, after their tokens have passed.
    fn settle(&self, inner: &Arc<dyn DriverSession>, settlements: &[Settlement]) -> Done<()> {
        inner.settle(settlements)
    }

    /// A send.
    fn send(&self, inner: &Arc<dyn DriverSession>, envelope: Envelope) -> Done<()> {
        inner.send(envelope)
    }

    /// The answer to whatever the kernel submitted.
    fn answer(&self, done: Done<()>) -> Done<()> {
        done
    }
}

/// A driver on whose links somebody sits.
#[derive(Debug)]
pub struct TappedDriver {
    inner: Arc<dyn Driver>,
    tapper: Arc<dyn Tapper>,
    links: Arc<AtomicU64>,
}

impl TappedDriver {
    /// Between the kernel and `inner`.
    pub fn new(inner: Arc<dyn Driver>, tapper: Arc<dyn Tapper>) -> Self {
        Self {
            inner,
            tapper,
            links: Arc::default(),
        }
    }

    /// Another one, of a broker that stands in for that of this one: their links are counted together.
    #[must_use]
    pub fn beside(&self, inner: Arc<dyn Driver>) -> Self {
        Self {
            inner,
            tapper: Arc::clone(&self.tapper),
            links: Arc::clone(&self.links),
        }
    }
}

#[async_trait]
impl Driver for TappedDriver {
    fn name(&self) -> &'static str {
        self.inner.name()
    }

    fn version(&self) -> &'static str {
        self.inner.version()
    }

    fn target(&self) -> Option<String> {
        self.inner.target()
    }

    async fn connect(&self, spec: ConnectSpec, events: Arc<dyn EventSink>) -> Result<Arc<dyn DriverConnection>> {
        let inner = self.inner.connect(spec, events).await?;
        let tap = self.tapper.tap(self.links.fetch_add(1, Ordering::SeqCst) + 1);
        Ok(Arc::new(TappedConnection::new(inner, tap)))
    }
}
