use std::future::Future;

use async_trait::async_trait;

use crate::{BoxError, Error, Message, Received, SendReceipt};

/// Gets a consumer's messages one by one. JMS: `MessageListener`.
///
/// A closure from [`Received`] to a future of `Result<(), _>` is a listener. An error or a panic is a failed delivery:
/// in auto and dups-ok mode the message comes again before later ones, flagged and counted, as often and as soon as the
/// connection's [`RedeliveryPolicy`](crate::RedeliveryPolicy) allows; in the other modes it stays unacknowledged and the
/// next one is delivered.
///
/// ```
/// # async fn example() -> anymq::Result<()> {
/// use std::sync::Arc;
/// use anymq::prelude::*;
///
/// let connection = anymq::connection_factory("vm://listener-doc")?.create_connection().await?;
/// let session = connection.create_session(AckMode::Auto).await?;
/// let prices = Topic::new("prices")?;
/// let consumer = session.create_consumer(&prices).await?;
/// let listener = |price: Received| async move {
///     println!("{:?}", price.as_text());
///     Ok::<(), BoxError>(())
/// };
/// consumer.set_listener(Some(Arc::new(listener))).await?;
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
#[async_trait]
pub trait CompletionListener: Send + Sync {
    /// The broker has taken the message; called once, in the order of the sends, never concurrently within a session.
    async fn on_completion(&self, message: Message, receipt: SendReceipt);

    /// The send failed, or its fate is unknown.
    async fn on_error(&self, message: Message, error: Error);
}
