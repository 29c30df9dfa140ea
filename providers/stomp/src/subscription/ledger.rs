//! The unsettled deliveries of one subscription.

use std::collections::VecDeque;

use anymq_api::Envelope;
use bytestring::ByteString;

/// One delivery that the broker waits to hear of.
#[derive(Clone, Debug)]
pub(crate) struct Unsettled {
    /// What its acknowledgement names.
    pub(crate) ack: ByteString,
    /// The subscription at the broker that it came by.
    pub(crate) window: u64,
    /// In case that it goes to the dead letters.
    pub(crate) envelope: Envelope,
    /// Which delivery it is, as far as the broker tells.
    pub(crate) count: u32,
}

/// Deliveries by their tags, which are counted from zero.
#[derive(Debug, Default)]
pub(super) struct Ledger {
    /// The tag of the first of `entries`.
    first: u64,
    entries: VecDeque<Option<Entry>>,
    /// How many are held: neither settled nor on their way back.
    held: usize,
}

#[derive(Debug)]
struct Entry {
    unsettled: Unsettled,
    /// It goes back when its subscription ends.
    returns: bool,
}

impl Ledger {
    /// Enters a delivery; gives its tag.
    pub(super) fn enter(&mut self, unsettled: Unsettled) -> u64 {
        let tag = self.first + self.entries.len() as u64;
        let returns = false;
        self.entries.push_back(Some(Entry { unsettled, returns }));
        self.held += 1;
        tag
    }

    fn slot(&mut self, tag: u64) -> Option<&mut Option<Entry>> {
        let index = usize::try_from(tag.checked_sub(self.first)?).ok()?;
        self.entries.get_mut(index)
    }

    /// The delivery, where it is held.
    pub(super) fn get(&mut self, tag: u64) -> Option<&Unsettled> {
        let entry = self.slot(tag)?.as_ref().filter(|entry| !entry.returns)?;
        Some(&entry.unsettled)
    }

    /// Takes out a delivery that is held.
    pub(super) fn take(&mut self, tag: u64) -> Option<Unsettled> {
        let entry = self.slot(tag)?.take_if(|entry| !entry.returns)?;
        self.held -= 1;
        self.shrink();
        Some(entry.unsettled)
    }

    /// A delivery that is held is to go back with its subscription.
    pub(super) fn give_back(&mut self, tag: u64) {
        if let Some(Some(entry)) = self.slot(tag)
            && !entry.returns
        {
            entry.returns = true;
            self.held -= 1;
        }
    }

    /// How many are held: neither settled nor on their way back.
    pub(super) fn held(&self) -> usize {
        self.held
    }

    /// The windows by which those came that are left, the oldest first; one may occur more than once.
    pub(super) fn windows(&self) -> impl Iterator<Item = u64> {
        self.entries.iter().flatten().map(|entry| entry.unsettled.window)
    }

    /// How many count at the broker.
    pub(super) fn outstanding(&self) -> usize {
        self.entries.iter().flatten().count()
    }

    /// Takes out all that are on their way back, in order.
    pub(super) fn take_returning(&mut self) -> Vec<Unsettled> {
        let returning = |slot: &mut Option<Entry>| slot.take_if(|entry| entry.returns);
        let all = self.entries.iter_mut().filter_map(returning);
        let all = all.map(|entry| entry.unsettled).collect();
        self.shrink();
        all
    }

    fn shrink(&mut self) {
        while let Some(None) = self.entries.front() {
            self.entries.pop_front();
            self.first += 1;
        }
    }

    /// All that are left, in order.
    pub(super) fn take_all(&mut self) -> Vec<Unsettled> {
        self.first += self.entries.len() as u64;
        self.held = 0;
        self.entries.drain(..).flatten().map(|entry| entry.unsettled).collect()
    }
}

#[cfg(test)]
mod tests {
    use anymq_api::{Headers, Message};

    use super::*;

    fn with(deliveries: u64) -> Ledger {
        let mut ledger = Ledger::default();
        for number in 0..deliveries {
            let tag = ledger.enter(Unsettled {
                ack: number.to_string().into(),
                window: 0,
                envelope: Envelope::new(Headers::new("queue:a".parse().unwrap()), Message::empty()),
                count: 1,
            });
            assert_eq!(tag, number);
        }
        ledger
    }

    #[test]
    fn each_is_settled_once_in_any_order() {
        let mut ledger = with(4);
        for tag in [2, 0, 1] {
            assert_eq!(ledger.take(tag).map(|it| it.ack.to_string()), Some(tag.to_string()));
            assert!(ledger.take(tag).is_none());
        }
        assert_eq!((ledger.held(), ledger.outstanding(), ledger.first), (1, 1, 3));
        assert!(ledger.take(99).is_none());
    }

    #[test]
    fn what_goes_back_is_not_settled_but_counts() {
        let mut ledger = with(3);
        ledger.give_back(1);
        ledger.give_back(1);
        assert!(ledger.take(1).is_none() && ledger.get(1).is_none());
        assert_eq!((ledger.held(), ledger.outstanding()), (2, 3));
        assert_eq!(ledger.take_returning().len(), 1);
        assert_eq!((ledger.held(), ledger.outstanding()), (2, 2));
        assert_eq!(ledger.take_all().len(), 2);
        assert_eq!((ledger.held(), ledger.outstanding()), (0, 0));
    }
}
