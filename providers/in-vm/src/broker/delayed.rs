use std::collections::BTreeMap;

use anymq_api::Timestamp;

use super::{crowd::weight, entry::Entry, total::Load};

/// The messages of a queue that are not due yet, by the time at which they fall due, and in the order of the sends.
#[derive(Debug, Default)]
pub(super) struct Delayed {
    entries: BTreeMap<(Timestamp, u64), Entry>,
    /// Of the bodies, if they are weighed.
    bytes: usize,
    weighs: bool,
}

impl Delayed {
    pub(super) fn is_empty(&self) -> bool {
        self.entries.is_empty()
    }

    pub(super) fn len(&self) -> usize {
        self.entries.len()
    }

    pub(super) fn load(&self) -> Load {
        Load {
            messages: self.entries.len(),
            bytes: self.bytes,
        }
    }

    /// Bodies are weighed from now on, when it is still empty.
    pub(super) fn weigh(&mut self) {
        self.weighs = true;
    }

    pub(super) fn insert(&mut self, due: Timestamp, entry: Entry) {
        if self.weighs {
            self.bytes += weight(&entry.envelope);
        }
        self.entries.insert((due, entry.sequence), entry);
    }

    /// The first that is due by `now`.
    pub(super) fn take_due(&mut self, now: Timestamp) -> Option<Entry> {
        let first = self.entries.first_entry().filter(|first| first.key().0 <= now)?;
        let entry = first.remove();
        if self.weighs {
            self.bytes = self.bytes.saturating_sub(weight(&entry.envelope));
        }
        Some(entry)
    }

    /// When the next one falls due.
    pub(super) fn next_time(&self) -> Option<Timestamp> {
        self.entries.first_key_value().map(|((at, _), _)| *at)
    }

    pub(super) fn take_all(&mut self) -> impl Iterator<Item = Entry> + use<> {
        self.bytes = 0;
        std::mem::take(&mut self.entries).into_values()
    }
}
