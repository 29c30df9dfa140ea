use std::collections::VecDeque;

use super::entry::Entry;

/// Above this, the memory of an empty backlog goes back.
const KEPT_CAPACITY: usize = 4096;

/// The messages of a queue that wait for a consumer, in the order in which they go out. Priorities, delays and limits
/// will live here.
#[derive(Debug, Default)]
pub(super) struct Backlog {
    /// Sorted by sequence.
    entries: VecDeque<Entry>,
}

impl Backlog {
    pub(super) fn is_empty(&self) -> bool {
        self.entries.is_empty()
    }

    pub(super) fn len(&self) -> usize {
        self.entries.len()
    }

    /// A new message, whose sequence is the highest so far.
    pub(super) fn append(&mut self, entry: Entry) {
        self.entries.push_back(entry);
    }

    pub(super) fn pop(&mut self) -> Option<Entry> {
        let entry = self.entries.pop_front();
        if self.entries.is_empty() && self.entries.capacity() > KEPT_CAPACITY {
            self.entries = VecDeque::new();
        }
        entry
    }

    /// Puts messages back into their old places, in time linear to them and to the messages before the last of them.
    pub(super) fn put_back(&mut self, mut released: Vec<Entry>) {
        released.sort_by_key(|entry| entry.sequence);
        let Some(last) = released.last().map(|entry| entry.sequence) else {
            return;
        };
        let before = self.entries.partition_point(|entry| entry.sequence < last);
        let mut earlier: Vec<Entry> = self.entries.drain(..before).collect();
        while let Some(entry) = pop_later(&mut earlier, &mut released) {
            self.entries.push_front(entry);
        }
    }

    pub(super) fn take_all(&mut self) -> VecDeque<Entry> {
        std::mem::take(&mut self.entries)
    }
}

/// Takes the later one of two sorted lists' last entries.
fn pop_later(a: &mut Vec<Entry>, b: &mut Vec<Entry>) -> Option<Entry> {
    let sequence = |list: &Vec<Entry>| list.last().map(|entry| entry.sequence);
    if sequence(a) > sequence(b) { a.pop() } else { b.pop() }
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use anymq_api::{Address, DestinationKind, Envelope, Headers, Message};

    use super::*;

    fn entry(sequence: u64) -> Entry {
        let address = Address::new(DestinationKind::Queue, "q").unwrap();
        Entry {
            sequence,
            envelope: Arc::new(Envelope::new(Headers::new(address), Message::empty())),
            deliveries: 0,
        }
    }

    fn drained(backlog: &mut Backlog) -> Vec<u64> {
        std::iter::from_fn(|| backlog.pop())
            .map(|entry| entry.sequence)
            .collect()
    }

    #[test]
    fn what_comes_back_takes_its_old_place() {
        for released in [vec![0], vec![2, 0], vec![3, 6, 1], vec![9], vec![0, 9, 3], vec![]] {
            let mut backlog = Backlog::default();
            let all = 0..10;
            for sequence in all.clone().filter(|n| !released.contains(n)) {
                backlog.append(entry(sequence));
            }
            backlog.put_back(released.into_iter().map(entry).collect());
            assert_eq!(drained(&mut backlog), all.collect::<Vec<_>>());
        }
    }

    #[test]
    fn an_empty_backlog_gives_its_memory_back() {
        let mut backlog = Backlog::default();
        let one = entry(0);
        for _ in 0..=2 * KEPT_CAPACITY {
            backlog.append(one.clone());
        }
        assert_eq!(drained(&mut backlog).len(), 2 * KEPT_CAPACITY + 1);
        assert!(backlog.entries.capacity() <= KEPT_CAPACITY);
    }
}
