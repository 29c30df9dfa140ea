use std::collections::BTreeSet;

use anymq_api::Timestamp;

use super::{
    crowd::weight,
    entry::Entry,
    lane::{Lane, Waiting},
};

/// How many priorities there are.
const LEVELS: usize = 10;

/// Where a look at a backlog goes on: for each priority the first sequence that was not looked at.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Marks([u64; LEVELS]);

impl Marks {
    pub(super) fn of(&self, level: usize) -> u64 {
        self.0.get(level).copied().unwrap_or(0)
    }

    fn advance(&mut self, level: usize, to: u64) {
        if let Some(mark) = self.0.get_mut(level) {
            *mark = to;
        }
    }

    /// So that this one is looked at again.
    pub(super) fn lower(&mut self, level: usize, to: u64) {
        if let Some(mark) = self.0.get_mut(level) {
            *mark = to.min(*mark);
        }
    }
}

/// The messages of a queue that wait for a consumer: the highest priority first, each in the order of the sends.
#[derive(Debug, Default)]
pub(super) struct Backlog {
    lanes: [Lane; LEVELS],
    /// One bit for each lane that is not empty.
    occupied: u16,
    /// Expiration, sequence and priority of those that expire.
    expiring: BTreeSet<(Timestamp, u64, usize)>,
    len: usize,
    /// Of the bodies, if they are weighed.
    bytes: usize,
    weighs: bool,
}

impl Backlog {
    pub(super) fn is_empty(&self) -> bool {
        self.occupied == 0
    }

    pub(super) fn len(&self) -> usize {
        self.len
    }

    pub(super) fn bytes(&self) -> usize {
        self.bytes
    }

    /// Of the bodies; none when they are not weighed.
    pub(super) fn weighed(&self) -> Option<usize> {
        self.weighs.then_some(self.bytes)
    }

    /// Bodies are weighed from now on, when it is still empty.
    pub(super) fn weigh(&mut self) {
        self.weighs = true;
    }

    #[inline]
    fn added(&mut self, entry: &Entry) {
        self.len += 1;
        let expiration = entry.expiration();
        if self.weighs || expiration.is_some() {
            self.note(entry, expiration);
        }
    }

    #[inline(never)]
    fn note(&mut self, entry: &Entry, expiration: Option<Timestamp>) {
        if self.weighs {
            self.bytes += weight(&entry.envelope);
        }
        if let Some(expiration) = expiration {
            self.expiring.insert((expiration, entry.sequence, entry.level()));
        }
    }

    #[inline]
    fn taken(&mut self, entry: &Entry) {
        self.len -= 1;
        if self.weighs {
            self.bytes = self.bytes.saturating_sub(weight(&entry.envelope));
        }
        if let Some(expiration) = entry.expiration() {
            self.expiring.remove(&(expiration, entry.sequence, entry.level()));
        }
    }

    /// A new message, whose sequence is the highest so far.
    #[inline]
    pub(super) fn append(&mut self, entry: Entry) {
        let level = entry.level();
        self.added(&entry);
        if let Some(lane) = self.lanes.get_mut(level) {
            lane.append(entry);
            self.occupied |= 1 << level;
        }
    }

    pub(super) fn pop(&mut self) -> Option<Entry> {
        self.pop_from(self.highest()?)
    }

    /// Pops as many as there are, and no more than `count`.
    pub(super) fn pop_many(&mut self, count: usize, mut each: impl FnMut(Entry)) {
        let mut left = count;
        while let Some(level) = self.highest()
            && left > 0
        {
            let Some(lane) = self.lanes.get_mut(level) else { return };
            let before = left;
            // Where nothing has to be noted of each, they are counted together.
            if self.weighs || !self.expiring.is_empty() {
                let Some(entry) = self.pop_from(level) else { return };
                left -= 1;
                each(entry);
                continue;
            }
            while left > 0
                && let Some(entry) = lane.pop()
            {
                left -= 1;
                each(entry);
            }
            self.len -= before - left;
            if lane.is_empty() {
                self.occupied &= !(1 << level);
            }
        }
    }

    /// The oldest one of the lowest priority.
    pub(super) fn pop_least(&mut self) -> Option<Entry> {
        self.pop_from(self.levels().last()?)
    }

