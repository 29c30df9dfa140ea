use async_trait::async_trait;
use bytestring::ByteString;

use crate::{Confirmation, Message, Producer, Result, SendOptions, SendReceipt};

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

    /// Submits a message and gives a future of its outcome, so that more can be submitted before the broker has
    /// answered: [`Producer::send_async`] without a listener. Without options the producer's are used.
    ///
    /// # Errors
    /// As [`Producer::send_async`]; what shows after the message was submitted is the [`Confirmation`]'s.
    ///
    /// # Cancel safety
    /// As [`Producer::send_async`].
    ///
    /// ```
    /// # async fn example() -> anymq::Result<()> {
    /// use anymq::prelude::*;
    ///
    /// let connection = anymq::connection_factory("vm://submit-doc")?.create_connection().await?;
    /// let session = connection.create_session(AckMode::Auto).await?;
    /// let producer = session.create_producer(&Queue::new("numbers")?).await?;
    /// let one = producer.submit(Message::text("one"), None).await?;
    /// let two = producer.submit(Message::text("two"), None).await?; // both are on their way
    /// let receipts = [one.await?, two.await?];
    /// assert!(receipts[0].message_id() != receipts[1].message_id());
    /// connection.close().await
    /// # }
    /// # tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap().block_on(example()).unwrap();
    /// ```
    async fn submit(&self, message: Message, options: Option<SendOptions>) -> Result<Confirmation>;

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

    async fn submit(&self, message: Message, options: Option<SendOptions>) -> Result<Confirmation> {
        let (confirmation, listener) = Confirmation::new();
        self.send_async(message, options, listener).await?;
        Ok(confirmation)
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
            match self.submit(message, options.clone()).await {
                Ok(confirmation) => waiting.push(confirmation),
                Err(error) => {
                    refused = Some(error);
                    break;
                }
            }
        }
        let mut receipts = Vec::with_capacity(waiting.len());
        for confirmation in waiting {
            receipts.push(confirmation.await?);
        }
        refused.map_or(Ok(receipts), Err)
    }
}
