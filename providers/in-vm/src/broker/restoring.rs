//! What a broker begins with when it has a store.

use std::{
    collections::{HashMap, HashSet},
    sync::Arc,
};

use anymq_api::{
    Result, Selector,
    spi::{SubscribeSpec, SubscriptionId, SubscriptionKind},
};

use super::{Broker, Queue, destinations::Target, keeper::Keeper, subscriptions::SubscriptionKey};
use crate::{
    error,
    store::{QueueId, Store, Stored, StoredMessage, StoredSubscription, SubscriptionName},
};

/// More than any queue can have come to; what follows it never overflows.
const LAST_SEQUENCE: u64 = u64::MAX / 2;

/// A store, and what was read from it.
#[derive(Clone, Debug)]
pub(super) struct Opened {
    store: Arc<dyn Store>,
    stored: Stored,
}

impl Opened {
    /// Reads what the store keeps, and refuses what no broker has written.
    pub(super) fn new(store: Arc<dyn Store>) -> Result<Self> {
        let stored = store.load()?;
        for it in &stored.subscriptions {
            it.selector.as_deref().map(Selector::parse).transpose()?;
            if !it.topic.kind().is_topic() || it.topic.kind().is_temporary() {
                return Err(error::store_wrong("a durable subscription is not to a topic"));
            }
        }
        let names: HashSet<&SubscriptionName> = stored.subscriptions.iter().map(|it| &it.name).collect();
        let right = |message: &StoredMessage| match &message.queue {
            QueueId::Queue(address) => address.kind().is_queue() && !address.kind().is_temporary(),
            QueueId::Subscription(name) => names.contains(name),
        };
        if !stored.messages.iter().all(right) {
            return Err(error::store_wrong("a message belongs to no queue and no subscription"));
        }
        if stored.messages.iter().any(|message| message.sequence > LAST_SEQUENCE) {
            return Err(error::store_wrong("a message has a sequence that no queue has come to"));
        }
        Ok(Self { store, stored })
    }

    pub(super) fn keeper(&self) -> Keeper {
        let sequences = self.stored.messages.iter().map(|message| message.sequence);
        let next = sequences.max().map_or(0, |last| last.saturating_add(1));
        Keeper::new(Arc::clone(&self.store), next)
    }
}

impl Broker {
    /// Takes up what the store keeps. Called once, before anybody connects.
    pub(super) fn restore(&self, opened: Opened) {
        let Stored {
            clean,
            subscriptions,
            messages,
        } = opened.stored;
        let mut queues = HashMap::new();
        for stored in subscriptions {
            if let Some(queue) = self.restore_subscription(&stored) {
                queues.insert(QueueId::Subscription(stored.name), queue);
            }
        }
        let mut overflow = Vec::new();
        let mut found: HashMap<QueueId, Vec<StoredMessage>> = HashMap::new();
        for message in messages {
            found.entry(message.queue.clone()).or_default().push(message);
        }
        for (id, mut messages) in found {
            let queue = queues.get(&id).cloned().or_else(|| self.restored_queue(&id));
            if let Some(queue) = queue {
                messages.sort_by_key(|message| message.sequence);
                queue.restore(messages, clean);
                overflow.extend(queue.take_overflow());
            }
        }
        // The dead letters have their own places by now.
        self.bury(overflow);
    }

    fn restored_queue(&self, id: &QueueId) -> Option<Arc<Queue>> {
        let QueueId::Queue(address) = id else { return None };
        match self.destinations.write().find_or_create(address) {
            Ok(Target::Queue(queue)) => Some(queue),
            _ => None,
        }
    }

    fn restore_subscription(&self, stored: &StoredSubscription) -> Option<Arc<Queue>> {
        let spec = spec_of(stored);
        let key = SubscriptionKey::of(&spec)?;
        // What does not parse was refused before.
        let selector = spec.selector.as_deref().map(Selector::parse).transpose().ok()?;
        // No client is meant: a durable subscription leaves out those of a client id.
        let subscription = self.subscribe(&spec, 0, &key, selector.as_ref()).ok()?;
        let queue = Arc::clone(&subscription.queue);
        self.subscriptions.lock().add(key, subscription);
        Some(queue)
    }
}

fn spec_of(stored: &StoredSubscription) -> SubscribeSpec {
    let mut spec = SubscribeSpec::new(SubscriptionId(0), stored.topic.clone(), 0);
    let name = stored.name.name.to_string();
    spec.kind = if stored.shared {
        SubscriptionKind::SharedDurable { name }
    } else {
        SubscriptionKind::Durable { name }
    };
    spec.client_id = stored.name.client_id.as_deref().map(str::to_owned);
    spec.selector.clone_from(&stored.selector);
    spec.no_local = stored.no_local;
    spec
}
