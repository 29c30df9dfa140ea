use std::sync::Arc;

use anymq_api::Envelope;

/// A message in one queue.
#[derive(Clone, Debug)]
pub(super) struct Entry {
    /// Its place: lower ones go first.
    pub(super) sequence: u64,
    /// The message, shared with whoever else has it.
    pub(super) envelope: Arc<Envelope>,
    /// How often it was handed to an application so far.
    pub(super) deliveries: u32,
}
