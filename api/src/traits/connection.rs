use std::{fmt::Debug, sync::Arc, time::Duration};

use async_trait::async_trait;

use crate::{
    AckMode, Capabilities, ConnectionMetaData, Destination, DrainReport, Events, Health, Limits, Result, Session,
    XaSession,
};

/// A live connection to a broker; may be used from many tasks at once. JMS: `Connection`.
///
/// Every method but the two closing ones fails with [`ErrorKind::IllegalState`](crate::ErrorKind::IllegalState) once
/// the connection is closed. Dropping the last handle of a connection and of all that was made from it abandons it:
/// the broker gets back what was not acknowledged, but nobody waits for it.
#[async_trait]
pub trait Connection: Debug + Send + Sync {
    /// Provider, versions, broker. JMS: `getMetaData`.
    ///
    /// # Errors
    /// [`ErrorKind::IllegalState`](crate::ErrorKind::IllegalState) when closed.
    fn metadata(&self) -> Result<ConnectionMetaData>;

    /// The client identifier it was connected with. JMS: `getClientID`.
    ///
    /// # Errors
    /// [`ErrorKind::IllegalState`](crate::ErrorKind::IllegalState) when closed.
    fn client_id(&self) -> Result<Option<String>>;

    /// What this connection can do with default options.
    ///
    /// # Errors
    /// [`ErrorKind::IllegalState`](crate::ErrorKind::IllegalState) when closed.
    fn capabilities(&self) -> Result<Capabilities>;

    /// What this connection can do with one destination, its options considered.
    ///
    /// # Errors
    /// [`ErrorKind::IllegalState`](crate::ErrorKind::IllegalState) when closed.
    fn capabilities_of(&self, destination: &dyn Destination) -> Result<Capabilities>;

    /// Its numeric limits.
    ///
    /// # Errors
    /// [`ErrorKind::IllegalState`](crate::ErrorKind::IllegalState) when closed.
    fn limits(&self) -> Result<Limits>;

    /// A new, independent stream of what happens to the connection from now on. JMS: replaces `ExceptionListener`.
    ///
    /// # Errors
    /// [`ErrorKind::IllegalState`](crate::ErrorKind::IllegalState) when closed.
    fn events(&self) -> Result<Events>;

    /// How the connection is.
    ///
    /// # Errors
    /// [`ErrorKind::IllegalState`](crate::ErrorKind::IllegalState) when closed.
    fn health(&self) -> Result<Health>;

    /// Opens a session. JMS: `createSession`.
    ///
    /// # Errors
    /// [`ErrorKind::Unsupported`](crate::ErrorKind::Unsupported) for a mode that the provider lacks;
    /// [`ErrorKind::IllegalState`](crate::ErrorKind::IllegalState) when closed; what the broker answers.
    ///
    /// # Cancel safety
    /// Dropping the future leaves no session behind.
    async fn create_session(&self, mode: AckMode) -> Result<Arc<dyn Session>>;

    /// Opens a session for distributed transactions. JMS: `XAConnection.createXASession`.
    ///
    /// # Errors
    /// [`ErrorKind::Unsupported`](crate::ErrorKind::Unsupported), until
    /// [`Capability::Xa`](crate::Capability::Xa) is built.
    async fn create_xa_session(&self) -> Result<XaSession>;

    /// Starts, or goes on with, delivery. Doing it again does nothing. A listener may call it, also while a
    /// [`stop`](Self::stop) waits for that listener: the later call counts. JMS: `start`.
    ///
    /// # Errors
    /// [`ErrorKind::IllegalState`](crate::ErrorKind::IllegalState) when closed.
    ///
    /// # Cancel safety
    /// Takes effect in the first poll, or, after a stop that the broker has not answered yet, in the poll that returns.
    async fn start(&self) -> Result<()>;

    /// Stops delivery: when it returns no listener runs and none begins before the next [`start`](Self::start), and
    /// pending receives go on waiting. Sending goes on. Doing it again does nothing. It waits for a listener as long as
    /// that runs, or until its session or the connection is closed. JMS: `stop`.
    ///
    /// # Errors
    /// [`ErrorKind::IllegalState`](crate::ErrorKind::IllegalState) when closed, or when called from a listener of this
    /// connection.
    ///
    /// # Cancel safety
    /// Delivery stops in the first poll, unless the broker has not answered an earlier stop yet; dropping the future gives
    /// up waiting for running listeners.
    async fn stop(&self) -> Result<()>;

    /// Closes the connection and all that was made from it, within its close time-out: running listeners and
    /// outstanding sends end first, open transactions are rolled back, what was not acknowledged goes back to the
    /// broker. Until then the running listeners may use the connection; everybody else is refused at once, but for
    /// acknowledging. Doing it again, also at the same time, waits for the same outcome. JMS: `close`.
    ///
    /// # Errors
    /// [`ErrorKind::IllegalState`](crate::ErrorKind::IllegalState) when called from a listener of this connection. A
    /// connection whose link is lost closes without error.
    ///
    /// # Cancel safety
    /// Takes effect in the first poll and runs to its end; dropping the future gives up waiting.
    async fn close(&self) -> Result<()>;

    /// As [`close`](Self::close), within `deadline`, and tells what was left.
    ///
    /// # Errors
    /// As [`close`](Self::close).
    ///
    /// # Cancel safety
    /// As [`close`](Self::close).
    async fn close_with_deadline(&self, deadline: Duration) -> Result<DrainReport>;
}
