use std::sync::Arc;

use super::{Broker, BrokerStats, registry};
use crate::InVmDriver;

/// A hold on one in-VM broker: to embed one, to look into one, or to end one.
///
/// Dropping a handle ends nothing. A broker made by [`new`](Self::new) lives as long as any handle, driver or
/// connection of it; a [`named`](Self::named) one until it is shut down.
///
/// ```
/// use anymq_in_vm::InVmBroker;
///
/// let shop = InVmBroker::named("handle-doc");
/// assert_eq!(shop.name(), Some("handle-doc"));
/// assert_eq!(shop.stats().ready, 0);
/// shop.shutdown();
/// ```
#[derive(Clone, Debug)]
pub struct InVmBroker(Arc<Broker>);

impl InVmBroker {
    /// A new broker that no URL leads to.
    #[expect(clippy::new_without_default, reason = "each call makes another broker")]
    pub fn new() -> Self {
        Self(Broker::new(None))
    }

    /// The broker behind `vm://name`, made now if there is none.
    pub fn named(name: &str) -> Self {
        Self(registry::open(name))
    }

    /// Its name; none when no URL leads to it.
    pub fn name(&self) -> Option<&str> {
        self.0.name.as_deref()
    }

    /// A driver that connects to this very broker, also after another one has got its name.
    pub fn driver(&self) -> InVmDriver {
        InVmDriver::embedded(Arc::clone(&self.0))
    }

    /// What it holds at present.
    pub fn stats(&self) -> BrokerStats {
        self.0.stats()
    }

    /// Ends it: every connection loses its link, every message is gone, and connecting by a driver of it fails with
    /// [`ErrorKind::ConnectionLost`](anymq_api::ErrorKind::ConnectionLost). Its name is free: whoever connects to
    /// `vm://name` next gets a new broker. Doing it again does nothing.
    pub fn shutdown(&self) {
        self.0.shut_down();
    }
}
