//! What waits in one queue, or in that of one subscription.

use super::op::suits;

/// A message, with what became of it so far.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Entry {
    pub(crate) id: u32,
    pub(crate) color: usize,
    pub(crate) group: Option<usize>,
    pub(crate) priority: u8,
    pub(crate) due: i64,
    pub(crate) expires: Option<i64>,
    /// Its place among those of its priority.
    pub(crate) place: u64,
    /// How often it was handed to an application, before it went back.
    pub(crate) deliveries: u32,
    /// And since.
    pub(crate) attempts: u32,
    /// What it counted when it was given up, if it is a dead letter.
    pub(crate) letter: Option<u32>,
}

impl Entry {
    pub(crate) fn suits(&self, selector: usize) -> bool {
        suits(selector, self.color, self.priority)
    }

    pub(crate) fn lives(&self, now: i64) -> bool {
        self.expires.is_none_or(|at| at > now)
    }

    /// Whether it was handed out as often as it may be.
    pub(crate) fn is_over(&self, limit: Option<u32>) -> bool {
        limit.is_some_and(|limit| self.deliveries + self.attempts >= limit)
    }

    /// As it goes back.
    fn returned(mut self) -> Self {
        self.deliveries += std::mem::take(&mut self.attempts);
        self
    }
}

#[derive(Debug, Default)]
pub(crate) struct Store {
    pub(crate) waiting: Vec<Entry>,
    pub(crate) delayed: Vec<Entry>,
    next_place: u64,
    /// It is no more: what goes back to it is gone.
    pub(crate) ended: bool,
}

impl Store {
    /// Gives a new message its place.
    pub(crate) fn place(&mut self, mut entry: Entry) -> Entry {
        entry.place = self.next_place;
        self.next_place += 1;
        entry
    }

    /// One that is not due yet.
    pub(crate) fn delay(&mut self, entry: Entry) {
        let entry = self.place(entry);
        self.delayed.push(entry);
    }

    /// The delayed ones that are due, in their order.
    pub(crate) fn take_due(&mut self, now: i64) -> Vec<Entry> {
        let delayed = std::mem::take(&mut self.delayed);
        let (mut due, later): (Vec<_>, Vec<_>) = delayed.into_iter().partition(|entry| entry.due <= now);
        self.delayed = later;
        due.sort_by_key(|entry| (entry.due, entry.place));
        due.retain(|entry| entry.lives(now));
        due
    }

    /// Drops what has expired; whether anything had.
    pub(crate) fn purge(&mut self, now: i64) -> bool {
        let before = self.waiting.len();
        self.waiting.retain(|entry| entry.lives(now));
        self.waiting.len() < before
    }

    pub(crate) fn put_back(&mut self, entry: Entry) {
        if !self.ended {
            self.waiting.push(entry.returned());
        }
    }

    /// Those that a selector suits, in the order of delivery.
    pub(crate) fn in_order(&self, selector: usize, now: i64) -> Vec<Entry> {
        let mut found = self.waiting.clone();
        found.retain(|entry| entry.lives(now) && entry.suits(selector));
        found.sort_by_key(|entry| (10 - entry.priority, entry.place));
        found
    }

    /// Takes the one that is next for a selector.
    pub(crate) fn take_next(&mut self, selector: usize, now: i64) -> Option<Entry> {
        let next = self.in_order(selector, now).into_iter().next()?;
        self.take(|entry| *entry == next)
    }

    pub(crate) fn take(&mut self, wanted: impl Fn(&Entry) -> bool) -> Option<Entry> {
        let index = self.waiting.iter().position(wanted)?;
        Some(self.waiting.remove(index))
    }

    pub(crate) fn end(&mut self) {
        self.ended = true;
        self.waiting.clear();
        self.delayed.clear();
    }
}
