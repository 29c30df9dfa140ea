use std::collections::{BTreeMap, HashMap};

use anymq_api::{Envelope, Result};
use parking_lot::Mutex;

use super::{Change, QueueId, Store, Stored, StoredMessage, StoredSubscription, SubscriptionName};

/// A store in memory: it outlives its broker, not the process. For tests of restarts, and to show what a store does.
///
/// ```
/// use std::sync::Arc;
///
/// use anymq_in_vm::{InVmBroker, store::MemoryStore};
///
/// let store = Arc::new(MemoryStore::default());
/// InVmBroker::builder().with_store(store.clone())?.build().shutdown();
/// let again = InVmBroker::builder().with_store(store)?.build();
/// assert_eq!(again.stats().ready, 0);
/// # Ok::<(), anymq_api::Error>(())
/// ```
#[derive(Debug, Default)]
pub struct MemoryStore(Mutex<State>);

#[derive(Debug, Default)]
struct State {
    /// A broker uses it.
    open: bool,
    subscriptions: HashMap<SubscriptionName, StoredSubscription>,
    queues: HashMap<QueueId, BTreeMap<u64, Kept>>,
}

#[derive(Debug)]
struct Kept {
    envelope: Envelope,
    deliveries: u32,
}

impl Store for MemoryStore {
    fn load(&self) -> Result<Stored> {
        let mut state = self.0.lock();
        let clean = !std::mem::replace(&mut state.open, true);
        Ok(Stored {
            clean,
            subscriptions: state.subscriptions.values().cloned().collect(),
            messages: state.messages(),
        })
    }

    fn apply(&self, changes: &[Change]) -> Result<()> {
        let mut state = self.0.lock();
        for change in changes {
            state.apply(change);
        }
        Ok(())
    }

    fn close(&self) -> Result<()> {
        self.0.lock().open = false;
        Ok(())
    }
}

impl State {
    fn messages(&self) -> Vec<StoredMessage> {
        let of_queue = |(queue, kept): (&QueueId, &BTreeMap<u64, Kept>)| {
            let stored = kept.iter().map(|(&sequence, kept)| StoredMessage {
                queue: queue.clone(),
                sequence,
                envelope: kept.envelope.clone(),
                deliveries: kept.deliveries,
            });
            stored.collect::<Vec<_>>()
        };
        self.queues.iter().flat_map(of_queue).collect()
    }

    fn apply(&mut self, change: &Change) {
        match change {
            Change::Add(message) => self.add(message),
            Change::Remove { queue, sequence } => self.remove(queue, *sequence),
            Change::Count {
                queue,
                sequence,
                deliveries,
            } => {
                let kept = self.queues.get_mut(queue).and_then(|kept| kept.get_mut(sequence));
                if let Some(kept) = kept {
                    kept.deliveries = *deliveries;
                }
            }
            Change::Subscribe(subscription) => {
                self.subscriptions
                    .insert(subscription.name.clone(), subscription.clone());
            }
            Change::Unsubscribe(name) => {
                self.subscriptions.remove(name);
                self.queues.remove(&QueueId::Subscription(name.clone()));
            }
        }
    }

    fn add(&mut self, message: &StoredMessage) {
        let kept = Kept {
            envelope: message.envelope.clone(),
            deliveries: message.deliveries,
        };
        let queue = self.queues.entry(message.queue.clone()).or_default();
        queue.insert(message.sequence, kept);
    }

    /// An empty queue is not kept.
    fn remove(&mut self, queue: &QueueId, sequence: u64) {
        let Some(kept) = self.queues.get_mut(queue) else { return };
        kept.remove(&sequence);
        if kept.is_empty() {
            self.queues.remove(queue);
        }
    }
}
