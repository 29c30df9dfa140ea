//! How a queue keeps to what bounds it.

use super::state::State;
use crate::broker::{
    crowd::Overflow,
    dead_letters::{GivenUp, Reason},
    entry::Entry,
    total::Load,
};

impl State {
    #[inline]
    pub(super) fn append(&mut self, entry: Entry) {
        self.backlog.append(entry);
        let waiting = self.backlog.len();
        if self.bounds.as_ref().is_some_and(|bounds| !bounds.is_calm(waiting)) {
            self.press();
        }
    }

    /// After more has come to wait.
    #[inline(never)]
    pub(super) fn press(&mut self) {
        self.drop_oldest();
        let (waiting, all) = (self.waiting(), self.load());
        if let Some(bounds) = &mut self.bounds {
            bounds.press(waiting, all);
        }
    }

    /// Where the limit has the oldest give way.
    fn drop_oldest(&mut self) {
        let own = self.bounds.as_ref().and_then(|bounds| bounds.own.as_ref());
        let Some(limit) = own.map(|own| own.limit) else { return };
        if limit.overflow != Overflow::DropOldest {
            return;
        }
        while self.backlog.len() > 1 && limit.is_exceeded(self.backlog.len(), self.backlog.bytes()) {
            let Some(entry) = self.backlog.pop_least() else { return };
            let leaving = self.removal(&entry);
            self.overflow.push(GivenUp {
                entry,
                reason: Reason::Overflow,
                leaving,
            });
            self.counts.overflowed += 1;
        }
    }

    /// After something left.
    #[inline]
    pub(super) fn relieve(&mut self) {
        if self.bounds.is_some() {
            self.ease();
        }
    }

    fn ease(&mut self) {
        let (waiting, all) = (self.waiting(), self.load());
        if let Some(bounds) = &mut self.bounds {
            bounds.relieve(waiting, all);
        }
    }

    /// What the queue's own limit is about.
    fn waiting(&self) -> Load {
        Load {
            messages: self.backlog.len(),
            bytes: self.backlog.bytes(),
        }
    }

    /// All that takes memory while nobody consumes.
    fn load(&self) -> Load {
        let (waiting, delayed) = (self.waiting(), self.delayed.load());
        Load {
            messages: waiting.messages + delayed.messages,
            bytes: waiting.bytes + delayed.bytes,
        }
    }
}
