//! Sends that wait for a link, in order.

use std::collections::VecDeque;

use tokio::sync::oneshot;

use super::shared::not_begun;
use crate::{Envelope, Error, Result, spi::Done};

pub(super) enum Parcel {
    One(Envelope),
    Many(Vec<Envelope>),
}

/// A parcel with whom to tell.
pub(super) struct Waiting {
    parcel: Parcel,
    sender: Sender,
}

impl Waiting {
    pub(super) fn open(self) -> (Parcel, Sender) {
        (self.parcel, self.sender)
    }
}

/// Whoever waits for the outcome of a parcel, or lost interest.
pub(super) struct Sender(oneshot::Sender<Result<()>>);

impl Sender {
    fn told(self, outcome: Result<()>) {
        let _ = self.0.send(outcome);
    }

    /// Told when it is done, however long that takes.
    pub(super) fn told_later(self, done: Done<()>) {
        match done.into_ready() {
            Ok(outcome) => self.told(outcome),
            Err(pending) => {
                tokio::spawn(async move { self.told(pending.await) });
            }
        }
    }
}

#[derive(Default)]
pub(super) struct Line(VecDeque<Waiting>);

impl Line {
    pub(super) fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// Behind those that wait already.
    pub(super) fn join(&mut self, parcel: Parcel) -> Done<()> {
        let (sender, receiver) = oneshot::channel();
        let sender = Sender(sender);
        self.0.push_back(Waiting { parcel, sender });
        Done::pending(async move { receiver.await.unwrap_or_else(|_| Err(not_begun())) })
    }

    pub(super) fn first(&mut self) -> Option<Waiting> {
        self.0.pop_front()
    }

    /// It could not go yet.
    pub(super) fn put_back(&mut self, waiting: Waiting) {
        self.0.push_front(waiting);
    }

    pub(super) fn refuse(&mut self, error: &Error) {
        for waiting in self.0.drain(..) {
            waiting.sender.told(Err(error.clone()));
        }
    }
}
