use std::sync::{
    Arc,
    atomic::{AtomicUsize, Ordering::SeqCst},
};

use super::{BrokerLimit, crowd::Crowd};

/// How much something holds.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Load {
    pub(super) messages: usize,
    pub(super) bytes: usize,
}

/// What all queues of a limited broker hold together. Each tells it of its own changes, under its own lock.
#[derive(Debug)]
pub(super) struct Total {
    crowd: Arc<Crowd>,
    messages: AtomicUsize,
    bytes: AtomicUsize,
}

impl Total {
    pub(super) fn new(limit: BrokerLimit) -> Self {
        Self {
            crowd: Arc::new(Crowd::new(limit.as_queue_limit())),
            messages: AtomicUsize::new(0),
            bytes: AtomicUsize::new(0),
        }
    }

    /// Who else wants to send waits for room, when the broker is full.
    pub(super) fn full(&self) -> Option<&Arc<Crowd>> {
        Some(&self.crowd).filter(|crowd| crowd.is_full())
    }

    pub(super) fn refused(&self) -> u64 {
        self.crowd.refused()
    }

    /// Whether its limit is about bytes.
    pub(super) fn weighs(&self) -> bool {
        self.crowd.limit.bytes.is_some()
    }

    /// One queue holds `now` instead of `before`.
    pub(super) fn change(&self, before: Load, now: Load) {
        shift(&self.messages, before.messages, now.messages);
        shift(&self.bytes, before.bytes, now.bytes);
        self.judge();
    }

    /// Another queue may change the numbers between a look at them and the verdict, and then one of the two sees the
    /// other's change: whoever has changed the verdict looks again, and all of this is in one order (`SeqCst`).
    fn judge(&self) {
        let limit = self.crowd.limit;
        loop {
            let (messages, bytes) = (self.messages.load(SeqCst), self.bytes.load(SeqCst));
            let was_full = self.crowd.is_full();
            let full = if was_full {
                !limit.has_room(messages, bytes)
            } else {
                limit.is_reached(messages, bytes)
            };
            if full == was_full {
                return;
            }
            self.crowd.set_full(full);
        }
    }
}

fn shift(number: &AtomicUsize, before: usize, now: usize) {
    if now > before {
        number.fetch_add(now - before, SeqCst);
    } else if now < before {
        number.fetch_sub(before - now, SeqCst);
    }
}

#[cfg(test)]
mod tests {
    use std::num::NonZeroUsize;

    use super::*;

    fn load(messages: usize) -> Load {
        Load { messages, bytes: 0 }
    }

    #[test]
    fn room_comes_a_quarter_at_a_time() {
        let total = Total::new(BrokerLimit::messages(NonZeroUsize::new(8).unwrap()));
        total.change(load(0), load(5));
        total.change(load(0), load(2));
        assert!(total.full().is_none());
        total.change(load(2), load(3));
        assert!(total.full().is_some());
        total.change(load(5), load(4));
        assert!(total.full().is_some());
        total.change(load(3), load(2));
        assert!(total.full().is_none());
    }

    #[test]
    fn nobody_waits_beside_room_after_a_race() {
        let total = Total::new(BrokerLimit::messages(NonZeroUsize::new(2).unwrap()));
        std::thread::scope(|scope| {
            for _ in 0..4 {
                scope.spawn(|| {
                    for _ in 0..2000 {
                        total.change(load(0), load(1));
                        total.change(load(1), load(0));
                    }
                });
            }
        });
        assert!(total.full().is_none());
    }
}
