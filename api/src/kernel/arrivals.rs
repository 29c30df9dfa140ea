//! Where a driver's deliveries land. A push touches nothing else, so a driver and a consumer rarely meet at a lock.

use std::collections::VecDeque;

use parking_lot::Mutex;
use tokio::sync::Notify;

use crate::spi::Delivery;

/// Whom a push has to wake.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Wake {
    Nobody,
    /// One receiver; done already.
    Receiver,
    /// The dispatcher has to be told that this consumer has something.
    Dispatcher,
}

#[derive(Default)]
pub(crate) struct Arrivals {
    landed: Mutex<Landed>,
    /// Wakes receivers.
    arrival: Notify,
}

#[derive(Default)]
struct Landed {
    queue: VecDeque<Delivery>,
    /// Receivers that found nothing and have not been woken by a push since.
    waiting: u32,
    /// A listener is set.
    listening: bool,
    /// The dispatcher knows, and has not found it empty since.
    told: bool,
}

impl Arrivals {
    pub(crate) fn push(&self, delivery: Delivery) -> Wake {
        let mut landed = self.landed.lock();
        landed.queue.push_back(delivery);
        if landed.listening {
            let told = std::mem::replace(&mut landed.told, true);
            return if told { Wake::Nobody } else { Wake::Dispatcher };
        }
        if landed.waiting == 0 {
            return Wake::Nobody;
        }
        landed.waiting -= 1;
        drop(landed);
        self.arrival.notify_one();
        Wake::Receiver
    }

    pub(crate) fn push_all(&self, deliveries: &mut Vec<Delivery>) -> Wake {
        let pushed = u32::try_from(deliveries.len()).unwrap_or(u32::MAX);
        let mut landed = self.landed.lock();
        landed.queue.extend(deliveries.drain(..));
        if landed.listening && pushed > 0 {
            let told = std::mem::replace(&mut landed.told, true);
            return if told { Wake::Nobody } else { Wake::Dispatcher };
        }
        let woken = pushed.min(landed.waiting);
        landed.waiting -= woken;
        drop(landed);
        (0..woken).for_each(|_| self.arrival.notify_one());
        if woken > 0 { Wake::Receiver } else { Wake::Nobody }
    }

    /// Moves what has landed behind `queue` and says how much it was. When nothing has, a caller that `waits` will be
    /// woken by the next push; it must listen to [`arrival`](Self::arrival) already.
    pub(crate) fn pull(&self, queue: &mut VecDeque<Delivery>, waits: bool) -> usize {
        let mut landed = self.landed.lock();
        let count = landed.queue.len();
        if count == 0 {
            landed.told = false;
            if waits && queue.is_empty() {
                landed.waiting = landed.waiting.saturating_add(1);
            }
        } else if queue.is_empty() {
            std::mem::swap(&mut landed.queue, queue);
        } else {
            queue.append(&mut landed.queue);
        }
        count
    }

    /// With or without a listener. The caller tells the dispatcher itself this time.
    pub(crate) fn set_listening(&self, listening: bool) {
        let mut landed = self.landed.lock();
        landed.listening = listening;
        landed.told = listening;
    }

    pub(crate) fn arrival(&self) -> &Notify {
        &self.arrival
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{
        Address, DestinationKind, Envelope, Headers, Message,
        spi::{DeliveryToken, SubscriptionId},
    };

    fn delivery(tag: u64) -> Delivery {
        let destination = Address::new(DestinationKind::Queue, "q").unwrap();
        Delivery {
            envelope: Envelope::new(Headers::new(destination), Message::empty()),
            token: DeliveryToken {
                epoch: 0,
                subscription: SubscriptionId(1),
                tag,
            },
            redelivered: false,
            count: 1,
            local: false,
        }
    }

    #[test]
    fn every_waiter_is_woken_by_a_push_of_its_own() {
        let arrivals = Arrivals::default();
        let mut queue = VecDeque::new();
        assert_eq!(arrivals.pull(&mut queue, true), 0);
        assert_eq!(arrivals.pull(&mut queue, true), 0);
        let wakes = [1, 2, 3].map(|tag| arrivals.push(delivery(tag)));
        assert_eq!(wakes, [Wake::Receiver, Wake::Receiver, Wake::Nobody]);
        assert_eq!(arrivals.pull(&mut queue, true), 3);
        assert_eq!(queue.len(), 3);
    }

    #[test]
    fn several_at_once_wake_as_many() {
        let arrivals = Arrivals::default();
        let mut queue = VecDeque::new();
        assert_eq!(arrivals.pull(&mut queue, true), 0);
        assert_eq!(arrivals.push_all(&mut [1, 2].map(delivery).into()), Wake::Receiver);
        assert_eq!(arrivals.push_all(&mut vec![delivery(3)]), Wake::Nobody);
        arrivals.set_listening(true);
        arrivals.pull(&mut queue, false);
        assert_eq!(queue.len(), 3);
        arrivals.pull(&mut queue, false);
        assert_eq!(arrivals.push_all(&mut Vec::new()), Wake::Nobody);
        assert_eq!(arrivals.push_all(&mut vec![delivery(4)]), Wake::Dispatcher);
        assert_eq!(arrivals.push_all(&mut vec![delivery(5)]), Wake::Nobody);
    }

    #[test]
    fn the_dispatcher_is_told_once_until_it_finds_nothing() {
        let arrivals = Arrivals::default();
        let mut queue = VecDeque::new();
        arrivals.set_listening(true);
        arrivals.pull(&mut queue, false);
        let wakes = [1, 2].map(|tag| arrivals.push(delivery(tag)));
        assert_eq!(wakes, [Wake::Dispatcher, Wake::Nobody]);
        arrivals.pull(&mut queue, false);
        assert_eq!(arrivals.push(delivery(3)), Wake::Nobody);
        arrivals.pull(&mut queue, false);
        arrivals.pull(&mut queue, false);
        assert_eq!(arrivals.push(delivery(4)), Wake::Dispatcher);
    }
}
