//! What becomes of deliveries.

use anymq_api::spi::Outcome;

use super::{Queue, state::State};
use crate::broker::{consumers::ConsumerKey, discarded::Discarded, entry::Entry};

impl Queue {
    /// Accepts the one delivery that an open consumer has not settled, when the queue is not busy. Whether it did. The
    /// caller has the message, so that it is not dropped here.
    pub(in crate::broker) fn accept_only(&self, consumer: ConsumerKey, tag: u64) -> bool {
        let Some(mut state) = self.state.try_lock() else {
            return false;
        };
        let holder = state.consumers.get_mut(consumer).filter(|holder| holder.is_open());
        let Some(entry) = holder.and_then(|holder| holder.take_only(tag)) else {
            return false;
        };
        if entry.stored {
            state.record_gone(&entry);
        }
        true
    }

    /// Settles deliveries of one consumer; tags it does not know are passed over. Whether nothing is left of it.
    pub(in crate::broker) fn settle(
        &self,
        consumer: ConsumerKey,
        settlements: impl Iterator<Item = (u64, Outcome)>,
        discarded: &mut Discarded,
    ) -> bool {
        let mut state = self.state.lock();
        let state = &mut *state;
        let Some(holder) = state.consumers.get_swept(consumer, discarded) else {
            return true;
        };
        let (mut released, mut rejected) = (Vec::new(), Vec::new());
        for (tag, outcome) in settlements {
            let Some(mut entry) = holder.take(tag) else { continue };
            match outcome {
                Outcome::Accept => discarded.add(entry),
                Outcome::Reject { attempts, reason } => {
                    entry.attempt(attempts);
                    rejected.push((entry, reason.into()));
                }
                Outcome::Release { attempts } => {
                    entry.attempt(attempts);
                    if attempts > 0 {
                        state.journal.iter_mut().for_each(|journal| journal.counted(&entry));
                    }
                    released.push(entry);
                }
            }
        }
        holder.note_oldest();
        let gone = holder.is_done() && state.consumers.remove_done(consumer);
        if !rejected.is_empty() {
            state.give_up(rejected, discarded);
        }
        self.put_back(state, released, discarded);
        state.record(discarded);
        gone
    }

    /// Releases all that a closed consumer has not settled, and forgets it. They count as handed to the application
    /// once: nobody says whether they were, and one flag too many is better than one too few.
    pub(in crate::broker) fn release_all(&self, consumer: ConsumerKey, discarded: &mut Discarded) {
        let mut state = self.state.lock();
        let Some(holder) = state.consumers.get_swept(consumer, discarded) else {
            return;
        };
        let mut released: Vec<_> = holder.take_all().collect();
        state.consumers.remove_done(consumer);
        for entry in &mut released {
            entry.attempt(1);
            state.journal.iter_mut().for_each(|journal| journal.counted(entry));
        }
        self.put_back(&mut state, released, discarded);
        state.record(discarded);
    }

    fn put_back(&self, state: &mut State, released: Vec<Entry>, discarded: &mut Discarded) {
        if released.is_empty() {
            return;
        }
        state.put_back(released, discarded);
        state.dispatch(&self.services, discarded);
        self.arm(state);
    }
}
