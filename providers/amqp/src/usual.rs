use anymq_api::Address;

use crate::options::QueueKind;

/// What holds on a connection where an address says nothing.
#[derive(Clone, Debug)]
pub(crate) struct Usual {
    /// The queue where messages go that are given up.
    pub(crate) dead_letters: Address,
    /// What queues are declared as.
    pub(crate) queue_kind: QueueKind,
}
