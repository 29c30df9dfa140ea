use std::{fmt::Debug, sync::Arc, time::Duration};

use async_trait::async_trait;

use super::{BrowseSpec, DriverSession, SessionSpec, SubscriptionDescriptor};
use crate::{Address, Capabilities, Envelope, Limits, Result};

/// At what closing a provider gives unsettled deliveries back to the broker.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum ReleaseScope {
    /// Each can be given back by itself, with [`Outcome::Release`](super::Outcome::Release).
    Message,
    /// When their subscription is closed.
    Subscription,
    /// When their session is closed.
    Session,
    /// When the connection is closed.
    Connection,
    /// Not at all.
    Never,
}

/// A connection to a broker. Called by the kernel, possibly concurrently; retries are the kernel's.
#[async_trait]
pub trait DriverConnection: Debug + Send + Sync {
    /// What the broker says of itself, for example `RabbitMQ 3.10.8`.
    fn broker(&self) -> Option<String>;

    /// What this connection can do with default options.
    fn capabilities(&self) -> Capabilities;

    /// What it can do with one destination.
    fn capabilities_of(&self, destination: &Address) -> Capabilities;

    /// Its numeric limits.
    fn limits(&self) -> Limits;

    /// How unsettled deliveries go back; the kernel orders its closing by it.
    fn release_scope(&self) -> ReleaseScope;

    /// Whether it can represent this destination: name and options. Called before a destination is first used; purely
    /// local.
    ///
    /// # Errors
    /// `InvalidDestination` or `Configuration`, saying what is wrong.
    fn check_destination(&self, destination: &Address) -> Result<()>;

    /// Opens a session.
    ///
    /// # Errors
    /// What the broker answers.
    async fn open_session(&self, spec: SessionSpec) -> Result<Arc<dyn DriverSession>>;

    /// Creates a temporary destination under the address that the kernel chose.
    ///
    /// # Errors
    /// What the broker answers.
    async fn create_temporary(&self, destination: &Address) -> Result<()>;

    /// Deletes a temporary destination and what it holds.
    ///
    /// # Errors
    /// What the broker answers.
    async fn delete_temporary(&self, destination: &Address) -> Result<()>;

    /// Opens a scan of a queue. Only called where `Browser` is declared, and for queues; with a selector only where
    /// `QueueSelectors` is. Connections that are not started scan, too. Dropping the future leaves no scan behind.
    ///
    /// # Errors
    /// What the broker answers.
    async fn browse(&self, spec: BrowseSpec) -> Result<Box<dyn DriverBrowser>>;

    /// Deletes a durable subscription and what it holds. Only called where durable subscriptions are declared.
    ///
    /// # Errors
    /// `InvalidDestination` for an unknown one, `IllegalState` for one in use.
    async fn unsubscribe(&self, client_id: Option<&str>, name: &str) -> Result<()>;

    /// What was stored about a durable subscription; `None` when nothing was.
    ///
    /// # Errors
    /// What the broker answers.
    async fn load_descriptor(&self, key: &str) -> Result<Option<SubscriptionDescriptor>>;

    /// Stores it, replacing what was stored under its key.
    ///
    /// # Errors
    /// What the broker answers.
    async fn store_descriptor(&self, descriptor: &SubscriptionDescriptor) -> Result<()>;

    /// Forgets it.
    ///
    /// # Errors
    /// What the broker answers.
    async fn delete_descriptor(&self, key: &str) -> Result<()>;

    /// Ends the connection in order. The kernel has closed the sessions before and gives up after `deadline`.
    ///
    /// # Errors
    /// What the broker answers; a lost link is no error.
    async fn close(&self, deadline: Duration) -> Result<()>;

    /// Ends the connection at once, without waiting; for `Drop`, so possibly outside a runtime. Idempotent.
    fn abandon(&self);
}

/// A scan of a queue, bounded in memory. Called by the kernel, one call at a time; dropping it, possibly in the middle
/// of a call and outside a runtime, ends the scan. Whatever ends the connection ends its scans.
#[async_trait]
pub trait DriverBrowser: Send {
    /// The next message, in the order in which they would be delivered; `None` at the end. Expired messages may be among
    /// them, those that are not due yet may not. After an error the kernel may ask again.
    ///
    /// # Errors
    /// What the broker answers.
    async fn next(&mut self) -> Result<Option<Envelope>>;
}
