use std::sync::{
    Arc,
    atomic::{AtomicBool, AtomicU64, Ordering},
};

use anymq_api::Result;
use parking_lot::Mutex;

use crate::{
    error,
    store::{Change, Store},
};

/// A broker's way to its store.
#[derive(Debug)]
pub(super) struct Keeper {
    store: Arc<dyn Store>,
    /// What has happened and the store failed to keep.
    owed: Mutex<Vec<Change>>,
    /// Whether anything is owed: mostly nothing is, and no lock is needed.
    owing: AtomicBool,
    closed: AtomicBool,
    /// Where new queues begin, so that no sequence is used twice for one name.
    next_sequence: AtomicU64,
}

impl Keeper {
    pub(super) fn new(store: Arc<dyn Store>, next_sequence: u64) -> Self {
        Self {
            store,
            owed: Mutex::default(),
            owing: AtomicBool::new(false),
            closed: AtomicBool::new(false),
            next_sequence: AtomicU64::new(next_sequence),
        }
    }

    /// Keeps what can be refused: all or none of it.
    pub(super) fn apply(&self, changes: &[Change]) -> Result<()> {
        if changes.is_empty() {
            return Ok(());
        }
        if self.closed.load(Ordering::Acquire) {
            return Err(error::shut_down());
        }
        self.pay().map_err(error::store_failed)?;
        self.store.apply(changes).map_err(error::store_failed)
    }

    /// Keeps what has happened. Where the store fails, it is owed.
    pub(super) fn note(&self, changes: Vec<Change>) {
        if !changes.is_empty() && self.apply(&changes).is_err() && !self.closed.load(Ordering::Acquire) {
            self.owed.lock().extend(changes);
            self.owing.store(true, Ordering::Release);
        }
    }

    /// Keeps what is owed.
    fn pay(&self) -> Result<()> {
        if !self.owing.load(Ordering::Acquire) {
            return Ok(());
        }
        let mut owed = self.owed.lock();
        if !owed.is_empty() {
            self.store.apply(&owed)?;
            owed.clear();
        }
        self.owing.store(false, Ordering::Release);
        Ok(())
    }

    /// The broker has ended. While something is owed the store is left open, so that the next broker flags what it loads.
    pub(super) fn close(&self) {
        if !self.closed.swap(true, Ordering::AcqRel) && self.pay().is_ok() {
            // Then the next broker flags too many messages, which is allowed.
            let _unclean = self.store.close();
        }
    }

    pub(super) fn first_sequence(&self) -> u64 {
        self.next_sequence.load(Ordering::Acquire)
    }

    /// A queue that has used those below `sequence` is out of use.
    pub(super) fn leave(&self, sequence: u64) {
        self.next_sequence.fetch_max(sequence, Ordering::AcqRel);
    }
}
