use anymq_api::{Envelope, Timestamp};

/// A message in one queue.
#[derive(Clone, Debug)]
pub(super) struct Entry {
    /// Its place among those of its priority: lower ones go first.
    pub(super) sequence: u64,
    /// The message, shared with whoever else has it.
    pub(super) envelope: Envelope,
    /// How often it was handed to an application so far.
    pub(super) deliveries: u32,
    /// The store knows it.
    pub(super) stored: bool,
}

impl Entry {
    /// It was handed to an application as often again.
    pub(super) fn attempt(&mut self, attempts: u32) {
        self.deliveries = self.deliveries.saturating_add(attempts);
    }

    pub(super) fn level(&self) -> usize {
        usize::from(self.envelope.headers().priority.level())
    }

    pub(super) fn expiration(&self) -> Option<Timestamp> {
        self.envelope.headers().expiration
    }
}
