//! What was handed over and comes again: recover, rollback, failed listeners, and the limits of it.

use tokio::time::Instant;

use super::{Deliveries, State, Submission, taken_back::TakenBack};
use crate::{
    AckMode,
    kernel::{ledger::Attempted, redelivery::Redelivery},
    spi::{Outcome, Settlement, SubscriptionId},
};

/// What the driver has to be told of what does not come again, and the promise that closing waits for it.
pub(crate) type Unreturned<'a> = (Vec<Settlement>, Submission<'a>);

impl Deliveries {
    /// A listener is done. In the automatic modes its message is settled, or put back first in line; what comes back
    /// is to be settled before it counts as [`returned`](Self::returned).
    pub(crate) fn finish(&self, delivery: u64, succeeded: bool) -> Option<Settlement> {
        if !matches!(self.mode, AckMode::Auto | AckMode::DupsOk) {
            return None;
        }
        let mut state = self.state.lock();
        let entry = state.ledger.remove(delivery)?;
        if succeeded {
            let inbox = state.consumers.get(&entry.consumer());
            let accepted = inbox.is_some_and(|inbox| inbox.accept(&entry.delivery));
            // Dropped without the lock: it may be the last of its message.
            drop(state);
            return (!accepted).then(|| entry.settle(Outcome::Accept));
        }
        state.put_back(vec![entry], self.redelivery.as_ref()).pop()
    }

    /// Recover: everything unsettled comes again, first in line. What comes back is to be settled.
    pub(crate) fn recover(&self) -> Unreturned<'_> {
        let mut state = self.state.lock();
        // The broker delivers again what it took back.
        state.taken_back = TakenBack::default();
        let entries = state.ledger.take_all();
        self.come_again(&mut state, entries)
    }

    /// Rollback: `entries`, taken from the ledger before, come again.
    pub(crate) fn redeliver(&self, entries: Vec<Attempted>) -> Unreturned<'_> {
        self.come_again(&mut self.state.lock(), entries)
    }

    fn come_again(&self, state: &mut State, entries: Vec<Attempted>) -> Unreturned<'_> {
        let settlements = state.put_back(entries, self.redelivery.as_ref());
        let submission = self.submission(state);
        self.dispatch.notify_one();
        (settlements, submission)
    }

    /// Nothing became of a commit: what it was to accept is as it was before.
    pub(crate) fn restore(&self, mut entries: Vec<Attempted>) {
        let mut state = self.state.lock();
        let taken = entries.len();
        entries.retain(|entry| !state.is_void(entry));
        if entries.len() < taken {
            state.remember_void();
        }
        state.ledger.restore(entries);
    }

    /// What was handed over by consumers that are gone goes back to the broker; what comes back is to be settled.
    pub(crate) fn take_orphans(&self) -> Unreturned<'_> {
        let mut state = self.state.lock();
        let State { consumers, ledger, .. } = &mut *state;
        let is_orphan = |entry: &Attempted| consumers.get(&entry.consumer()).is_none_or(|inbox| inbox.closing);
        let orphans = ledger.take_where(is_orphan);
        let redelivery = self.redelivery.as_ref();
        let settlements = orphans.iter().map(|entry| leave(entry, redelivery)).collect();
        (settlements, self.submission(&mut state))
    }
}

/// What becomes of what failed and has no inbox to come again from.
fn leave(entry: &Attempted, redelivery: Option<&Redelivery>) -> Settlement {
    if redelivery.is_some_and(|redelivery| redelivery.is_over(entry)) {
        return entry.give_up();
    }
    entry.release()
}

impl State {
    /// Puts entries back, in their order, before what was never handed over. Those that were delivered too often are
    /// given up, and those of consumers that are gone returned to the broker, unless it took them back itself: both come
    /// back as settlements.
    fn put_back(&mut self, entries: Vec<Attempted>, redelivery: Option<&Redelivery>) -> Vec<Settlement> {
        let mut settlements = Vec::new();
        let mut touched = Vec::new();
        for entry in entries.into_iter().rev() {
            if self.is_void(&entry) {
                continue;
            }
            let id = entry.consumer();
            let over = redelivery.is_some_and(|redelivery| redelivery.is_over(&entry));
            let inbox = self.consumers.get_mut(&id);
            if inbox.as_ref().is_some_and(|inbox| inbox.taken_back) {
                continue;
            }
            match inbox.filter(|inbox| !inbox.closing && !over) {
                Some(inbox) => {
                    let due = redelivery.and_then(|redelivery| redelivery.due(&entry));
                    inbox.put_back(entry, due);
                    if due.is_none() {
                        inbox.arrivals.arrival().notify_one();
                    } else {
                        // All of them: each has to know until when it waits, in case that the others give up.
                        inbox.arrivals.arrival().notify_waiters();
                    }
                    touched.push(id);
                }
                None => settlements.push(leave(&entry, redelivery)),
            }
        }
        for id in touched {
            self.schedule(id);
        }
        settlements.reverse();
        settlements
    }

    /// This consumer's first message must wait, and the dispatcher with it.
    #[cold]
    pub(super) fn park(&mut self, id: SubscriptionId, until: Instant) {
        self.parked.retain(|(parked, _)| *parked != id);
        self.parked.push((id, until));
    }

    /// Gives those consumers their turn whose messages need not wait any more.
    #[cold]
    pub(super) fn unpark(&mut self) {
        let now = Instant::now();
        let due: Vec<_> = self.parked.extract_if(.., |(_, until)| *until <= now).collect();
        for (id, _) in due {
            self.schedule(id);
        }
    }

    pub(super) fn next_parked(&self) -> Option<Instant> {
        self.parked.iter().map(|(_, until)| *until).min()
    }
}
