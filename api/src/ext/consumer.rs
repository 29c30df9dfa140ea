use std::{
    fmt,
    future::Future,
    pin::Pin,
    sync::Arc,
    task::{Context, Poll},
};

use async_trait::async_trait;
use futures_core::Stream;

use crate::{BoxError, Consumer, Received, Result};

/// Convenience for every [`Consumer`].
#[async_trait]
pub trait ConsumerExt: Consumer {
    /// Its messages as a stream, which ends when the consumer is closed. An error ends it too.
    ///
    /// # Cancel safety
    /// As [`Consumer::receive`]: dropping the stream loses nothing.
    ///
    /// ```
    /// # async fn example() -> anymq::Result<()> {
    /// use anymq::prelude::*;
    /// use futures_util::TryStreamExt;
    ///
    /// let connection = anymq::connection_factory("vm://stream-doc")?.create_connection().await?;
    /// let session = connection.create_session(AckMode::Auto).await?;
    /// let queue = Queue::new("numbers")?;
    /// let consumer = session.create_consumer(&queue).await?;
    /// session.create_producer(&queue).await?.send(Message::text("one")).await?;
    /// connection.start().await?;
    /// let first = consumer.messages().try_next().await?;
    /// assert_eq!(first.and_then(|m| m.as_text().map(str::to_owned)).as_deref(), Some("one"));
    /// connection.close().await
    /// # }
    /// # tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap().block_on(example()).unwrap();
    /// ```
    fn messages(&self) -> Messages<'_>;

    /// Sets a closure as the listener.
    ///
    /// # Errors
    /// As [`Consumer::set_listener`].
    ///
    /// # Cancel safety
    /// As [`Consumer::set_listener`].
    async fn listen<F, Fut, E>(&self, listener: F) -> Result<()>
    where
        F: Fn(Received) -> Fut + Send + Sync + 'static,
        Fut: Future<Output = Result<(), E>> + Send + 'static,
        E: Into<BoxError> + 'static;
}

#[async_trait]
impl<C: Consumer + ?Sized> ConsumerExt for C {
    fn messages(&self) -> Messages<'_> {
        Messages {
            receive: Box::new(|| Consumer::receive(self)),
            pending: None,
            ended: false,
        }
    }

    async fn listen<F, Fut, E>(&self, listener: F) -> Result<()>
    where
        F: Fn(Received) -> Fut + Send + Sync + 'static,
        Fut: Future<Output = Result<(), E>> + Send + 'static,
        E: Into<BoxError> + 'static,
    {
        self.set_listener(Some(Arc::new(listener))).await
    }
}

type Receive<'a> = Pin<Box<dyn Future<Output = Result<Option<Received>>> + Send + 'a>>;

/// A consumer's messages; see [`ConsumerExt::messages`].
pub struct Messages<'a> {
    receive: Box<dyn Fn() -> Receive<'a> + Send + 'a>,
    pending: Option<Receive<'a>>,
    ended: bool,
}

impl Stream for Messages<'_> {
    type Item = Result<Received>;

    fn poll_next(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Option<Self::Item>> {
        if self.ended {
            return Poll::Ready(None);
        }
        let mut pending = self.pending.take().unwrap_or_else(|| (self.receive)());
        let Poll::Ready(outcome) = pending.as_mut().poll(context) else {
            self.pending = Some(pending);
            return Poll::Pending;
        };
        let item = outcome.transpose();
        self.ended = !matches!(item, Some(Ok(_)));
        Poll::Ready(item)
    }
}

impl fmt::Debug for Messages<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Messages")
            .field("ended", &self.ended)
            .finish_non_exhaustive()
    }
}
