use std::fmt::Debug;

use async_trait::async_trait;

use crate::{Address, Received, Result};

/// Looks at a queue's messages without removing them. JMS: `QueueBrowser`.
///
/// It is one scan: a new look at the queue takes a new browser. The connection need not be started. Every method but
/// `close` fails with [`ErrorKind::IllegalState`](crate::ErrorKind::IllegalState) once the browser, its session or its
/// connection is closed. Dropping the last handle closes it.
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

    /// The next message of the scan, in the order in which they would be received; `None` at its end, and from then on.
    /// What it returns was not delivered: acknowledging, releasing or rejecting it is
    /// [`ErrorKind::IllegalState`](crate::ErrorKind::IllegalState). JMS: `getEnumeration`.
    ///
    /// # Errors
    /// [`ErrorKind::IllegalState`](crate::ErrorKind::IllegalState) when closed, also while it waits;
    /// [`ErrorKind::ConnectionLost`](crate::ErrorKind::ConnectionLost);
    /// [`ErrorKind::Timeout`](crate::ErrorKind::Timeout) when the broker takes longer than the request time-out, and then
    /// the next call goes on waiting for the same message; what the broker answers.
    ///
    /// # Cancel safety
    /// Cancel safe: the scan stands where it stood, so dropping the future skips no message.
    async fn next(&self) -> Result<Option<Received>>;

    /// Ends the scan; who waits for its next message fails. Doing it again does nothing. JMS: `close`.
    ///
    /// # Errors
    /// What the broker answers.
    ///
    /// # Cancel safety
    /// Takes effect in the first poll.
    async fn close(&self) -> Result<()>;
}
