use std::{num::NonZeroUsize, sync::Arc};

use super::{
    capacity::Capacity,
    crowd::{Crowd, Overflow, QueueLimit},
    total::{Load, Total},
};

/// What bounds one queue: its own limit, and its part of what the whole broker may hold.
#[derive(Debug)]
pub(super) struct Bounds {
    pub(super) own: Option<Arc<Crowd>>,
    total: Option<Arc<Total>>,
    /// What the whole knows of.
    told: Load,
    /// As long as fewer messages wait, more of them are nobody's concern.
    calm_below: usize,
}

impl Bounds {
    pub(super) fn new(capacity: &Capacity) -> Self {
        let counts_only = |limit: &QueueLimit| capacity.total.is_none() && limit.bytes.is_none();
        let messages = capacity.queue.filter(counts_only).and_then(|limit| limit.messages);
        Self {
            calm_below: messages.map_or(0, NonZeroUsize::get),
            own: capacity.queue.map(|limit| Arc::new(Crowd::new(limit))),
            total: capacity.total.clone(),
            told: Load::default(),
        }
    }

    /// Whether so many may wait without [`press`](Self::press).
    #[inline]
    pub(super) fn is_calm(&self, messages: usize) -> bool {
        messages < self.calm_below
    }

    /// After more has come to wait; `waiting` is what the queue's own limit is about.
    pub(super) fn press(&mut self, waiting: Load, all: Load) {
        if let Some(own) = &self.own
            && own.limit.overflow != Overflow::DropOldest
            && own.limit.is_reached(waiting.messages, waiting.bytes)
        {
            own.set_full(true);
        }
        self.tell(all);
    }

    /// After something has left.
    pub(super) fn relieve(&mut self, waiting: Load, all: Load) {
        if let Some(own) = &self.own
            && own.is_full()
            && own.limit.has_room(waiting.messages, waiting.bytes)
        {
            own.set_full(false);
        }
        self.tell(all);
    }

    /// The queue is out of use.
    pub(super) fn end(&mut self) {
        self.own.iter().for_each(|own| own.set_full(false));
        self.tell(Load::default());
    }

    fn tell(&mut self, all: Load) {
        if let Some(total) = &self.total
            && all != self.told
        {
            total.change(self.told, all);
            self.told = all;
        }
    }
}
