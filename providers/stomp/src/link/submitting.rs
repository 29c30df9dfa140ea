//! Frames on their way to the outbox.

use anymq_api::spi::Done;
use tokio::sync::oneshot;

use super::{Link, Waiter, outbox::NotTaken};
use crate::{
    error::{lost, unwritable},
    frame::{Command, Frame, Version},
    subscription::Unsettled,
};

impl Link {
    /// Submits a frame. `waiter` hears how it ended, at once where the link is over. Gives the number of its receipt, where
    /// one is to come.
    pub(crate) fn submit(&self, frame: &Frame, waiter: Waiter) -> Option<u64> {
        match self.outbox.push(frame, Some(waiter)) {
            Ok(receipt) => receipt,
            Err(refused) => {
                self.not_taken(refused);
                None
            }
        }
    }

    /// Submits two frames that the broker is to read together; `waiter` hears how the second ended.
    pub(crate) fn submit_pair(&self, first: &Frame, second: &Frame, waiter: Waiter) {
        if let Err(refused) = self.outbox.push_pair(first, second, waiter) {
            self.not_taken(refused);
        }
    }

    /// Nobody waits for this receipt any more, which will not come.
    pub(crate) fn withdraw(&self, receipt: u64) {
        // Without the lock: it belongs to somebody else.
        drop(self.outbox.answered(receipt));
    }

    fn not_taken(&self, refused: NotTaken) {
        let error = refused.cause.map_or_else(|| self.ended(), unwritable);
        if let Some(waiter) = refused.waiter {
            waiter(Err(error));
        }
    }

    /// Submits a frame without an answer: what is wrong with it is reported.
    pub(crate) fn tell(&self, frame: &Frame) {
        if let Err(refused) = self.outbox.push(frame, None)
            && let Some(cause) = refused.cause
        {
            self.report(unwritable(cause));
        }
    }

    /// Submits a frame for somebody who may wait.
    pub(crate) fn ask(&self, frame: &Frame) -> Done<()> {
        let (reply, answer) = oneshot::channel();
        // Whoever gave up waiting does not want to know.
        self.submit(frame, Box::new(|outcome| drop(reply.send(outcome))));
        // The link answers everybody; only its own end could not.
        Done::pending(async move { answer.await.unwrap_or_else(|_| Err(lost("nobody answers"))) })
    }

    /// The frame that accepts or refuses a delivery, in a transaction or by itself.
    pub(crate) fn settlement(&self, command: Command, unsettled: &Unsettled, transaction: Option<&str>) -> Frame {
        let ack = unsettled.ack.clone();
        let mut frame = match self.version {
            Version::V1_2 => Frame::new(command).with_header("id", ack),
            Version::V1_0 | Version::V1_1 => Frame::new(command)
                .with_header("subscription", unsettled.window.to_string())
                .with_header("message-id", ack),
        };
        if let Some(transaction) = transaction {
            frame.headers.push("transaction", transaction);
        }
        frame
    }

    /// Done when the broker has heard all that was submitted before: it answers in order.
    pub(crate) fn flush(&self) -> Done<()> {
        let (reply, answer) = oneshot::channel();
        // Whoever gave up waiting does not want to know.
        self.submit_flush(Box::new(|outcome| drop(reply.send(outcome))));
        Done::pending(async move { answer.await.unwrap_or_else(|_| Err(lost("nobody answers"))) })
    }

    /// The same for a waiter.
    pub(crate) fn submit_flush(&self, waiter: Waiter) {
        let name = format!("anymq-{}", self.new_id());
        let frame = |command| Frame::new(command).with_header("transaction", name.as_str());
        // Nothing else that has no consequence is answered.
        self.tell(&frame(Command::Begin));
        self.submit(&frame(Command::Abort), waiter);
    }
}
