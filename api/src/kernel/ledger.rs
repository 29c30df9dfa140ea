//! What was handed to the application and is not settled, in the order of the hand-overs.

use std::collections::VecDeque;

use crate::spi::{Delivery, Outcome, Settlement, SubscriptionId};

/// A delivery with how often it was handed to the application.
#[derive(Debug)]
pub(crate) struct Attempted {
    pub(crate) delivery: Delivery,
    pub(crate) attempts: u32,
}

impl Attempted {
    pub(crate) fn consumer(&self) -> SubscriptionId {
        self.delivery.token.subscription
    }

    pub(crate) fn settle(&self, outcome: Outcome) -> Settlement {
        Settlement {
            token: self.delivery.token,
            outcome,
        }
    }

    /// Back to the broker, with its attempts.
    pub(crate) fn release(&self) -> Settlement {
        self.settle(Outcome::Release {
            attempts: self.attempts,
        })
    }
}

#[derive(Debug, Default)]
pub(crate) struct Ledger {
    entries: VecDeque<(u64, Attempted)>,
}

impl Ledger {
    pub(crate) fn len(&self) -> usize {
        self.entries.len()
    }

    /// `id`s must be given in ascending order.
    pub(crate) fn insert(&mut self, id: u64, entry: Attempted) {
        self.entries.push_back((id, entry));
    }

    /// Back to the front, as if they had never been taken. Without ids, as only those modes restore that take all.
    pub(crate) fn restore(&mut self, entries: Vec<Attempted>) {
        for entry in entries.into_iter().rev() {
            self.entries.push_front((0, entry));
        }
    }

    pub(crate) fn remove(&mut self, id: u64) -> Option<Attempted> {
        if self.entries.front().is_some_and(|(first, _)| *first == id) {
            return self.entries.pop_front().map(|(_, entry)| entry);
        }
        let index = self.entries.binary_search_by_key(&id, |(id, _)| *id).ok()?;
        self.entries.remove(index).map(|(_, entry)| entry)
    }

    /// Those for which `taken` holds, in order.
    pub(crate) fn take_where(&mut self, taken: impl Fn(&Attempted) -> bool) -> Vec<Attempted> {
        let entries = std::mem::take(&mut self.entries);
        let (taken, left): (VecDeque<_>, _) = entries.into_iter().partition(|(_, entry)| taken(entry));
        self.entries = left;
        taken.into_iter().map(|(_, entry)| entry).collect()
    }

    /// Forgets what was delivered to a consumer; gives back the ids.
    pub(crate) fn forget(&mut self, consumer: SubscriptionId) -> Vec<u64> {
        let mut forgotten = Vec::new();
        self.entries.retain(|(id, entry)| {
            let kept = entry.consumer() != consumer;
            if !kept {
                forgotten.push(*id);
            }
            kept
        });
        forgotten
    }

    /// Forgets everything; gives back the ids.
    pub(crate) fn forget_all(&mut self) -> Vec<u64> {
        self.entries.drain(..).map(|(id, _)| id).collect()
    }

    pub(crate) fn take_all(&mut self) -> Vec<Attempted> {
        self.entries.drain(..).map(|(_, entry)| entry).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{Address, DestinationKind, Envelope, Headers, Message, spi::DeliveryToken};

    fn entry(tag: u64) -> Attempted {
        let destination = Address::new(DestinationKind::Queue, "q").unwrap();
        Attempted {
            delivery: Delivery {
                envelope: Envelope::new(Headers::new(destination), Message::empty()),
                token: DeliveryToken {
                    epoch: 0,
                    subscription: SubscriptionId(1),
                    tag,
                },
                redelivered: false,
                count: 1,
                local: false,
            },
            attempts: 1,
        }
    }

    #[test]
    fn entries_leave_by_id_or_all_in_order() {
        let mut ledger = Ledger::default();
        for id in 1..=5 {
            ledger.insert(id, entry(id * 10));
        }
        assert_eq!(ledger.remove(3).map(|e| e.delivery.token.tag), Some(30));
        assert!(ledger.remove(3).is_none());
        assert_eq!(ledger.remove(1).map(|e| e.delivery.token.tag), Some(10));
        let tags = |entries: Vec<Attempted>| entries.iter().map(|e| e.delivery.token.tag).collect::<Vec<_>>();
        assert_eq!(tags(ledger.take_where(|e| e.delivery.token.tag == 40)), [40]);
        assert_eq!(tags(ledger.take_all()), [20, 50]);
        assert_eq!(ledger.len(), 0);
    }
}
