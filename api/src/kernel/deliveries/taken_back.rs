//! Subscriptions that the broker ended, and what it took back with them.

use std::collections::BTreeMap;

use super::{Deliveries, State};
use crate::{
    Error,
    spi::{SubscriptionId, Unsettled},
};

/// How many deliveries are remembered; acknowledging an older one goes unnoticed.
const REMEMBERED: usize = 10_000;

/// Handed over, and taken back by the broker before it was settled: acknowledging it fails.
#[derive(Default)]
pub(super) struct TakenBack(BTreeMap<u64, Error>);

impl TakenBack {
    pub(super) fn remember(&mut self, deliveries: Vec<u64>, error: &Error) {
        self.0.extend(deliveries.into_iter().map(|id| (id, error.clone())));
        while self.0.len() > REMEMBERED {
            self.0.pop_first();
        }
    }

    pub(super) fn take(&mut self, delivery: u64) -> Option<Error> {
        self.0.remove(&delivery)
    }

    /// Forgets everything; gives back the latest reason.
    pub(super) fn take_all(&mut self) -> Option<Error> {
        std::mem::take(&mut self.0).pop_last().map(|(_, error)| error)
    }
}

impl Deliveries {
    /// From the driver: the subscription is no more.
    pub(crate) fn end(&self, id: SubscriptionId, error: &Error, unsettled: Unsettled) {
        let mut state = self.state.lock();
        if unsettled == Unsettled::TakenBack {
            state.take_back(id, error);
        }
        if let Some(inbox) = state.consumers.get_mut(&id) {
            inbox.ended = Some(error.clone());
            inbox.arrivals.arrival().notify_waiters();
        }
        drop(state);
        self.made_room();
    }
}

impl State {
    fn take_back(&mut self, id: SubscriptionId, error: &Error) {
        let handed_over = self.ledger.forget(id);
        self.taken_back.remember(handed_over, error);
        self.lazy.retain(|settlement| settlement.token.subscription != id);
        if let Some(inbox) = self.consumers.get_mut(&id) {
            inbox.taken_back = true;
            inbox.take_all();
        }
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use super::*;
    use crate::{
        AckMode, Address, DestinationKind, Envelope, ErrorKind, Headers, Message, SystemClock,
        kernel::deliveries::Taken,
        spi::{Delivery, DeliveryToken},
    };

    /// A session with one consumer, to which so many messages were delivered.
    fn delivered(mode: AckMode, count: u64) -> (Deliveries, SubscriptionId) {
        let deliveries = Deliveries::new(mode, true, None, Arc::new(SystemClock));
        let (subscription, arrivals) = deliveries.register(10, None);
        let destination = Address::new(DestinationKind::Queue, "q").unwrap();
        let envelope = Envelope::new(Headers::new(destination), Message::empty());
        for tag in 1..=count {
            arrivals.push(Delivery {
                envelope: envelope.clone(),
                token: DeliveryToken {
                    epoch: 0,
                    subscription,
                    tag,
                },
                redelivered: false,
                count: 1,
                local: false,
            });
        }
        (deliveries, subscription)
    }

    fn receive(deliveries: &Deliveries, id: SubscriptionId) -> Result<u64, ErrorKind> {
        match deliveries.take(id, false) {
            Ok(Taken::Message(hand_over)) => Ok(hand_over.info.id),
            Ok(_) => Err(ErrorKind::Other),
            Err(error) => Err(error.kind()),
        }
    }

    fn end(deliveries: &Deliveries, id: SubscriptionId, unsettled: Unsettled) {
        deliveries.end(id, &ErrorKind::Timeout.into(), unsettled);
    }

    #[test]
    fn what_is_kept_is_handed_out_and_settled() {
        let (deliveries, id) = delivered(AckMode::Client, 2);
        assert_eq!(receive(&deliveries, id), Ok(1));
        end(&deliveries, id, Unsettled::Kept);
        assert_eq!(receive(&deliveries, id), Ok(2));
        assert_eq!(receive(&deliveries, id), Err(ErrorKind::Timeout));
        let (unsettled, _submission) = deliveries.take_ledger().unwrap();
        assert_eq!(unsettled.entries.len(), 2);
        assert!(unsettled.taken_back.is_none());
    }

    #[test]
    fn what_was_taken_back_is_neither_handed_out_nor_settled() {
        let (deliveries, id) = delivered(AckMode::Client, 3);
        assert_eq!(receive(&deliveries, id), Ok(1));
        end(&deliveries, id, Unsettled::TakenBack);
        assert_eq!(receive(&deliveries, id), Err(ErrorKind::Timeout));
        let (unsettled, submission) = deliveries.take_ledger().unwrap();
        assert!(unsettled.entries.is_empty());
        assert_eq!(unsettled.taken_back.map(|error| error.kind()), Some(ErrorKind::Timeout));
        drop(submission);
        // Told once.
        let (unsettled, submission) = deliveries.take_ledger().unwrap();
        assert!(unsettled.taken_back.is_none());
        drop(submission);
        assert!(deliveries.close().is_empty());
    }

    #[test]
    fn only_what_was_taken_back_cannot_be_acknowledged_by_itself() {
        let (deliveries, id) = delivered(AckMode::Individual, 2);
        assert_eq!(receive(&deliveries, id), Ok(1));
        assert_eq!(receive(&deliveries, id), Ok(2));
        let entry = deliveries.take_one(1).map(|(entry, _)| entry).unwrap();
        assert!(entry.is_some());
        end(&deliveries, id, Unsettled::TakenBack);
        assert!(deliveries.take_one(1).is_ok_and(|(entry, _)| entry.is_none()));
        let refused = deliveries.take_one(2).map(drop).map_err(|error| error.kind());
        assert_eq!(refused, Err(ErrorKind::Timeout));
    }

    #[test]
    fn a_rollback_brings_nothing_back_that_was_taken_back() {
        let (deliveries, id) = delivered(AckMode::Transacted, 2);
        assert_eq!(receive(&deliveries, id), Ok(1));
        let (unsettled, submission) = deliveries.take_ledger().unwrap();
        drop(submission);
        end(&deliveries, id, Unsettled::TakenBack);
        assert!(deliveries.redeliver(unsettled.entries).0.is_empty());
        assert!(deliveries.recover().0.is_empty());
        assert_eq!(receive(&deliveries, id), Err(ErrorKind::Timeout));
    }

    #[test]
    fn what_a_dups_ok_session_held_back_is_not_acknowledged() {
        let (deliveries, id) = delivered(AckMode::DupsOk, 2);
        assert_eq!(receive(&deliveries, id), Ok(1));
        end(&deliveries, id, Unsettled::TakenBack);
        assert!(deliveries.close().is_empty());
    }
}
