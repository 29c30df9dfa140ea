use std::fmt::Debug;

use async_trait::async_trait;

use crate::{Address, Received, Result};

/// Looks at a queue's messages without removing them. JMS: `QueueBrowser`.
///
/// Every method but `close` fails with [`ErrorKind::IllegalState`](crate::ErrorKind::IllegalState) once the browser,
/// its session or its connection is closed.
#[async_trait]
pub trait Browser: Debug + Send + Sync {
    /// The queue it looks at. JMS: `getQueue`.
    ///
    /// # Errors
    /// [`ErrorKind::IllegalState`](crate::ErrorKind::IllegalState) when closed.
    fn destination(&self) -> Result<Address>;

    /// Its selector's text, if it has one. JMS: `getMessageSelector`.
    ///
    /// # Errors
    /// [`ErrorKind::IllegalState`](crate::ErrorKind::IllegalState) when closed.
    fn selector(&self) -> Result<Option<String>>;

    /// The next message of the scan, in the order in which they would be received; `None` at its end. What it returns
    /// cannot be acknowledged. JMS: `getEnumeration`.
    ///
    /// # Errors
    /// [`ErrorKind::IllegalState`](crate::ErrorKind::IllegalState) when closed; what the broker answers.
    ///
    /// # Cancel safety
    /// Dropping the future may skip one message of the scan.
    async fn next(&self) -> Result<Option<Received>>;

    /// Ends the scan. Doing it again does nothing. JMS: `close`.
    ///
    /// # Errors
    /// What the broker answers.
    async fn close(&self) -> Result<()>;
}
