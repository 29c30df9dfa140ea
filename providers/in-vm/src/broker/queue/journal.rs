use std::sync::Arc;

use anymq_api::{DeliveryMode, Envelope};

use super::state::State;
use crate::{
    broker::{discarded::Discarded, entry::Entry, keeper::Keeper},
    store::{Change, QueueId, StoredMessage},
};

/// What a queue tells its broker's store of itself. Under the queue's lock, so the store sees the queue's order.
#[derive(Debug)]
pub(super) struct Journal {
    pub(super) keeper: Arc<Keeper>,
    queue: QueueId,
    /// What has happened since the last record.
    changes: Vec<Change>,
}

impl Journal {
    pub(super) fn new(keeper: Arc<Keeper>, queue: QueueId) -> Self {
        Self {
            keeper,
            queue,
            changes: Vec::new(),
        }
    }

    /// Whether the store keeps such a message.
    pub(super) fn keeps(envelope: &Envelope) -> bool {
        envelope.headers().delivery_mode == DeliveryMode::Persistent
    }

    pub(super) fn addition(&self, envelope: &Envelope, sequence: u64, deliveries: u32) -> Change {
        Change::Add(StoredMessage {
            queue: self.queue.clone(),
            sequence,
            envelope: envelope.clone(),
            deliveries,
        })
    }

    pub(super) fn removal(&self, sequence: u64) -> Change {
        Change::Remove {
            queue: self.queue.clone(),
            sequence,
        }
    }

    /// A message has got another place than `before`.
    pub(super) fn moved(&mut self, before: u64, entry: &Entry) {
        if entry.stored {
            self.changes.push(self.removal(before));
            let addition = self.addition(&entry.envelope, entry.sequence, entry.deliveries);
            self.changes.push(addition);
        }
    }

    /// A message comes back, after it was handed to an application.
    pub(super) fn counted(&mut self, entry: &Entry) {
        if entry.stored {
            self.changes.push(Change::Count {
                queue: self.queue.clone(),
                sequence: entry.sequence,
                deliveries: entry.deliveries,
            });
        }
    }

    /// Tells the store what has happened.
    pub(super) fn flush(&mut self) {
        self.keeper.note(std::mem::take(&mut self.changes));
    }

    #[cold]
    fn record(&mut self, discarded: &mut Discarded) {
        let mut changes = std::mem::take(&mut self.changes);
        let left = discarded.unrecorded().filter(|entry| entry.stored);
        changes.extend(left.map(|entry| self.removal(entry.sequence)));
        discarded.recorded();
        self.keeper.note(changes);
    }
}

impl State {
    /// Tells the store what has happened, what was discarded included. To be called before the queue's lock is free.
    #[inline]
    pub(super) fn record(&mut self, discarded: &mut Discarded) {
        if let Some(journal) = &mut self.journal {
            journal.record(discarded);
        }
    }

    /// What has the store forget an entry that is about to leave; `None` when it does not know it.
    pub(super) fn removal(&self, entry: &Entry) -> Option<Change> {
        let journal = self.journal.as_ref().filter(|_| entry.stored)?;
        Some(journal.removal(entry.sequence))
    }

    /// Has the store forget an entry that has left.
    #[cold]
    pub(super) fn record_gone(&self, entry: &Entry) {
        if let Some(journal) = &self.journal {
            journal.keeper.note(vec![journal.removal(entry.sequence)]);
        }
    }

    /// The queue is out of use, and its name may be used again.
    pub(super) fn leave(&self) {
        if let Some(journal) = &self.journal {
            journal.keeper.leave(self.next_sequence);
        }
    }
}