    #[inline]
    fn pop_from(&mut self, level: usize) -> Option<Entry> {
        let lane = self.lanes.get_mut(level)?;
        let entry = lane.pop();
        if lane.is_empty() {
            self.occupied &= !(1 << level);
        }
        if let Some(entry) = &entry {
            self.taken(entry);
        }
        entry
    }

    /// Takes the first one, from `marks` on, that `admitted` holds for, and moves the marks to where the next look has
    /// to begin; `end` is above every sequence.
    pub(super) fn take_next(
        &mut self,
        marks: &mut Marks,
        end: u64,
        admitted: impl Fn(Waiting<'_>) -> bool,
    ) -> Option<Entry> {
        for level in self.levels() {
            let lane = self.lanes.get(level)?;
            let found = lane.from(marks.of(level)).find(|waiting| admitted(*waiting));
            let Some(sequence) = found.map(|waiting| waiting.sequence) else {
                marks.advance(level, end);
                continue;
            };
            marks.advance(level, sequence + 1);
            return self.take(level, sequence);
        }
        None
    }

    /// Takes what has expired by `now`.
    pub(super) fn take_expired(&mut self, now: Timestamp) -> Vec<Entry> {
        let mut expired = Vec::new();
        while let Some(&(expiration, sequence, level)) = self.expiring.first()
            && expiration <= now
        {
            self.expiring.pop_first();
            expired.extend(self.take(level, sequence));
        }
        expired
    }

    /// When the next message expires.
    pub(super) fn next_expiration(&self) -> Option<Timestamp> {
        self.expiring.first().map(|(expiration, ..)| *expiration)
    }

    /// Puts messages back into their old places.
    pub(super) fn put_back(&mut self, mut released: Vec<Entry>) {
        released.sort_by_key(|entry| (entry.level(), entry.sequence));
        while let Some(level) = released.last().map(Entry::level) {
            let start = released.partition_point(|entry| entry.level() < level);
            let run = released.split_off(start);
            for entry in &run {
                self.added(entry);
            }
            if let Some(lane) = self.lanes.get_mut(level) {
                lane.put_back(run);
                self.occupied |= 1 << level;
            }
        }
    }

    /// The first of those that wait at or after a place, which is a priority and a sequence in it, and before `end`.
    pub(super) fn look(&self, place: (usize, u64), end: u64) -> Option<(usize, Waiting<'_>)> {
        let (first, sequence) = place;
        self.levels().filter(|&level| level <= first).find_map(|level| {
            let from = if level == first { sequence } else { 0 };
            let waiting = self.lanes.get(level)?.from(from).next()?;
            (waiting.sequence < end).then_some((level, waiting))
        })
    }

    pub(super) fn take_all(&mut self) -> Vec<Entry> {
        self.expiring.clear();
        self.occupied = 0;
        self.len = 0;
        self.bytes = 0;
        self.lanes.iter_mut().rev().flat_map(Lane::take_all).collect()
    }

    fn take(&mut self, level: usize, sequence: u64) -> Option<Entry> {
        let lane = self.lanes.get_mut(level)?;
        let entry = lane.take(sequence)?;
        if lane.is_empty() {
            self.occupied &= !(1 << level);
        }
        self.taken(&entry);
        Some(entry)
    }

    fn highest(&self) -> Option<usize> {
        (self.occupied.checked_ilog2()).map(|level| level as usize)
    }

    /// Those that are not empty, the highest first.
    fn levels(&self) -> impl Iterator<Item = usize> + use<> {
        let occupied = self.occupied;
        (0..LEVELS).rev().filter(move |level| occupied & (1 << level) != 0)
    }
}

/// The place before all others.
pub(super) const FIRST: (usize, u64) = (LEVELS - 1, 0);

#[cfg(test)]
mod tests {
    use anymq_api::{Address, DestinationKind, Envelope, Headers, Message, Priority};

    use super::*;

    fn entry(sequence: u64, level: u8, expiration: Option<i64>) -> Entry {
        let mut headers = Headers::new(Address::new(DestinationKind::Queue, "q").unwrap());
        headers.priority = Priority::new(level).unwrap();
        headers.expiration = expiration.map(Timestamp::from_millis);
        Entry {
            sequence,
            envelope: Envelope::new(headers, Message::empty()),
            deliveries: 0,
            stored: false,
        }
    }

