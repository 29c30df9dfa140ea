//! Temporary destinations: the kernel names them, knows whose they are, and guards their deletion.

use std::{
    collections::hash_map::RandomState,
    hash::BuildHasher,
    sync::{
        Arc, LazyLock, Weak,
        atomic::{AtomicU64, Ordering},
    },
};

use async_trait::async_trait;

use super::{
    connection::ConnectionCore,
    detach::{bounded, detached},
};
use crate::{Address, Capability, DestinationKind, Error, ErrorKind, Result, Retry, TemporaryDestination};

/// The beginning of the names of this process's temporary destinations.
static PREFIX: LazyLock<String> =
    LazyLock::new(|| format!("anymq.temp.{:016x}.", RandomState::new().hash_one(std::process::id())));

impl ConnectionCore {
    fn temporary_prefix(&self) -> String {
        format!("{}{}.", *PREFIX, self.id)
    }

    pub(crate) async fn create_temporary(self: &Arc<Self>, kind: DestinationKind) -> Result<Address> {
        static NEXT: AtomicU64 = AtomicU64::new(1);
        self.usable()?;
        self.require(Capability::TemporaryDestinations)?;
        let number = NEXT.fetch_add(1, Ordering::Relaxed);
        let address = Address::new(kind, format!("{}{number}", self.temporary_prefix()))?;
        let core = Arc::clone(self);
        // Detached, so that the list and the broker agree even when nobody waits.
        let creating = detached(async move {
            core.driver.create_temporary(&address).await?;
            core.temporaries.lock().insert(address.clone());
            Ok(address)
        });
        // Safe: the next one has another name, and this one ends with the connection.
        bounded(self.request_timeout, Retry::Safe, creating).await
    }

    /// Refuses an own temporary destination that is gone.
    pub(crate) fn check_not_deleted(&self, destination: &Address) -> Result<()> {
        let own = destination.name().starts_with(&self.temporary_prefix());
        if own && !self.temporaries.lock().contains(destination) {
            return Err(gone(destination));
        }
        Ok(())
    }

    /// Refuses to consume from another connection's temporary destination.
    pub(crate) fn check_own_temporary(&self, destination: &Address) -> Result<()> {
        if self.temporaries.lock().contains(destination) {
            return Ok(());
        }
        Err(Error::new(
            ErrorKind::InvalidDestination,
            "a temporary destination is consumed by its own connection only",
        )
        .with_resource(destination))
    }
}

/// What a temporary destination holds of its connection.
pub(crate) struct Owner(pub(crate) Weak<ConnectionCore>);

#[async_trait]
impl TemporaryDestination for Owner {
    async fn delete(&self, address: &Address) -> Result<()> {
        let core = self.0.upgrade().ok_or_else(|| Error::closed("connection"))?;
        core.usable()?;
        if core.is_consumed(address) {
            return Err(Error::new(ErrorKind::IllegalState, "a consumer of it is open").with_resource(address));
        }
        // Taken off the list first: from now on nobody can begin to use it.
        if !core.temporaries.lock().remove(address) {
            return Err(gone(address));
        }
        let (address, limit) = (address.clone(), core.request_timeout);
        let deleting = detached(async move { core.driver.delete_temporary(&address).await });
        // Never: it is gone for this connection, whatever the broker does.
        bounded(limit, Retry::Never, deleting).await
    }
}

fn gone(destination: &Address) -> Error {
    Error::new(ErrorKind::InvalidDestination, "the temporary destination was deleted").with_resource(destination)
}
