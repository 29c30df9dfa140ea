use std::{fmt::Debug, sync::Arc};

use async_trait::async_trait;

use crate::{AckMode, ConnectOptions, Connection, Context, Result};

/// Makes connections to one provider. JMS: `ConnectionFactory`.
///
/// ```
/// # async fn example() -> anymq::Result<()> {
/// let factory = anymq::connection_factory("vm://shop")?;
/// let connection = factory.create_connection().await?;
/// connection.close().await
/// # }
/// # tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap().block_on(example()).unwrap();
/// ```
#[async_trait]
pub trait ConnectionFactory: Debug + Send + Sync {
    /// Connects, with the factory's own options. The connection is stopped: nothing is delivered until
    /// [`Connection::start`].
    ///
    /// # Errors
    /// [`ErrorKind::Security`](crate::ErrorKind::Security) for refused credentials,
    /// [`ErrorKind::InvalidClientId`](crate::ErrorKind::InvalidClientId),
    /// [`ErrorKind::Unsupported`](crate::ErrorKind::Unsupported) when a required capability is missing,
    /// [`ErrorKind::ConnectionLost`](crate::ErrorKind::ConnectionLost) or
    /// [`ErrorKind::Timeout`](crate::ErrorKind::Timeout) when the broker cannot be reached,
    /// [`ErrorKind::IllegalState`](crate::ErrorKind::IllegalState) outside a tokio runtime.
    ///
    /// # Panics
    /// In a tokio runtime whose timers are not enabled; nothing can tell before.
    ///
    /// # Cancel safety
    /// Dropping the future ends the attempt; no connection is left behind.
    async fn create_connection(&self) -> Result<Arc<dyn Connection>>;

    /// Connects with options that go before the factory's own.
    ///
    /// # Errors
    /// As [`create_connection`](Self::create_connection);
    /// [`ErrorKind::IllegalState`](crate::ErrorKind::IllegalState) for a client identifier where the factory's own
    /// options fix one.
    ///
    /// # Panics
    /// As [`create_connection`](Self::create_connection).
    ///
    /// # Cancel safety
    /// As [`create_connection`](Self::create_connection).
    async fn create_connection_with(&self, options: ConnectOptions) -> Result<Arc<dyn Connection>>;

    /// Connection and session in one. JMS: `createContext`.
    ///
    /// # Errors
    /// [`ErrorKind::Unsupported`](crate::ErrorKind::Unsupported), until
    /// [`Capability::SimplifiedApi`](crate::Capability::SimplifiedApi) is built.
    async fn create_context(&self, mode: AckMode) -> Result<Context>;
}