    /// Of priorities 4, 9, 0, 4, 9, 0, …
    fn backlog(count: u64) -> Backlog {
        let mut backlog = Backlog::default();
        for sequence in 0..count {
            let level = [4, 9, 0][(sequence % 3) as usize];
            backlog.append(entry(sequence, level, None));
        }
        backlog
    }

    fn drained(backlog: &mut Backlog) -> Vec<u64> {
        std::iter::from_fn(|| backlog.pop())
            .map(|entry| entry.sequence)
            .collect()
    }

    #[test]
    fn higher_priorities_go_first_and_each_keeps_its_order() {
        let mut all = backlog(9);
        assert_eq!(all.len(), 9);
        assert_eq!(drained(&mut all), [1, 4, 7, 0, 3, 6, 2, 5, 8]);
        assert!(all.is_empty());
    }

    #[test]
    fn many_are_popped_as_one_by_one() {
        for weighs in [false, true] {
            let mut all = Backlog::default();
            if weighs {
                all.weigh();
            }
            (0..9).for_each(|sequence| all.append(entry(sequence, [4, 9, 0][(sequence % 3) as usize], None)));
            let mut popped = Vec::new();
            for count in [0, 2, 4, 100] {
                all.pop_many(count, |entry| popped.push(entry.sequence));
                assert_eq!(all.len(), 9 - popped.len());
            }
            assert_eq!(popped, [1, 4, 7, 0, 3, 6, 2, 5, 8]);
            assert!(all.is_empty());
        }
    }

    #[test]
    fn what_is_popped_with_others_does_not_expire() {
        let mut all = Backlog::default();
        (0..3).for_each(|sequence| all.append(entry(sequence, 4, Some(10))));
        let mut popped = Vec::new();
        all.pop_many(2, |entry| popped.push(entry.sequence));
        assert_eq!(popped, [0, 1]);
        assert_eq!(all.take_expired(Timestamp::from_millis(10)).len(), 1);
        assert_eq!(all.next_expiration(), None);
    }

    #[test]
    fn what_comes_back_takes_its_old_place() {
        let mut all = backlog(9);
        let mut taken: Vec<_> = (0..7).filter_map(|_| all.pop()).collect();
        taken.reverse();
        all.put_back(taken);
        assert_eq!(drained(&mut all), [1, 4, 7, 0, 3, 6, 2, 5, 8]);
    }

    #[test]
    fn a_look_goes_on_where_the_last_one_ended() {
        let mut all = backlog(9);
        let mut marks = Marks::default();
        let odd = |waiting: Waiting<'_>| waiting.sequence % 2 == 1;
        let found: Vec<_> = std::iter::from_fn(|| all.take_next(&mut marks, 9, odd)).collect();
        assert_eq!(found.iter().map(|it| it.sequence).collect::<Vec<_>>(), [1, 7, 3, 5]);
        let unseen = |_: Waiting<'_>| -> bool { panic!("looked at twice") };
        assert!(all.take_next(&mut marks, 9, unseen).is_none());
        all.append(entry(9, 0, None));
        assert_eq!(all.take_next(&mut marks, 10, odd).map(|it| it.sequence), Some(9));
    }

    #[test]
    fn only_what_has_expired_is_taken() {
        let mut all = Backlog::default();
        for (sequence, expiration) in [(0, Some(30)), (1, None), (2, Some(10)), (3, Some(20))] {
            all.append(entry(sequence, 4, expiration));
        }
        assert_eq!(all.next_expiration(), Some(Timestamp::from_millis(10)));
        let expired = all.take_expired(Timestamp::from_millis(20));
        assert_eq!(expired.iter().map(|it| it.sequence).collect::<Vec<_>>(), [2, 3]);
        assert_eq!(drained(&mut all), [0, 1]);
        assert_eq!(all.next_expiration(), None);
    }

    #[test]
    fn a_scan_sees_the_order_of_delivery_up_to_its_end() {
        let all = backlog(6);
        let mut place = FIRST;
        let mut seen = Vec::new();
        while let Some((level, waiting)) = all.look(place, 5) {
            seen.push(waiting.sequence);
            place = (level, waiting.sequence + 1);
        }
        assert_eq!(seen, [1, 4, 0, 3, 2]);
    }
}
