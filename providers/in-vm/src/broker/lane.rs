use std::collections::VecDeque;

use anymq_api::Envelope;

use super::{entry::Entry, ring};

/// Above this, the memory of an empty lane goes back.
const KEPT_CAPACITY: usize = 4096;
/// How many holes are always bearable.
const HOLES: usize = 64;

/// The waiting messages of one priority, in order. What is taken from the middle leaves a hole, so that taking costs
/// the same wherever a message stands; the first place is never a hole.
#[derive(Debug, Default)]
pub(super) struct Lane {
    /// Sorted by sequence.
    places: VecDeque<Place>,
    holes: usize,
}

#[derive(Debug)]
struct Place {
    sequence: u64,
    deliveries: u32,
    stored: bool,
    /// None in a hole.
    envelope: Option<Envelope>,
}

impl Place {
    #[inline]
    fn of(entry: Entry) -> Self {
        Self {
            sequence: entry.sequence,
            deliveries: entry.deliveries,
            stored: entry.stored,
            envelope: Some(entry.envelope),
        }
    }

    #[inline]
    fn take(&mut self) -> Option<Entry> {
        Some(Entry {
            sequence: self.sequence,
            deliveries: self.deliveries,
            stored: self.stored,
            envelope: self.envelope.take()?,
        })
    }
}

/// A waiting message that is looked at.
#[derive(Clone, Copy)]
pub(super) struct Waiting<'a> {
    pub(super) sequence: u64,
    pub(super) envelope: &'a Envelope,
}

impl Lane {
    pub(super) fn is_empty(&self) -> bool {
        self.places.is_empty()
    }

    /// A new message, whose sequence is the highest so far.
    #[inline]
    pub(super) fn append(&mut self, entry: Entry) {
        ring::push_back(&mut self.places, || Place::of(entry));
    }

    #[inline]
    pub(super) fn pop(&mut self) -> Option<Entry> {
        let entry = self.places.pop_front()?.take();
        self.tidy();
        entry
    }

    /// Takes the message of this sequence, if it waits here.
    pub(super) fn take(&mut self, sequence: u64) -> Option<Entry> {
        let index = self
            .places
            .binary_search_by_key(&sequence, |place| place.sequence)
            .ok()?;
        let entry = self.places.get_mut(index)?.take()?;
        self.holes += 1;
        self.tidy();
        Some(entry)
    }

    /// Those that wait, from `sequence` on.
    pub(super) fn from(&self, sequence: u64) -> impl Iterator<Item = Waiting<'_>> {
        let start = match self.places.front() {
            Some(first) if first.sequence < sequence => self.places.partition_point(|it| it.sequence < sequence),
            _ => 0,
        };
        self.places.range(start..).filter_map(|place| {
            let envelope = place.envelope.as_ref()?;
            let sequence = place.sequence;
            Some(Waiting { sequence, envelope })
        })
    }

    /// Puts messages, sorted by sequence, back into their old places, in time linear to them and to the messages before
    /// the last of them.
    pub(super) fn put_back(&mut self, mut released: Vec<Entry>) {
        let Some(last) = released.last().map(|entry| entry.sequence) else {
            return;
        };
        // With the holes that they left, up to that of the last.
        let before = self.places.partition_point(|place| place.sequence <= last);
        let mut earlier: Vec<Place> = self.places.drain(..before).collect();
        earlier.retain(|place| place.envelope.is_some());
        while let Some(place) = pop_later(&mut earlier, &mut released) {
            self.places.push_front(place);
        }
        self.holes = self.places.iter().filter(|place| place.envelope.is_none()).count();
        self.tidy();
    }

    pub(super) fn take_all(&mut self) -> impl Iterator<Item = Entry> + use<> {
        self.holes = 0;
        let places = std::mem::take(&mut self.places);
        places.into_iter().filter_map(|mut place| place.take())
    }

    #[inline]
    fn tidy(&mut self) {
        if self.holes > 0 || self.places.is_empty() {
            self.clear_up();
        }
    }

    #[cold]
    fn clear_up(&mut self) {
        while self.holes > 0 && self.places.front().is_some_and(|first| first.envelope.is_none()) {
            self.places.pop_front();
            self.holes -= 1;
        }
        if self.holes > HOLES.max(self.places.len() / 2) {
            self.places.retain(|place| place.envelope.is_some());
            self.holes = 0;
        }
        if self.places.is_empty() && self.places.capacity() > KEPT_CAPACITY {
            self.places = VecDeque::new();
        }
    }
}

