use std::sync::atomic::{AtomicU32, Ordering};

use crate::{Error, ErrorKind};

/// Over which link the sends of the open transaction went: it ends with that link.
#[derive(Debug, Default)]
pub(super) struct Transaction(AtomicU32);

impl Transaction {
    /// Before a send over a link.
    ///
    /// # Errors
    /// When the transaction has sends of an older one.
    pub(super) fn join(&self, generation: u32) -> Result<(), Error> {
        match self
            .0
            .compare_exchange(0, generation, Ordering::AcqRel, Ordering::Acquire)
        {
            Ok(_) => Ok(()),
            Err(joined) if joined == generation => Ok(()),
            Err(_) => Err(undone()),
        }
    }

    /// Its commit changed nothing: it still has what it sent over this link, and ends with it.
    pub(super) fn reopen(&self, generation: u32) {
        self.0.store(generation, Ordering::Release);
    }

    /// Whether it has sends.
    pub(super) fn has_begun(&self) -> bool {
        self.0.load(Ordering::Acquire) != 0
    }

    /// The next transaction begins; tells over which link the sends of this one went, 0 when there are none.
    pub(super) fn end(&self) -> u32 {
        self.0.swap(0, Ordering::AcqRel)
    }
}

/// The broker undid it with its link.
pub(super) fn undone() -> Error {
    Error::new(
        ErrorKind::TransactionRolledBack,
        "the link was lost, and the transaction with it",
    )
}
