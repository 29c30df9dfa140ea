//! What was asked to be answered.

use std::collections::VecDeque;

use anymq_api::Result;

/// Hears once how something that was submitted ended. Called without locks of the link.
pub(crate) type Waiter = Box<dyn FnOnce(Result<()>) + Send>;

/// Waiters by the number of their receipt. Brokers answer in about the order of asking, so the numbers that are open lie
/// close together.
#[derive(Default)]
pub(super) struct Receipts {
    /// The number of the first of `open`.
    first: u64,
    open: VecDeque<Option<Waiter>>,
    /// How many of them wait.
    waiting: usize,
}

impl Receipts {
    /// The number that the next one gets.
    pub(super) fn next(&self) -> u64 {
        self.first + self.open.len() as u64
    }

    pub(super) fn expect(&mut self, waiter: Waiter) {
        self.open.push_back(Some(waiter));
        self.waiting += 1;
    }

    /// The waiter of a number, once.
    pub(super) fn take(&mut self, number: u64) -> Option<Waiter> {
        let index = usize::try_from(number.checked_sub(self.first)?).ok()?;
        let waiter = self.open.get_mut(index)?.take()?;
        self.waiting -= 1;
        while let Some(None) = self.open.front() {
            self.open.pop_front();
            self.first += 1;
        }
        Some(waiter)
    }

    /// The only waiter there is.
    pub(super) fn take_only(&mut self) -> Option<Waiter> {
        if self.waiting != 1 {
            return None;
        }
        let index = self.open.iter().position(Option::is_some)?;
        self.take(self.first + index as u64)
    }

    /// All that are left.
    pub(super) fn take_all(&mut self) -> Vec<Waiter> {
        self.first = self.next();
        self.waiting = 0;
        self.open.drain(..).flatten().collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn with(waiters: usize) -> Receipts {
        let mut receipts = Receipts::default();
        for _ in 0..waiters {
            receipts.expect(Box::new(|_| ()));
        }
        receipts
    }

    #[test]
    fn each_is_answered_once_in_any_order() {
        let mut receipts = with(4);
        for number in [2, 0, 1] {
            assert!(receipts.take(number).is_some());
            assert!(receipts.take(number).is_none());
        }
        assert_eq!((receipts.first, receipts.open.len(), receipts.next()), (3, 1, 4));
        for unknown in [4, u64::MAX] {
            assert!(receipts.take(unknown).is_none());
        }
    }

    #[test]
    fn the_only_one_is_found() {
        let mut receipts = with(3);
        assert!(receipts.take_only().is_none());
        receipts.take(0);
        receipts.take(2);
        assert!(receipts.take_only().is_some());
        assert!(receipts.take_only().is_none());
        assert_eq!(receipts.next(), 3);
    }

    #[test]
    fn numbers_go_on_when_all_are_taken() {
        let mut receipts = with(3);
        receipts.take(1);
        assert_eq!(receipts.take_all().len(), 2);
        assert_eq!(receipts.next(), 3);
    }
}
