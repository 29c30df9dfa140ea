use std::{
    fmt,
    future::Future,
    pin::Pin,
    sync::Arc,
    task::{Context, Poll},
};

use async_trait::async_trait;
use futures_core::Stream;

use crate::{BoxError, Consumer, MessageListener, Received, Result};

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

    /// Sets a closure or a function as the listener. Its future gives `()`, or a `Result<(), BoxError>`, whose errors
    /// (`?` takes every error) are failed deliveries, as [`MessageListener`] says.
    ///
    /// A function that returns another error type is taken by
    /// [`set_listener`](Consumer::set_listener)`(Some(Arc::new(function)))`.
    ///
    /// # Errors
    /// As [`Consumer::set_listener`].
    ///
    /// # Cancel safety
    /// As [`Consumer::set_listener`].
    ///
    /// ```
    /// # async fn example() -> anymq::Result<()> {
    /// use anymq::prelude::*;
    ///
    /// let connection = anymq::connection_factory("vm://listen-doc")?.create_connection().await?;
    /// let session = connection.create_session(AckMode::Auto).await?;
    /// let orders = session.create_consumer(&Queue::new("orders")?).await?;
    /// orders
    ///     .listen(|order| async move {
    ///         println!("{:?} for table {}", order.as_text(), order.properties().i32("table")?);
    ///         Ok(())
    ///     })
    ///     .await?;
    /// let prices = session.create_consumer(&Topic::new("prices")?).await?;
    /// prices.listen(|price| async move { println!("{:?}", price.as_text()) }).await?;
    /// connection.start().await?; // nothing is delivered before
    /// connection.close().await
    /// # }
    /// # tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap().block_on(example()).unwrap();
    /// ```
    async fn listen<F, Fut>(&self, listener: F) -> Result<()>
    where
        F: Fn(Received) -> Fut + Send + Sync + 'static,
        Fut: Future + Send + 'static,
        Fut::Output: ListenerOutcome;
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

    async fn listen<F, Fut>(&self, listener: F) -> Result<()>
    where
        F: Fn(Received) -> Fut + Send + Sync + 'static,
        Fut: Future + Send + 'static,
        Fut::Output: ListenerOutcome,
    {
        self.set_listener(Some(Arc::new(Listener(listener)))).await
    }
}

/// What the closure given to [`ConsumerExt::listen`] may end with: `()` or `Result<(), BoxError>`. Sealed.
///
/// One result type only, so that `Ok(())` needs no annotation.
#[diagnostic::on_unimplemented(
    message = "a listener gives `()` or `Result<(), BoxError>`, not `{Self}`",
    note = "inside the listener write `value?; Ok(())`, or give the function to `set_listener(Some(Arc::new(…)))`, \
            which takes every error"
)]
pub trait ListenerOutcome: sealed::Sealed {
    #[doc(hidden)]
    fn into_result(self) -> Result<(), BoxError>;
}

mod sealed {
    pub trait Sealed {}
    impl Sealed for () {}
    impl Sealed for Result<(), crate::BoxError> {}
}

impl ListenerOutcome for () {
    fn into_result(self) -> Result<(), BoxError> {
        Ok(())
    }
}

impl ListenerOutcome for Result<(), BoxError> {
    fn into_result(self) -> Result<(), BoxError> {
        self
    }
}

struct Listener<F>(F);

#[async_trait]
impl<F, Fut> MessageListener for Listener<F>
where
    F: Fn(Received) -> Fut + Send + Sync,
    Fut: Future + Send,
    Fut::Output: ListenerOutcome,
{
    async fn on_message(&self, message: Received) -> Result<(), BoxError> {
        (self.0)(message).await.into_result()
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
