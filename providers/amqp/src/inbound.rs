//! A channel that messages come over.

use std::{
    fmt,
    sync::{
        OnceLock,
        atomic::{AtomicBool, Ordering},
    },
};

use anymq_api::{Error, ErrorKind, Result};
use futures_util::future::join_all;
use lapin::{
    Channel, Consumer,
    options::{BasicAckOptions, BasicNackOptions, BasicQosOptions},
};
use parking_lot::Mutex;

use crate::{
    error::error,
    ledger::{Answer, Frame, Ledger},
    link::Link,
};

/// A channel with consumers. In a transacted session all share the session's channel, otherwise each has its own, so
/// that what the broker refuses to one ends no other.
pub(crate) struct Inbound {
    pub(crate) channel: Channel,
    pub(crate) transacted: bool,
    pub(crate) ledger: Mutex<Ledger>,
    /// Held from a request to its answer where no other may come between: from setting the prefetch to consuming with
    /// it, when a consumer is cancelled, and when a transaction ends. `RabbitMQ` ends the whole connection over a command
    /// that reaches a channel while it commits.
    pub(crate) turn: tokio::sync::Mutex<()>,
    failure: OnceLock<Error>,
    /// Something was settled.
    settled: AtomicBool,
    /// Ends with the channel; dropped before, it would be cancelled.
    consumer: OnceLock<Consumer>,
}

impl Inbound {
    pub(crate) fn new(channel: Channel, transacted: bool) -> Self {
        Self {
            channel,
            transacted,
            ledger: Mutex::default(),
            turn: tokio::sync::Mutex::default(),
            failure: OnceLock::new(),
            settled: AtomicBool::new(false),
            consumer: OnceLock::new(),
        }
    }

    /// The broker ended the channel; its unsettled deliveries are given to others already.
    pub(crate) fn fail(&self, error: &Error) {
        self.failure.get_or_init(|| error.clone());
        self.ledger.lock().clear();
    }

    pub(crate) fn check(&self) -> Result<()> {
        self.failure.get().map_or(Ok(()), |failure| Err(failure.clone()))
    }

    /// Leaves the last consumer of the channel to its end.
    pub(crate) fn leave(&self, consumer: Consumer) {
        let _ = self.consumer.set(consumer);
    }

    /// Fails once the broker ended the channel, whether or not the reason is known yet, or the link is lost.
    pub(crate) fn usable(&self, link: &Link) -> Result<()> {
        self.check()?;
        if self.channel.status().connected() {
            return Ok(());
        }
        // The channels of a lost link end with it, and the broker has nothing to do with that.
        if !link.is_up() {
            return Err(link.ended());
        }
        let detail = "the broker ended the channel; a transaction can only be rolled back";
        Err(error(ErrorKind::IllegalState, detail))
    }

    /// Sends the frames in order, and waits until they are on their way.
    pub(crate) async fn send(&self, link: &Link, frames: &[Frame]) -> Result<()> {
        // All are handed over in the first poll, in order.
        let sent = join_all(frames.iter().map(|frame| self.send_one(link, *frame))).await;
        sent.into_iter().collect()
    }

    pub(crate) async fn send_one(&self, link: &Link, frame: Frame) -> Result<()> {
        self.settled.store(true, Ordering::Relaxed);
        let multiple = frame.reaches_down && frame.count > 1;
        let requeue = frame.answer == Answer::Requeue;
        let sent = match frame.answer {
            Answer::Accept => self.channel.basic_ack(frame.tag, BasicAckOptions { multiple }).await,
            Answer::Reject | Answer::Requeue => {
                let options = BasicNackOptions { multiple, requeue };
                self.channel.basic_nack(frame.tag, options).await
            }
        };
        sent.map_err(|cause| self.error(link, cause))
    }

    /// The reason for which the channel ended goes before what it made fail.
    pub(crate) fn error(&self, link: &Link, cause: lapin::Error) -> Error {
        self.failure.get().cloned().unwrap_or_else(|| link.error(cause))
    }

    pub(crate) async fn close(&self) {
        if self.channel.status().connected() {
            if self.settled.load(Ordering::Relaxed) {
                // A quorum queue of RabbitMQ 3.10 may not see settlements that the channel's end follows at once: any
                // request will do that has an answer.
                let _turn = self.turn.lock().await;
                let _ = self.channel.basic_qos(1, BasicQosOptions::default()).await;
            }
            // What it still held goes back to the queues; a lost link is no error.
            let _ = self.channel.close(200, "OK".into()).await;
        }
    }
}

impl fmt::Debug for Inbound {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Inbound")
            .field("channel", &self.channel.id())
            .finish_non_exhaustive()
    }
}