/// Takes the later one of two sorted lists' last places.
fn pop_later(earlier: &mut Vec<Place>, released: &mut Vec<Entry>) -> Option<Place> {
    let (a, b) = (
        earlier.last().map(|it| it.sequence),
        released.last().map(|it| it.sequence),
    );
    if a > b {
        earlier.pop()
    } else {
        released.pop().map(Place::of)
    }
}

#[cfg(test)]
mod tests {
    use anymq_api::{Address, DestinationKind, Headers, Message};

    use super::*;

    fn entry(sequence: u64) -> Entry {
        let address = Address::new(DestinationKind::Queue, "q").unwrap();
        Entry {
            sequence,
            envelope: Envelope::new(Headers::new(address), Message::empty()),
            deliveries: 0,
            stored: false,
        }
    }

    fn lane(count: u64) -> Lane {
        let mut lane = Lane::default();
        (0..count).for_each(|sequence| lane.append(entry(sequence)));
        lane
    }

    fn waiting(lane: &Lane, from: u64) -> Vec<u64> {
        lane.from(from).map(|it| it.sequence).collect()
    }

    fn drained(lane: &mut Lane) -> Vec<u64> {
        std::iter::from_fn(|| lane.pop()).map(|entry| entry.sequence).collect()
    }

    #[test]
    fn what_comes_back_takes_its_old_place() {
        for released in [vec![0], vec![0, 2], vec![1, 3, 6], vec![9], vec![0, 3, 9], vec![]] {
            let mut lane = lane(10);
            let back: Vec<_> = released.iter().filter_map(|&it| lane.take(it)).collect();
            assert_eq!(waiting(&lane, 0).len(), 10 - released.len());
            lane.put_back(back);
            assert_eq!(waiting(&lane, 0).len(), 10);
            let again: Vec<_> = released.iter().filter_map(|&it| lane.take(it)).collect();
            assert_eq!(again.len(), released.len());
            lane.put_back(again);
            assert_eq!(drained(&mut lane), (0..10).collect::<Vec<_>>());
        }
    }

    #[test]
    fn what_is_taken_from_the_middle_is_passed_over() {
        let mut lane = lane(6);
        assert_eq!(lane.take(2).map(|it| it.sequence), Some(2));
        assert!(lane.take(2).is_none() && lane.take(9).is_none());
        assert_eq!(waiting(&lane, 1), [1, 3, 4, 5]);
        lane.take(0);
        lane.take(1);
        assert_eq!((waiting(&lane, 0).len(), waiting(&lane, 0)), (3, vec![3, 4, 5]));
        assert_eq!(drained(&mut lane), [3, 4, 5]);
        assert!(lane.is_empty());
    }

    #[test]
    fn holes_are_closed_before_they_outnumber_the_messages() {
        let count = 1000;
        let mut lane = lane(count);
        (1..count - 1).for_each(|sequence| drop(lane.take(sequence)));
        assert!(lane.places.len() <= 2 * HOLES, "{}", lane.places.len());
        assert_eq!(drained(&mut lane), [0, count - 1]);
    }

    #[test]
    fn an_empty_lane_gives_its_memory_back() {
        let mut lane = lane(2 * KEPT_CAPACITY as u64);
        assert_eq!(drained(&mut lane).len(), 2 * KEPT_CAPACITY);
        assert!(lane.places.capacity() <= KEPT_CAPACITY);
    }
}
