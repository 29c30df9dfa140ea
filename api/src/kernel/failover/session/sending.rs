//! Sends: over the link that is up, or in line for the next one.

use std::sync::{Arc, Weak, atomic::Ordering};

use super::{FailoverSession, Up};
use crate::{
    Error, Result, Retry,
    kernel::failover::{is_lost, line::Parcel, link::Status, shared::not_begun, transaction::undone},
    spi::{Done, DriverSession},
};

impl FailoverSession {
    pub(super) fn send_parcel(&self, parcel: Parcel) -> Done<()> {
        let number = self.sends.fetch_add(1, Ordering::Relaxed);
        if let Some(up) = self.clear() {
            return self.send_over(&up, number, parcel);
        }
        let mut line = self.line.lock();
        // Looked at again with the line held: it may have become clear.
        if let Some(up) = self.clear() {
            drop(line);
            return self.send_over(&up, number, parcel);
        }
        if let Err(error) = self.admits() {
            return Done::ready(Err(error));
        }
        line.join(number, parcel)
    }

    /// Whether a send may wait for the next link.
    fn admits(&self) -> Result<()> {
        if self.spec.transacted && self.transaction.has_begun() && self.shared.is_down() {
            return Err(undone());
        }
        match &*self.shared.status.borrow() {
            Status::Over(reason) => Err(Status::end(reason.as_ref())),
            _ => Ok(()),
        }
    }

    fn send_over(&self, up: &Up, number: u64, parcel: Parcel) -> Done<()> {
        match self.submit(up, number, parcel) {
            Ok(done) => done,
            Err((parcel, error)) => self.send_again(up.generation, number, parcel, error),
        }
    }

    /// Gives the parcel back, with the reason, when it turns out at once that it has not gone.
    fn submit(&self, up: &Up, number: u64, parcel: Parcel) -> Result<Done<()>, (Parcel, Error)> {
        if self.spec.transacted {
            return Ok(match self.transaction.join(up.generation) {
                Ok(()) => hand(&*up.inner, parcel),
                Err(error) => Done::ready(Err(error)),
            });
        }
        match hand(&*up.inner, parcel.clone()).into_ready() {
            Ok(Err(error)) if has_not_begun(&error) => Err((parcel, error)),
            Ok(outcome) => Ok(Done::ready(outcome)),
            Err(pending) => {
                let (generation, seat, this) = (up.generation, up.flight.seat(), Weak::clone(&self.this));
                Ok(Done::pending(async move {
                    let outcome = pending.await;
                    let again = match (outcome, this.upgrade()) {
                        (Err(error), Some(session)) if has_not_begun(&error) => {
                            session.send_again(generation, number, parcel, error)
                        }
                        (outcome, _) => Done::ready(outcome),
                    };
                    drop(seat);
                    again.await
                }))
            }
        }
    }

    /// For a send that came to nothing with its link: it waits for the next one, unless that has begun to carry later
    /// ones.
    fn send_again(&self, generation: u32, number: u64, parcel: Parcel, error: Error) -> Done<()> {
        let mut line = self.line.lock();
        let is_late = {
            let opened = self.link.read();
            opened.is_clear && opened.generation != generation
        };
        if is_late || !self.is_wanted() || self.admits().is_err() {
            return Done::ready(Err(error));
        }
        line.join(number, parcel)
    }

    /// Lets those go that waited for this link, in order, before all that comes after them.
    pub(in crate::kernel::failover) async fn advance(&self, generation: u32) {
        let earlier = self.link.read().earlier.clone();
        if let Some(earlier) = earlier {
            // With the two that are held here.
            earlier.landed(2).await;
        }
        while let Some(up) = self.up().filter(|up| up.generation == generation) {
            if self.is_through(generation) || up.inner.ready().await.is_err_and(|error| is_lost(&error)) {
                return;
            }
            self.send_first(&up);
        }
    }

    /// Whether nobody waits any more; then sends go straight on.
    fn is_through(&self, generation: u32) -> bool {
        let line = self.line.lock();
        let mut opened = self.link.write();
        let is_through = line.is_empty();
        if is_through && opened.generation == generation {
            opened.is_clear = true;
        }
        is_through
    }

    /// With the line held, so that a rollback finds it either in line or in the transaction.
    fn send_first(&self, up: &Up) {
        let mut line = self.line.lock();
        let Some(first) = line.first() else { return };
        let (number, parcel, sender) = first.open();
        match self.submit(up, number, parcel) {
            Ok(done) => sender.told_later(done),
            Err((parcel, _)) if self.is_wanted() && self.admits().is_ok() => line.put_back(number, parcel, sender),
            Err((_, error)) => sender.told(Err(error)),
        }
    }

    /// Whether nobody waits, nor may come to wait; then sends go straight on.
    pub(in crate::kernel::failover) fn advance_at_once(&self) -> bool {
        let line = self.line.lock();
        let mut opened = self.link.write();
        let is_clear = line.is_empty() && opened.earlier.as_ref().is_none_or(|earlier| earlier.has_landed(1));
        opened.is_clear = is_clear;
        is_clear
    }

    /// There will be no link any more.
    pub(in crate::kernel::failover) fn end(&self) {
        let reason = match &*self.shared.status.borrow() {
            Status::Over(Some(reason)) => reason.clone().with_retry(Retry::Safe),
            _ => not_begun(),
        };
        self.line.lock().refuse(&reason);
    }

    /// Waits until a send may be submitted.
    pub(super) async fn admitted(self: Arc<Self>) -> Result<()> {
        loop {
            let (gate, _) = self.shared.up().await?;
            let Some(up) = self.up() else {
                // A session that is not there yet, or its link lost again.
                if self.closed.load(Ordering::Acquire) {
                    return Err(Error::closed("session"));
                }
                self.shared.until_down(gate.generation).await;
                continue;
            };
            match up.inner.ready().await {
                Err(error) if self.shared.asks_again(up.generation, &error).await => {}
                outcome => return outcome,
            }
        }
    }

    pub(super) fn admitted_later(&self) -> Done<()> {
        match self.this.upgrade() {
            Some(session) => Done::pending(session.admitted()),
            None => Done::ready(Err(not_begun())),
        }
    }
}

fn hand(session: &dyn DriverSession, parcel: Parcel) -> Done<()> {
    match parcel {
        Parcel::One(envelope) => session.send(envelope),
        Parcel::Many(envelopes) => session.send_batch(envelopes),
    }
}

/// The link was lost before the broker can have seen it.
pub(super) fn has_not_begun(error: &Error) -> bool {
    is_lost(error) && error.retry() == Retry::Safe
}
