//! Faults of what a broker finds when it begins again.

use std::sync::Arc;

use anymq_api::{Result, Timestamp};
use anymq_in_vm::store::{Change, MemoryStore, Store, Stored, StoredMessage};

use crate::fault::Fault;

/// Finds something else than what it kept.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Remembers(pub(crate) fn(Stored) -> Stored);

impl Fault for Remembers {
    fn store(&self) -> Arc<dyn Store> {
        Arc::new(Faulty {
            inner: MemoryStore::default(),
            remembers: self.0,
        })
    }
}

#[derive(Debug)]
struct Faulty {
    inner: MemoryStore,
    remembers: fn(Stored) -> Stored,
}

impl Store for Faulty {
    fn load(&self) -> Result<Stored> {
        self.inner.load().map(self.remembers)
    }

    fn apply(&self, changes: &[Change]) -> Result<()> {
        self.inner.apply(changes)
    }

    fn close(&self) -> Result<()> {
        self.inner.close()
    }
}

pub(crate) fn no_message(mut stored: Stored) -> Stored {
    stored.messages.clear();
    stored
}

/// As a broker would that writes to its disk late, and is not told that it crashes.
pub(crate) fn what_was_written_late(mut stored: Stored) -> Stored {
    if !stored.clean {
        stored.messages.sort_by_key(|message| message.sequence);
        stored.messages.pop();
    }
    stored
}

pub(crate) fn no_subscription(mut stored: Stored) -> Stored {
    stored.subscriptions.clear();
    stored
        .messages
        .retain(|message| matches!(message.queue, anymq_in_vm::store::QueueId::Queue(_)));
    stored
}

pub(crate) fn each_message_twice(mut stored: Stored) -> Stored {
    stored.messages.sort_by_key(|message| message.sequence);
    let twice = stored
        .messages
        .into_iter()
        .flat_map(|message| [message.clone(), message]);
    stored.messages = numbered(twice);
    stored
}

pub(crate) fn the_last_message_first(mut stored: Stored) -> Stored {
    stored
        .messages
        .sort_by_key(|message| std::cmp::Reverse(message.sequence));
    stored.messages = numbered(stored.messages.into_iter());
    stored
}

pub(crate) fn no_delay(mut stored: Stored) -> Stored {
    for message in &mut stored.messages {
        let past =
            |headers: &mut anymq_api::Headers| headers.delivery_time = headers.delivery_time.map(|_| Timestamp::now());
        message.envelope = message.envelope.clone().with_headers(past);
    }
    stored
}

pub(crate) fn no_delivery(mut stored: Stored) -> Stored {
    for message in &mut stored.messages {
        message.deliveries = 0;
    }
    stored
}

fn numbered(messages: impl Iterator<Item = StoredMessage>) -> Vec<StoredMessage> {
    let number = |(message, sequence)| StoredMessage { sequence, ..message };
    messages.zip(0..).map(number).collect()
}
