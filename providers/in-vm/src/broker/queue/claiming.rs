//! Acknowledgements of a transaction, which the store has to hear of together with its sends.

use super::{Queue, journal::Journal};
use crate::{broker::consumers::ConsumerKey, store::Change};

impl Queue {
    /// Deliveries of one consumer are about to be accepted: adds what the store has to do. They do not count as stored from
    /// here on.
    pub(in crate::broker) fn claim(
        &self,
        consumer: ConsumerKey,
        tags: impl Iterator<Item = u64>,
        changes: &mut Vec<Change>,
    ) {
        let mut state = self.state.lock();
        let state = &mut *state;
        let (Some(journal), Some(holder)) = (&state.journal, state.consumers.get_mut(consumer)) else {
            return;
        };
        for tag in tags {
            if let Some(entry) = holder.unsettled_entry(tag).filter(|entry| entry.stored) {
                entry.stored = false;
                changes.push(journal.removal(entry.sequence));
            }
        }
    }

    /// They are not accepted after all.
    pub(in crate::broker) fn unclaim(&self, consumer: ConsumerKey, tags: impl Iterator<Item = u64>) {
        let mut state = self.state.lock();
        let state = &mut *state;
        let (Some(_), Some(holder)) = (&state.journal, state.consumers.get_mut(consumer)) else {
            return;
        };
        for tag in tags {
            if let Some(entry) = holder.unsettled_entry(tag) {
                entry.stored = Journal::keeps(&entry.envelope);
            }
        }
    }
}
