use std::{fmt::Debug, sync::Arc};

use async_trait::async_trait;

use crate::{Address, CompletionListener, Destination, Message, Result, SendOptions, SendReceipt};

/// Sends messages, to one destination or, when anonymous, to any. JMS: `MessageProducer`.
///
/// Every method but `close` fails with [`ErrorKind::IllegalState`](crate::ErrorKind::IllegalState) once the producer,
/// its session or its connection is closed.
#[async_trait]
pub trait Producer: Debug + Send + Sync {
    /// Where it sends; none when it is anonymous. JMS: `getDestination`.
    ///
    /// # Errors
    /// [`ErrorKind::IllegalState`](crate::ErrorKind::IllegalState) when closed.
    fn destination(&self) -> Result<Option<Address>>;

    /// The options of sends that give none. JMS: `getDeliveryMode`, `getPriority`, `getTimeToLive`, `getDeliveryDelay`,
    /// `getDisableMessageID`, `getDisableMessageTimestamp`.
    ///
    /// # Errors
    /// [`ErrorKind::IllegalState`](crate::ErrorKind::IllegalState) when closed.
    fn options(&self) -> Result<SendOptions>;

    /// Sets the options of later sends that give none. JMS: the setters of the same.
    ///
    /// # Errors
    /// [`ErrorKind::IllegalState`](crate::ErrorKind::IllegalState) when closed;
    /// [`ErrorKind::Unsupported`](crate::ErrorKind::Unsupported) for a delay without
    /// [`Capability::DeliveryDelay`](crate::Capability::DeliveryDelay).
    fn set_options(&self, options: SendOptions) -> Result<()>;

    /// Sends with the producer's options, and returns when the broker has taken the message (in a transaction: when it
    /// is on its way). JMS: `send(message)`.
    ///
    /// # Errors
    /// [`ErrorKind::UnsupportedOperation`](crate::ErrorKind::UnsupportedOperation) when anonymous;
    /// [`ErrorKind::InvalidDestination`](crate::ErrorKind::InvalidDestination),
    /// [`ErrorKind::MessageFormat`](crate::ErrorKind::MessageFormat),
    /// [`ErrorKind::ResourceAllocation`](crate::ErrorKind::ResourceAllocation) when the broker does not take it;
    /// [`ErrorKind::ConnectionLost`](crate::ErrorKind::ConnectionLost) and
    /// [`ErrorKind::Timeout`](crate::ErrorKind::Timeout) with the message's id and
    /// [`Retry::MayDuplicate`](crate::Retry::MayDuplicate) when its fate is unknown.
    ///
    /// # Cancel safety
    /// Once submitted (in the first poll, unless the broker asks to pause) the send runs to its end; dropping the
    /// future gives up waiting for the confirmation.
    async fn send(&self, message: Message) -> Result<SendReceipt>;

    /// Sends with options that replace the producer's for this send. JMS: `send(message, mode, priority, ttl)`.
    ///
    /// # Errors
    /// As [`send`](Self::send); [`ErrorKind::Unsupported`](crate::ErrorKind::Unsupported) for a delay without
    /// [`Capability::DeliveryDelay`](crate::Capability::DeliveryDelay).
    ///
    /// # Cancel safety
    /// As [`send`](Self::send).
    async fn send_with(&self, message: Message, options: SendOptions) -> Result<SendReceipt>;

    /// Anonymous producers: sends to `destination`, with the producer's options. JMS: `send(destination, message)`.
    ///
    /// # Errors
    /// As [`send`](Self::send);
    /// [`ErrorKind::UnsupportedOperation`](crate::ErrorKind::UnsupportedOperation) unless anonymous.
    ///
    /// # Cancel safety
    /// As [`send`](Self::send).
    async fn send_to(&self, destination: &dyn Destination, message: Message) -> Result<SendReceipt>;

    /// Anonymous producers: sends to `destination` with options. JMS: `send(destination, message, mode, …)`.
    ///
    /// # Errors
    /// As [`send_to`](Self::send_to) and [`send_with`](Self::send_with).
    ///
    /// # Cancel safety
    /// As [`send`](Self::send).
    async fn send_to_with(
        &self,
        destination: &dyn Destination,
        message: Message,
        options: SendOptions,
    ) -> Result<SendReceipt>;

    /// Submits and returns ([`ProducerExt::submit`](crate::ProducerExt::submit) gives a future instead of calling a
    /// listener); the listener is called once, with the receipt or the error, in the order of the session's
    /// asynchronous sends. Without options the producer's are used. JMS: `send(message, completionListener)`.
    ///
    /// # Errors
    /// As [`send`](Self::send) for what shows before the message is submitted; the listener is not called then.
    /// [`ErrorKind::Unsupported`](crate::ErrorKind::Unsupported) without
    /// [`Capability::AsyncSend`](crate::Capability::AsyncSend).
    ///
    /// # Cancel safety
    /// Either nothing was submitted, or the send runs to its end and the listener is called.
    async fn send_async(
        &self,
        message: Message,
        options: Option<SendOptions>,
        listener: Arc<dyn CompletionListener>,
    ) -> Result<()>;

    /// Anonymous producers: as [`send_async`](Self::send_async), to `destination`.
    ///
    /// # Errors
    /// As [`send_async`](Self::send_async) and [`send_to`](Self::send_to).
    ///
    /// # Cancel safety
    /// As [`send_async`](Self::send_async).
    async fn send_async_to(
        &self,
        destination: &dyn Destination,
        message: Message,
        options: Option<SendOptions>,
        listener: Arc<dyn CompletionListener>,
    ) -> Result<()>;

    /// Closes the producer, after its outstanding sends and their completion listeners, or with its session. Doing it
    /// again does nothing. JMS: `close`.
    ///
    /// # Errors
    /// [`ErrorKind::IllegalState`](crate::ErrorKind::IllegalState) when called from a completion listener of it.
    ///
    /// # Cancel safety
    /// The producer is closed in the first poll; dropping the future gives up waiting for outstanding sends.
    async fn close(&self) -> Result<()>;
}
