use std::sync::Arc;

use async_trait::async_trait;
use bytestring::ByteString;
use tokio::sync::oneshot;

use crate::{CompletionListener, Error, ErrorKind, Message, Producer, Result, SendOptions, SendReceipt};

/// Convenience for every [`Producer`].
#[async_trait]
pub trait ProducerExt: Producer {
    /// Sends a text with the producer's options.
    ///
    /// # Errors
    /// As [`Producer::send`].
    ///
    /// # Cancel safety
    /// As [`Producer::send`].
    async fn send_text(&self, text: impl Into<ByteString> + Send) -> Result<SendReceipt>;

    /// Sends several messages in order without waiting for each confirmation: many are on their way at once. Returns
    /// when the broker has taken them all. Without options the producer's are used.
    ///
    /// # Errors
    /// The first error; what was submitted before and after it may have been taken. As [`Producer::send_async`].
    ///
    /// # Cancel safety
    /// What was submitted runs to its end; the rest is not sent.
    ///
    /// ```
    /// # async fn example() -> anymq::Result<()> {
    /// use anymq::prelude::*;
    ///
    /// let connection = anymq::connection_factory("vm://pipeline-doc")?.create_connection().await?;
    /// let session = connection.create_session(AckMode::Auto).await?;
    /// let producer = session.create_producer(&Queue::new("numbers")?).await?;
    /// let numbers = (0..100).map(|n| Message::text(n.to_string()));
    /// let receipts = producer.send_all(numbers, None).await?;
    /// assert_eq!(receipts.len(), 100);
    /// connection.close().await
    /// # }
    /// # tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap().block_on(example()).unwrap();
    /// ```
    async fn send_all<I>(&self, messages: I, options: Option<SendOptions>) -> Result<Vec<SendReceipt>>
    where
        I: IntoIterator<Item = Message> + Send,
        I::IntoIter: Send;
}

#[async_trait]
impl<P: Producer + ?Sized> ProducerExt for P {
    async fn send_text(&self, text: impl Into<ByteString> + Send) -> Result<SendReceipt> {
        self.send(Message::text(text)).await
    }

    async fn send_all<I>(&self, messages: I, options: Option<SendOptions>) -> Result<Vec<SendReceipt>>
    where
        I: IntoIterator<Item = Message> + Send,
        I::IntoIter: Send,
    {
        let messages = messages.into_iter();
        let mut waiting = Vec::with_capacity(messages.size_hint().0);
        let mut refused = None;
        for message in messages {
            let (listener, outcome) = Once::new();
            if let Err(error) = self.send_async(message, options.clone(), listener).await {
                refused = Some(error);
                break;
            }
            waiting.push(outcome);
        }
        let mut receipts = Vec::with_capacity(waiting.len());
        for outcome in waiting {
            match outcome.await {
                Ok(outcome) => receipts.push(outcome?),
                Err(_) => return Err(Error::new(ErrorKind::Other, "the session ended before the send did")),
            }
        }
        refused.map_or(Ok(receipts), Err)
    }
}

/// Passes one outcome on.
struct Once(parking_lot::Mutex<Option<oneshot::Sender<Result<SendReceipt>>>>);

impl Once {
    fn new() -> (Arc<Self>, oneshot::Receiver<Result<SendReceipt>>) {
        let (sender, receiver) = oneshot::channel();
        (Arc::new(Self(parking_lot::Mutex::new(Some(sender)))), receiver)
    }

    fn pass(&self, outcome: Result<SendReceipt>) {
        if let Some(sender) = self.0.lock().take() {
            // Nobody waits any more: the send itself has run to its end.
            let _ = sender.send(outcome);
        }
    }
}

#[async_trait]
impl CompletionListener for Once {
    async fn on_completion(&self, _message: Message, receipt: SendReceipt) {
        self.pass(Ok(receipt));
    }

    async fn on_error(&self, _message: Message, error: Error) {
        self.pass(Err(error));
    }
}
