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
            return self.submit(&up, number, parcel);
        }
        let mut line = self.line.lock();
        // Looked at again with the line held: it may have become clear.
        if let Some(up) = self.clear() {
            drop(line);
            return self.submit(&up, number, parcel);
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

    fn submit(&self, up: &Up, number: u64, parcel: Parcel) -> Done<()> {
        if self.spec.transacted {
            return match self.transaction.join(up.generation) {
                Ok(()) => send_over(&*up.inner, parcel),
                Err(error) => Done::ready(Err(error)),
            };
        }
        match send_over(&*up.inner, parcel.clone()).into_ready() {
            Ok(Err(error)) if has_not_begun(&error) => self.send_again(up.generation, number, parcel, error),
            Ok(outcome) => Done::ready(outcome),
            Err(pending) => {
                let (generation, seat, this) = (up.generation, up.flight.seat(), Weak::clone(&self.this));
                Done::pending(async move {
                    let outcome = pending.await;
                    let again = match (outcome, this.upgrade()) {
                        (Err(error), Some(session)) if has_not_begun(&error) => {
                            session.send_again(generation, number, parcel, error)
                        }
                        (outcome, _) => Done::ready(outcome),
                    };
                    drop(seat);
                    again.await
                })
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
            let next = {
                let mut line = self.line.lock();
                let next = line.first();
                if next.is_none() {
                    self.link.write().is_clear = true;
                }
                next
            };
            let Some(next) = next else { return };
            if up.inner.ready().await.is_err_and(|error| is_lost(&error)) {
                return self.line.lock().put_back(next);
            }
            let (number, parcel, teller) = next.open();
            teller.told_later(self.submit(&up, number, parcel));
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

fn send_over(session: &dyn DriverSession, parcel: Parcel) -> Done<()> {
    match parcel {
        Parcel::One(envelope) => session.send(envelope),
        Parcel::Many(envelopes) => session.send_batch(envelopes),
    }
}

/// The link was lost before the broker can have seen it.
pub(super) fn has_not_begun(error: &Error) -> bool {
    is_lost(error) && error.retry() == Retry::Safe
}
