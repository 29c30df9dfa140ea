//! Sends that wait for a link, in the order of their calls.

use std::{
    collections::BTreeMap,
    sync::{Arc, Weak},
    time::Duration,
};

use tokio::sync::{Notify, oneshot};

use super::shared::not_begun;
use crate::{Envelope, Error, Result, spi::Done};

#[derive(Clone)]
pub(super) enum Parcel {
    One(Envelope),
    Many(Vec<Envelope>),
}

/// A parcel with whom to tell.
pub(super) struct Waiting {
    pub(super) number: u64,
    parcel: Parcel,
    sender: Sender,
}

impl Waiting {
    pub(super) fn open(self) -> (u64, Parcel, Sender) {
        (self.number, self.parcel, self.sender)
    }
}

/// Whoever waits for the outcome of a parcel, or lost interest.
pub(super) struct Sender(oneshot::Sender<Result<()>>);

impl Sender {
    pub(super) fn told(self, outcome: Result<()>) {
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

/// By the numbers of their calls.
#[derive(Default)]
pub(super) struct Line(BTreeMap<u64, Waiting>);

impl Line {
    pub(super) fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    pub(super) fn join(&mut self, number: u64, parcel: Parcel) -> Done<()> {
        let (sender, receiver) = oneshot::channel();
        self.put_back(number, parcel, Sender(sender));
        Done::pending(async move { receiver.await.unwrap_or_else(|_| Err(not_begun())) })
    }

    pub(super) fn first(&mut self) -> Option<Waiting> {
        self.0.pop_first().map(|(_, waiting)| waiting)
    }

    /// It could not go yet.
    pub(super) fn put_back(&mut self, number: u64, parcel: Parcel, sender: Sender) {
        let waiting = Waiting { number, parcel, sender };
        self.0.insert(number, waiting);
    }

    pub(super) fn refuse(&mut self, error: &Error) {
        for waiting in std::mem::take(&mut self.0).into_values() {
            waiting.sender.told(Err(error.clone()));
        }
    }
}

/// The sends of one link whose outcome somebody still has to look at: each may turn out not to have begun, and then
/// stands before all that come after it.
#[derive(Debug, Default)]
pub(super) struct Flight(Arc<Notify>);

/// One of them.
pub(super) struct Seat {
    // Dropped before the others are told.
    seat: Option<Arc<Flight>>,
    told: Weak<Notify>,
}

impl Flight {
    pub(super) fn seat(self: &Arc<Self>) -> Seat {
        Seat {
            seat: Some(Arc::clone(self)),
            told: Arc::downgrade(&self.0),
        }
    }

    /// Waits until all have left; those who take too long, perhaps because nobody asks for their outcome, are too late.
    /// `holders` is how many hold the flight itself.
    pub(super) async fn landed(self: &Arc<Self>, holders: usize) {
        const PATIENCE: Duration = Duration::from_secs(1);
        let landing = async {
            loop {
                let left = self.0.notified();
                if self.has_landed(holders) {
                    return;
                }
                left.await;
            }
        };
        let _ = tokio::time::timeout(PATIENCE, landing).await;
    }

    pub(super) fn has_landed(self: &Arc<Self>, holders: usize) -> bool {
        Arc::strong_count(self) <= holders
    }
}

impl Drop for Seat {
    fn drop(&mut self) {
        drop(self.seat.take());
        if let Some(told) = self.told.upgrade() {
            told.notify_one();
        }
    }
}
