use std::sync::Arc;

use anymq_api::spi::DeliverySink;

use super::{dead_letters::Reason, entry::Entry};

/// What is done with, kept until the locks are free: dropping it may run foreign code and takes time. The first entry
/// needs no allocation, as settling one is what happens most.
#[derive(Default)]
pub(super) struct Discarded {
    first: Option<Entry>,
    entries: Vec<Entry>,
    sinks: Vec<Arc<dyn DeliverySink>>,
    /// Not to be dropped: they go to the dead letters.
    rejected: Vec<(Entry, Reason)>,
}

impl Discarded {
    pub(super) fn add(&mut self, entry: Entry) {
        match self.first {
            None => self.first = Some(entry),
            Some(_) => self.entries.push(entry),
        }
    }

    pub(super) fn add_all(&mut self, entries: impl IntoIterator<Item = Entry>) {
        self.entries.extend(entries);
    }

    pub(super) fn reject(&mut self, entry: Entry, reason: Reason) {
        self.rejected.push((entry, reason));
    }

    pub(super) fn take_rejected(&mut self) -> Vec<(Entry, Reason)> {
        std::mem::take(&mut self.rejected)
    }

    pub(super) fn add_sink(&mut self, sink: Option<Arc<dyn DeliverySink>>) {
        self.sinks.extend(sink);
    }

    /// Of the consumers that were closed.
    pub(super) fn sinks(&self) -> &[Arc<dyn DeliverySink>] {
        &self.sinks
    }
}
