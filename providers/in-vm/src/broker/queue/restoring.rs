//! What a store gives back to a queue.

use super::{Queue, state::State};
use crate::{
    broker::{entry::Entry, groups::Group},
    store::StoredMessage,
};

impl Queue {
    /// The messages that it had, sorted by sequence. Without `clean`, each may have been delivered.
    pub(in crate::broker) fn restore(&self, messages: Vec<StoredMessage>, clean: bool) {
        let mut state = self.state.lock();
        let now = self.services.timer.now();
        for message in messages {
            let headers = message.envelope.headers();
            let delayed = headers.delivery_time.filter(|due| *due > now);
            let delayed = delayed.filter(|_| headers.delivery_time != headers.timestamp);
            let entry = state.restored(message, clean);
            match delayed {
                Some(due) => state.delayed.insert(due, entry),
                None => state.append(entry),
            }
        }
        if let Some(journal) = &mut state.journal {
            journal.flush();
        }
        // Delayed ones count for the limit of the broker.
        state.relieve();
        self.arm(&mut state);
    }
}

impl State {
    fn restored(&mut self, message: StoredMessage, clean: bool) -> Entry {
        let mut entry = Entry {
            sequence: message.sequence,
            envelope: message.envelope,
            deliveries: message.deliveries,
            stored: true,
        };
        self.counts.enqueued += 1;
        self.next_sequence = self.next_sequence.max(entry.sequence.saturating_add(1));
        if !clean && entry.deliveries == 0 {
            entry.deliveries = 1;
            // Or it would not be flagged any more after another, clean restart.
            self.journal.iter_mut().for_each(|journal| journal.counted(&entry));
        }
        if Group::of(&entry.envelope).is_some() {
            self.expect_groups();
        }
        entry
    }
}
