use std::{fmt::Debug, sync::Arc, time::Duration};

use async_trait::async_trait;

use crate::{Address, MessageListener, Received, Result};

/// Receives messages, by asking or by a listener. JMS: `MessageConsumer`.
///
/// Every method but `close` fails with [`ErrorKind::IllegalState`](crate::ErrorKind::IllegalState) once the consumer,
/// its session or its connection is closed. Dropping its last handle closes it: what was delivered ahead and not
/// handed out goes to other consumers.
#[async_trait]
pub trait Consumer: Debug + Send + Sync {
    /// What it consumes from.
    ///
    /// # Errors
    /// [`ErrorKind::IllegalState`](crate::ErrorKind::IllegalState) when closed.
    fn destination(&self) -> Result<Address>;

    /// Its selector's text, if it has one. JMS: `getMessageSelector`.
    ///
    /// # Errors
    /// [`ErrorKind::IllegalState`](crate::ErrorKind::IllegalState) when closed.
    fn selector(&self) -> Result<Option<String>>;

    /// Waits for a message. Until [`Connection::start`](crate::Connection::start) none is delivered. `Ok(None)` means that the consumer, session or connection was closed meanwhile.
    /// JMS: `receive()`.
    ///
    /// # Errors
    /// [`ErrorKind::IllegalState`](crate::ErrorKind::IllegalState) when closed or while a listener is set;
    /// [`ErrorKind::ConnectionLost`](crate::ErrorKind::ConnectionLost);
    /// [`ErrorKind::ResourceAllocation`](crate::ErrorKind::ResourceAllocation) beyond the provider's limit of
    /// unsettled messages.
    ///
    /// # Cancel safety
    /// Cancel safe: a message is taken in the poll that returns it, so dropping the future loses nothing.
    async fn receive(&self) -> Result<Option<Received>>;

    /// Waits for a message, but no longer than `timeout`; zero is the same as [`try_receive`](Self::try_receive).
    /// JMS: `receive(timeout)`.
    ///
    /// A new connection is stopped: before [`Connection::start`](crate::Connection::start) nothing is delivered, the
    /// time runs all the same, and the answer is `Ok(None)`.
    ///
    /// # Errors
    /// As [`receive`](Self::receive).
    ///
    /// # Cancel safety
    /// As [`receive`](Self::receive).
    async fn receive_timeout(&self, timeout: Duration) -> Result<Option<Received>>;

    /// A message if one is at hand. JMS: `receiveNoWait`.
    ///
    /// # Errors
    /// As [`receive`](Self::receive).
    fn try_receive(&self) -> Result<Option<Received>>;

    /// The listener, if one is set. JMS: `getMessageListener`.
    ///
    /// # Errors
    /// [`ErrorKind::IllegalState`](crate::ErrorKind::IllegalState) when closed.
    fn listener(&self) -> Result<Option<Arc<dyn MessageListener>>>;

    /// Sets the listener, or unsets it; when it returns, the earlier one does not run any more (unless it is called
    /// from it). JMS: `setMessageListener`.
    ///
    /// # Errors
    /// [`ErrorKind::IllegalState`](crate::ErrorKind::IllegalState) when closed.
    ///
    /// # Cancel safety
    /// Takes effect in the first poll; dropping the future gives up waiting for the earlier listener.
    async fn set_listener(&self, listener: Option<Arc<dyn MessageListener>>) -> Result<()>;

    /// Closes the consumer, after its running listener (unless it is called from it), however long that runs: only the
    /// end of its session comes before. What was delivered ahead and not handed out goes to other consumers; what was
    /// handed out stays the session's to acknowledge. Doing it again does nothing. JMS: `close`.
    ///
    /// # Errors
    /// What the broker answers.
    ///
    /// # Cancel safety
    /// Takes effect in the first poll and runs to its end; dropping the future gives up waiting.
    async fn close(&self) -> Result<()>;
}
