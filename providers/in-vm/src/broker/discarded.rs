use std::sync::Arc;

use anymq_api::{Envelope, spi::DeliverySink};

use super::{dead_letters::GivenUp, entry::Entry};

/// What is done with, kept until the locks are free: dropping it may run foreign code and takes time. The first entry
/// needs no allocation, as settling one is what happens most.
#[derive(Default)]
pub(super) struct Discarded {
    first: Option<Entry>,
    entries: Vec<Entry>,
    /// How many of these the store knows of.
    recorded: usize,
    /// Of those that no store knows.
    envelopes: Vec<Envelope>,
    sinks: Vec<Arc<dyn DeliverySink>>,
    /// Not to be dropped: they go to the dead letters.
    rejected: Vec<GivenUp>,
}

impl Discarded {
    pub(super) fn add(&mut self, entry: Entry) {
        // Those that are recorded stay in front.
        if self.first.is_none() && self.entries.is_empty() {
            self.first = Some(entry);
        } else {
            self.entries.push(entry);
        }
    }

    pub(super) fn add_all(&mut self, entries: impl IntoIterator<Item = Entry>) {
        self.entries.extend(entries);
    }

    pub(super) fn add_envelopes(&mut self, envelopes: impl IntoIterator<Item = Envelope>) {
        self.envelopes.extend(envelopes);
    }

    /// What the store is to forget.
    pub(super) fn unrecorded(&self) -> impl Iterator<Item = &Entry> {
        self.first.iter().chain(&self.entries).skip(self.recorded)
    }

    /// The store knows of all of it, or is not to.
    pub(super) fn recorded(&mut self) {
        self.recorded = usize::from(self.first.is_some()) + self.entries.len();
    }

    pub(super) fn reject(&mut self, given_up: GivenUp) {
        self.rejected.push(given_up);
    }

    pub(super) fn take_rejected(&mut self) -> Vec<GivenUp> {
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
