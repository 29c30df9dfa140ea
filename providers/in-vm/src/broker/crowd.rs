use std::{
    num::NonZeroUsize,
    sync::atomic::{AtomicBool, AtomicU64, Ordering},
};

use anymq_api::Envelope;
use tokio::sync::Notify;

/// How much may wait in a queue, or in the queue of a subscription to a topic, and what happens then.
///
/// What consumers were delivered ahead does not count: it is bounded by their prefetch. Delayed messages count when they
/// are due. For all queues together there is [`BrokerLimit`](crate::BrokerLimit).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct QueueLimit {
    /// How many messages.
    pub messages: Option<NonZeroUsize>,
    /// How many bytes of bodies, about.
    pub bytes: Option<NonZeroUsize>,
    /// What happens when it is reached.
    pub overflow: Overflow,
}

/// What happens when a queue has reached its limit.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub enum Overflow {
    /// Whoever filled it waits, before its next send, until a quarter of it is free, no longer than its request time-out.
    /// So a queue holds at most one
    /// message more for each sending session, or what one transaction sends.
    #[default]
    Wait,
    /// Sends fail with [`ErrorKind::ResourceAllocation`](anymq_api::ErrorKind::ResourceAllocation) until there is room.
    Refuse,
    /// The oldest message of the lowest priority goes to the dead letters, with the reason `overflow`.
    DropOldest,
}

impl QueueLimit {
    /// As many messages, and senders wait.
    pub const fn messages(messages: NonZeroUsize) -> Self {
        Self {
            messages: Some(messages),
            bytes: None,
            overflow: Overflow::Wait,
        }
    }

    /// As many bytes of bodies, and senders wait.
    pub const fn bytes(bytes: NonZeroUsize) -> Self {
        Self {
            messages: None,
            bytes: Some(bytes),
            overflow: Overflow::Wait,
        }
    }

    /// Sets what happens when it is reached.
    #[must_use]
    pub const fn with_overflow(mut self, overflow: Overflow) -> Self {
        self.overflow = overflow;
        self
    }

    /// Whether a full queue has room again. Who waits is woken for a quarter of it at a time, or for each message there
    /// would be two switches of tasks.
    pub(super) fn has_room(&self, messages: usize, bytes: usize) -> bool {
        let enough = |limit: NonZeroUsize, held: usize| match self.overflow {
            Overflow::Wait => held <= limit.get() - limit.get() / 4,
            _ => true,
        };
        !self.is_reached(messages, bytes)
            && self.messages.is_none_or(|limit| enough(limit, messages))
            && self.bytes.is_none_or(|limit| enough(limit, bytes))
    }

    pub(super) fn is_exceeded(&self, messages: usize, bytes: usize) -> bool {
        self.messages.is_some_and(|limit| messages > limit.get()) || self.bytes.is_some_and(|limit| bytes > limit.get())
    }

    pub(super) fn is_reached(&self, messages: usize, bytes: usize) -> bool {
        self.messages.is_some_and(|limit| messages >= limit.get())
            || self.bytes.is_some_and(|limit| bytes >= limit.get())
    }
}

/// Whether a limited queue, or a limited broker, is full, and who waits for room in it.
#[derive(Debug)]
pub(super) struct Crowd {
    pub(super) limit: QueueLimit,
    full: AtomicBool,
    room: Notify,
    refused: AtomicU64,
}

impl Crowd {
    pub(super) fn new(limit: QueueLimit) -> Self {
        Self {
            limit,
            full: AtomicBool::new(false),
            room: Notify::new(),
            refused: AtomicU64::new(0),
        }
    }

    /// Whether sends to what is full are refused.
    pub(super) fn refuses(&self) -> bool {
        self.limit.overflow == Overflow::Refuse
    }

    pub(super) fn is_full(&self) -> bool {
        self.full.load(Ordering::SeqCst)
    }

    /// A send was refused.
    pub(super) fn refuse(&self) {
        self.refused.fetch_add(1, Ordering::Relaxed);
    }

    /// How many sends were refused.
    pub(super) fn refused(&self) -> u64 {
        self.refused.load(Ordering::Relaxed)
    }

    /// Of a queue, called under its lock.
    pub(super) fn set_full(&self, full: bool) {
        if self.full.swap(full, Ordering::SeqCst) && !full {
            self.room.notify_waiters();
        }
    }

    pub(super) async fn wait_for_room(&self) {
        loop {
            let room = self.room.notified();
            if !self.is_full() {
                return;
            }
            room.await;
        }
    }
}

/// About how many bytes a message's body has.
pub(super) fn weight(envelope: &Envelope) -> usize {
    envelope.message().body().size()
}
