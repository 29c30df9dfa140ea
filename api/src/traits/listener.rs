use std::future::Future;

use async_trait::async_trait;

use crate::{BoxError, Error, Message, Received, Result, SendReceipt};

/// Gets a consumer's messages one by one. JMS: `MessageListener`.
///
/// A closure from [`Received`] to a future of `Result<(), _>` is a listener, and
/// [`ConsumerExt::listen`](crate::ConsumerExt::listen) takes closures with fewer annotations. A type that keeps state
/// implements the trait, with [`async_trait`](crate::async_trait) in front. An error or a panic is a failed delivery:
/// in auto and dups-ok mode the message comes again before later ones, flagged and counted, as often and as soon as the
/// connection's [`RedeliveryPolicy`](crate::RedeliveryPolicy) allows; in the other modes it stays unacknowledged and the
/// next one is delivered.
///
/// ```
/// # async fn example() -> anymq::Result<()> {
/// use anymq::prelude::*;
///
/// let connection = anymq::connection_factory("vm://listener-doc")?.create_connection().await?;
/// let session = connection.create_session(AckMode::Auto).await?;
/// let prices = Topic::new("prices")?;
/// let consumer = session.create_consumer(&prices).await?;
///
/// struct Display(&'static str);
///
/// #[async_trait]
/// impl MessageListener for Display {
///     async fn on_message(&self, price: Received) -> Result<(), BoxError> {
///         println!("{}: {}", self.0, price.as_text().ok_or("no text")?);
///         Ok(())
///     }
/// }
///
/// consumer.set_listener(Some(Arc::new(Display("window")))).await?;
/// connection.start().await?;
/// connection.close().await
/// # }
/// # tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap().block_on(example()).unwrap();
/// ```
#[async_trait]
pub trait MessageListener: Send + Sync {
    /// Called for each message, never concurrently within a session. It may use its session, connection, producers and
    /// consumers, but not close or stop what would have to wait for it.
    ///
    /// # Errors
    /// Whatever makes this delivery a failed one.
    async fn on_message(&self, message: Received) -> Result<(), BoxError>;
}

#[async_trait]
impl<F, Fut, E> MessageListener for F
where
    F: Fn(Received) -> Fut + Send + Sync,
    Fut: Future<Output = Result<(), E>> + Send,
    E: Into<BoxError>,
{
    async fn on_message(&self, message: Received) -> Result<(), BoxError> {
        self(message).await.map_err(Into::into)
    }
}

/// Hears how asynchronous sends ended. JMS: `CompletionListener`.
///
/// Implemented with [`async_trait`](crate::async_trait) in front. A closure from message and outcome to a future is a
/// listener too; who wants a future of the outcome uses [`ProducerExt::submit`](crate::ProducerExt::submit).
///
/// ```
/// # async fn example() -> anymq::Result<()> {
/// use anymq::prelude::*;
///
/// struct Log;
///
/// #[async_trait]
/// impl CompletionListener for Log {
///     async fn on_completion(&self, _message: Message, receipt: SendReceipt) {
///         println!("sent {:?}", receipt.message_id());
///     }
///
///     async fn on_error(&self, _message: Message, error: Error) {
///         eprintln!("{error}");
///     }
/// }
///
/// let connection = anymq::connection_factory("vm://completion-doc")?.create_connection().await?;
/// let session = connection.create_session(AckMode::Auto).await?;
/// let producer = session.create_producer(&Queue::new("orders")?).await?;
/// producer.send_async(Message::text("one espresso"), None, Arc::new(Log)).await?;
///
/// let closure = |_message, outcome: anymq::Result<SendReceipt>| async move {
///     println!("{outcome:?}");
/// };
/// producer.send_async(Message::text("two"), None, Arc::new(closure)).await?;
/// producer.close().await?; // after both were called
/// connection.close().await
/// # }
/// # tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap().block_on(example()).unwrap();
/// ```
#[async_trait]
pub trait CompletionListener: Send + Sync {
    /// The broker has taken the message; called once, in the order of the sends, never concurrently within a session.
    async fn on_completion(&self, message: Message, receipt: SendReceipt);

    /// The send failed, or its fate is unknown.
    async fn on_error(&self, message: Message, error: Error);
}

#[async_trait]
impl<F, Fut> CompletionListener for F
where
    F: Fn(Message, Result<SendReceipt>) -> Fut + Send + Sync,
    Fut: Future<Output = ()> + Send,
{
    async fn on_completion(&self, message: Message, receipt: SendReceipt) {
        self(message, Ok(receipt)).await;
    }

    async fn on_error(&self, message: Message, error: Error) {
        self(message, Err(error)).await;
    }
}
