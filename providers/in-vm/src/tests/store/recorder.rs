use std::{
    collections::HashSet,
    sync::atomic::{AtomicUsize, Ordering},
};

use anymq_api::{Error, ErrorKind, Result};
use parking_lot::Mutex;

use crate::store::{Change, MemoryStore, QueueId, Store, Stored, SubscriptionName};

/// A store that notes what it is told, fails when it is to, and panics at what no broker may tell it.
#[derive(Debug, Default)]
pub(super) struct Recorder {
    kept: MemoryStore,
    seen: Mutex<Seen>,
    /// How many calls still fail, after those that still succeed.
    failing: AtomicUsize,
    succeeding: AtomicUsize,
}

#[derive(Debug, Default)]
struct Seen {
    calls: Vec<Vec<Change>>,
    present: HashSet<(QueueId, u64)>,
    /// All that its present broker knows of, as none comes twice.
    added: HashSet<(QueueId, u64)>,
    subscriptions: HashSet<SubscriptionName>,
    open: bool,
}

impl Recorder {
    /// The next `count` calls fail.
    pub(super) fn fail(&self, count: usize) {
        self.fail_after(0, count);
    }

    /// After `good` calls, `count` fail.
    pub(super) fn fail_after(&self, good: usize, count: usize) {
        self.succeeding.store(good, Ordering::Relaxed);
        self.failing.store(count, Ordering::Relaxed);
    }

    /// The calls since it was last asked.
    pub(super) fn calls(&self) -> Vec<Vec<Change>> {
        std::mem::take(&mut self.seen.lock().calls)
    }

    /// How many messages it has.
    pub(super) fn len(&self) -> usize {
        self.seen.lock().present.len()
    }

    pub(super) fn subscriptions(&self) -> usize {
        self.seen.lock().subscriptions.len()
    }

    fn is_to_fail(&self) -> bool {
        let less = |left: usize| left.checked_sub(1);
        let counted = |number: &AtomicUsize| number.fetch_update(Ordering::Relaxed, Ordering::Relaxed, less).is_ok();
        self.failing.load(Ordering::Relaxed) > 0 && !counted(&self.succeeding) && counted(&self.failing)
    }
}

impl Seen {
    fn note(&mut self, change: &Change) {
        match change {
            Change::Add(message) => {
                let key = (message.queue.clone(), message.sequence);
                assert!(self.added.insert(key.clone()), "added twice: {key:?}");
                self.present.insert(key);
            }
            Change::Remove { queue, sequence } => {
                assert!(
                    self.present.remove(&(queue.clone(), *sequence)),
                    "not there: {change:?}"
                );
            }
            Change::Count { queue, sequence, .. } => {
                assert!(
                    self.present.contains(&(queue.clone(), *sequence)),
                    "not there: {change:?}"
                );
            }
            Change::Subscribe(subscription) => {
                assert!(self.subscriptions.insert(subscription.name.clone()), "{change:?}");
            }
            Change::Unsubscribe(name) => {
                self.subscriptions.remove(name);
                let queue = QueueId::Subscription(name.clone());
                self.present.retain(|(of, _)| *of != queue);
            }
        }
    }
}

impl Store for Recorder {
    fn load(&self) -> Result<Stored> {
        let mut seen = self.seen.lock();
        seen.open = true;
        seen.added = seen.present.clone();
        drop(seen);
        self.kept.load()
    }

    fn apply(&self, changes: &[Change]) -> Result<()> {
        let mut seen = self.seen.lock();
        assert!(seen.open && !changes.is_empty());
        if self.is_to_fail() {
            return Err(Error::new(ErrorKind::Other, "out of order"));
        }
        for change in changes {
            seen.note(change);
        }
        seen.calls.push(changes.to_vec());
        self.kept.apply(changes)
    }

    fn close(&self) -> Result<()> {
        let was_open = std::mem::replace(&mut self.seen.lock().open, false);
        assert!(was_open, "closed twice");
        self.kept.close()
    }
}
