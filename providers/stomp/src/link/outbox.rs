//! What is to be written, in order.

use bytes::{BufMut as _, Bytes, BytesMut};
use parking_lot::Mutex;
use tokio::sync::Notify;

use super::receipts::{Receipts, Waiter};
use crate::frame::{Frame, FrameEncoder, FrameError};

/// From here on a body is not copied.
const LARGE: usize = 4 << 10;

/// Takes frames from anybody, for the one who writes.
pub(super) struct Outbox {
    encoder: FrameEncoder,
    state: Mutex<State>,
    news: Notify,
}

#[derive(Default)]
struct State {
    batch: Batch,
    receipts: Receipts,
    /// Nothing more is taken.
    is_closed: bool,
}

impl State {
    fn append(
        &mut self,
        encoder: FrameEncoder,
        frame: &Frame,
        waiter: Option<Waiter>,
    ) -> Result<Option<u64>, NotTaken> {
        if self.is_closed {
            return Err(NotTaken { waiter, cause: None });
        }
        let Self { batch, receipts, .. } = self;
        let receipt = waiter.is_some().then(|| receipts.next());
        if let Err(cause) = encoder.encode_head_with(frame, receipt, &mut batch.tail) {
            let cause = Some(cause);
            return Err(NotTaken { waiter, cause });
        }
        if frame.command.has_body() {
            batch.push_body(&frame.body);
        }
        batch.tail.put_u8(0);
        if let Some(waiter) = waiter {
            receipts.expect(waiter);
        }
        Ok(receipt)
    }
}

/// What is written at once: all pieces, then the tail.
#[derive(Default)]
pub(super) struct Batch {
    pub(super) pieces: Vec<Bytes>,
    pub(super) tail: BytesMut,
}

impl Batch {
    pub(super) fn is_empty(&self) -> bool {
        self.pieces.is_empty() && self.tail.is_empty()
    }

    fn push_body(&mut self, body: &Bytes) {
        if body.len() < LARGE {
            self.tail.put_slice(body);
        } else {
            self.pieces.push(self.tail.split().freeze());
            self.pieces.push(body.clone());
        }
    }
}

/// Why a frame was not taken; whoever waits for its receipt comes back.
pub(super) struct NotTaken {
    pub(super) waiter: Option<Waiter>,
    /// None when nothing is taken any more.
    pub(super) cause: Option<FrameError>,
}

impl Outbox {
    pub(super) fn new(encoder: FrameEncoder) -> Self {
        Self {
            encoder,
            state: Mutex::default(),
            news: Notify::new(),
        }
    }

    /// Appends a frame. With a waiter it asks for a receipt, whose number is given back.
    pub(super) fn push(&self, frame: &Frame, waiter: Option<Waiter>) -> Result<Option<u64>, NotTaken> {
        let mut state = self.state.lock();
        let was_empty = state.batch.is_empty();
        let receipt = state.append(self.encoder, frame, waiter)?;
        drop(state);
        if was_empty {
            self.news.notify_one();
        }
        Ok(receipt)
    }

    /// Appends two frames without a body with nothing in between, so that they are written at once. The second asks for a
    /// receipt.
    pub(super) fn push_pair(&self, first: &Frame, second: &Frame, waiter: Waiter) -> Result<(), NotTaken> {
        let mut state = self.state.lock();
        let was_empty = state.batch.is_empty();
        if let Err(NotTaken { cause, .. }) = state.append(self.encoder, first, None) {
            let waiter = Some(waiter);
            return Err(NotTaken { waiter, cause });
        }
        let outcome = state.append(self.encoder, second, Some(waiter)).map(drop);
        drop(state);
        if was_empty {
            self.news.notify_one();
        }
        outcome
    }

    /// Exchanges what is to be written for `written`, which is empty; false when nothing more will come.
    pub(super) fn take(&self, written: &mut Batch) -> bool {
        let mut state = self.state.lock();
        std::mem::swap(&mut state.batch, written);
        !state.is_closed
    }

    /// Waits until there is something to write, or never will be.
    pub(super) async fn news(&self) {
        self.news.notified().await;
    }

    pub(super) fn answered(&self, receipt: u64) -> Option<Waiter> {
        self.state.lock().receipts.take(receipt)
    }

    pub(super) fn only_unanswered(&self) -> Option<Waiter> {
        self.state.lock().receipts.take_only()
    }

    /// Closed, so that nobody comes after these.
    pub(super) fn close_unanswered(&self) -> Vec<Waiter> {
        let mut state = self.state.lock();
        state.is_closed = true;
        let waiters = state.receipts.take_all();
        drop(state);
        self.news.notify_one();
        waiters
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::frame::{Command, Version};

    fn outbox() -> Outbox {
        Outbox::new(FrameEncoder::new(Version::V1_2))
    }

    fn waiter() -> Waiter {
        Box::new(|_| ())
    }

    fn written(outbox: &Outbox) -> Vec<u8> {
        let mut batch = Batch::default();
        outbox.take(&mut batch);
        let mut all: Vec<u8> = batch.pieces.concat();
        all.extend_from_slice(&batch.tail);
        all
    }

    #[test]
    fn frames_leave_in_order_with_their_receipts() {
        let outbox = outbox();
        for (body, waiter) in [("a", Some(waiter())), ("b", None), ("c", Some(waiter()))] {
            let frame = Frame::new(Command::Send).with_body(body);
            assert!(outbox.push(&frame, waiter).is_ok());
        }
        let expected = "SEND\nreceipt:0\ncontent-length:1\n\na\0\
            SEND\ncontent-length:1\n\nb\0\
            SEND\nreceipt:1\ncontent-length:1\n\nc\0";
        assert_eq!(String::from_utf8(written(&outbox)).unwrap(), expected);
        assert!(written(&outbox).is_empty());
        assert!(outbox.answered(1).is_some() && outbox.answered(1).is_none());
    }

    #[test]
    fn large_bodies_are_not_copied() {
        let outbox = outbox();
        let body = Bytes::from(vec![b'x'; LARGE]);
        let frame = Frame::new(Command::Send).with_body(body.clone());
        assert!(outbox.push(&frame, None).is_ok());
        let mut batch = Batch::default();
        assert!(outbox.take(&mut batch));
        assert_eq!(batch.pieces[1].as_ptr(), body.as_ptr());
        assert_eq!(batch.tail, b"\0"[..]);
    }

    #[test]
    fn what_cannot_be_sent_disturbs_nothing() {
        let outbox = outbox();
        let frame = Frame::new(Command::Send).with_header("a", "\0");
        let refused = outbox.push(&frame, Some(waiter())).err().unwrap();
        assert!(refused.waiter.is_some() && refused.cause.is_some());
        assert!(written(&outbox).is_empty() && outbox.only_unanswered().is_none());
    }

    #[test]
    fn nothing_comes_after_the_end() {
        let outbox = outbox();
        assert!(outbox.push(&Frame::new(Command::Begin), Some(waiter())).is_ok());
        assert_eq!(outbox.close_unanswered().len(), 1);
        let refused = outbox.push(&Frame::new(Command::Begin), Some(waiter())).err().unwrap();
        assert!(refused.waiter.is_some() && refused.cause.is_none());
        let mut batch = Batch::default();
        assert!(!outbox.take(&mut batch));
        assert!(!batch.is_empty(), "what was taken before is written");
    }
}
