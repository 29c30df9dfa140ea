//! What most cases begin with.

use std::sync::Arc;

use anymq_api::{AckMode, Address, Connection, Consumer, Message, Producer, Session};

use super::{Context, Failure};

impl Context {
    /// A started connection with a session, and a consumer and a producer of one fresh destination.
    ///
    /// # Errors
    /// [`Failure`] when it cannot be made.
    pub async fn pair(&self, mode: AckMode) -> Result<Pair, Failure> {
        let connection = self.started().await?;
        self.pair_on(connection, mode).await
    }

    /// As [`pair`](Self::pair), on a given connection.
    ///
    /// # Errors
    /// [`Failure`] when it cannot be made.
    pub async fn pair_on(&self, connection: Arc<dyn Connection>, mode: AckMode) -> Result<Pair, Failure> {
        let destination = self.destination();
        let session = connection.create_session(mode).await?;
        let consumer = self.consumer(&session, &destination).await?;
        let producer = session.create_producer(&destination).await?;
        Ok(Pair {
            connection,
            session,
            destination,
            consumer,
            producer,
        })
    }
}

/// What most cases begin with.
#[derive(Debug)]
pub struct Pair {
    /// Started.
    pub connection: Arc<dyn Connection>,
    /// In the mode asked for.
    pub session: Arc<dyn Session>,
    /// Fresh.
    pub destination: Address,
    /// Made before the producer, so that it gets what is sent.
    pub consumer: Arc<dyn Consumer>,
    /// To the same destination.
    pub producer: Arc<dyn Producer>,
}

impl Pair {
    /// Sends texts, in order.
    ///
    /// # Errors
    /// What sending gives.
    pub async fn send(&self, texts: &[&str]) -> anymq_api::Result<()> {
        for text in texts {
            self.producer.send(Message::text((*text).to_owned())).await?;
        }
        Ok(())
    }
}
