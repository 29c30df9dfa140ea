use anymq_api::Envelope;
use parking_lot::MutexGuard;

use super::{Queue, journal::Journal, state::State};
use crate::store::Change;

/// A queue that is locked for sending: what is put in by one of these stands in one piece.
pub(in crate::broker) struct QueueInlet<'a> {
    queue: &'a Queue,
    state: MutexGuard<'a, State>,
    /// How many were announced and not put in yet.
    announced: u64,
}

impl<'a> QueueInlet<'a> {
    #[inline]
    pub(super) fn new(queue: &'a Queue, state: MutexGuard<'a, State>) -> Self {
        Self {
            queue,
            state,
            announced: 0,
        }
    }

    /// Puts a message in that no store is to keep.
    #[inline]
    pub(in crate::broker) fn put(&mut self, envelope: Envelope) {
        self.put_as(envelope, false);
    }

    /// What the store has to do before this message is put in, after those that were announced before; `None` if it does
    /// not keep it.
    pub(in crate::broker) fn announce(&mut self, envelope: &Envelope) -> Option<Change> {
        let sequence = self.state.next_sequence + self.announced;
        self.announced += 1;
        let journal = self.state.journal.as_ref().filter(|_| Journal::keeps(envelope))?;
        Some(journal.addition(envelope, sequence, 0))
    }

    /// Puts in what was announced; in the same order.
    pub(in crate::broker) fn put_announced(&mut self, envelope: Envelope) {
        self.announced = self.announced.saturating_sub(1);
        let stored = self.state.journal.is_some() && Journal::keeps(&envelope);
        self.put_as(envelope, stored);
    }

    /// Puts in what has to go somewhere, and has the store do `leaving` with it.
    pub(in crate::broker) fn put_moved(&mut self, envelope: Envelope, leaving: Option<Change>) {
        let Some(keeper) = self.state.journal.as_ref().map(|journal| journal.keeper.clone()) else {
            return self.put(envelope);
        };
        let addition = self.announce(&envelope);
        keeper.note(leaving.into_iter().chain(addition).collect());
        self.put_announced(envelope);
    }

    #[inline]
    fn put_as(&mut self, envelope: Envelope, stored: bool) {
        self.state.counts.enqueued += 1;
        let headers = envelope.headers();
        // Only what was delayed has a time of its own.
        let is_delayed = headers.delivery_time.is_some() && headers.delivery_time != headers.timestamp;
        if is_delayed || headers.expiration.is_some() {
            self.put_timed(envelope, stored);
        } else {
            self.state.put(envelope, stored);
        }
    }

    #[inline(never)]
    fn put_timed(&mut self, envelope: Envelope, stored: bool) {
        let headers = envelope.headers();
        let due = headers
            .delivery_time
            .filter(|_| headers.delivery_time != headers.timestamp)
            .filter(|due| *due > self.queue.services.timer.now());
        match due {
            Some(due) => self.state.delay(due, envelope, stored),
            None => self.state.put(envelope, stored),
        }
        self.queue.arm(&mut self.state);
    }
}
