use std::{
    collections::{HashMap, VecDeque},
    fmt,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
};

use anymq_api::{
    Address, Envelope,
    spi::{Delivery, DeliverySink, DeliveryToken, SubscriptionId},
};

/// Queues by name, and who consumes from them.
#[derive(Default)]
pub(super) struct Broker(Mutex<State>);

#[derive(Default)]
struct State {
    queues: HashMap<String, VecDeque<Envelope>>,
    subscribers: Vec<Subscriber>,
    /// The last number given, to subscribers and to deliveries.
    last: u64,
}

struct Subscriber {
    number: u64,
    id: SubscriptionId,
    queue: String,
    credit: u32,
    sink: Arc<dyn DeliverySink>,
}

impl Broker {
    pub(super) fn put(&self, envelope: Envelope) {
        let mut state = self.lock();
        let queue = envelope.headers().destination.name().to_owned();
        state.queues.entry(queue).or_default().push_back(envelope);
        state.deliver();
    }

    pub(super) fn subscribe(&self, id: SubscriptionId, destination: &Address, sink: Arc<dyn DeliverySink>) -> u64 {
        let mut state = self.lock();
        let number = state.next();
        state.subscribers.push(Subscriber {
            number,
            id,
            queue: destination.name().to_owned(),
            credit: 0,
            sink,
        });
        number
    }

    pub(super) fn grant(&self, number: u64, credit: u32) {
        let mut state = self.lock();
        for subscriber in state.subscribers.iter_mut().filter(|s| s.number == number) {
            subscriber.credit = subscriber.credit.saturating_add(credit);
        }
        state.deliver();
    }

    pub(super) fn stop(&self, number: u64) {
        for subscriber in self.lock().subscribers.iter_mut().filter(|s| s.number == number) {
            subscriber.credit = 0;
        }
    }

    pub(super) fn unsubscribe(&self, number: u64) {
        self.lock().subscribers.retain(|s| s.number != number);
    }

    fn lock(&self) -> MutexGuard<'_, State> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl State {
    fn next(&mut self) -> u64 {
        self.last += 1;
        self.last
    }

    fn deliver(&mut self) {
        for index in 0..self.subscribers.len() {
            while let Some(envelope) = self.take_for(index) {
                let tag = self.next();
                let subscriber = &self.subscribers[index];
                let token = DeliveryToken {
                    epoch: 0,
                    subscription: subscriber.id,
                    tag,
                };
                subscriber.sink.push(Delivery {
                    envelope,
                    token,
                    redelivered: false,
                    count: 1,
                    local: false,
                });
            }
        }
    }

    /// The next message for a subscriber, for one of its credit.
    fn take_for(&mut self, index: usize) -> Option<Envelope> {
        let subscriber = &mut self.subscribers[index];
        let left = subscriber.credit.checked_sub(1)?;
        let envelope = self.queues.get_mut(&subscriber.queue)?.pop_front()?;
        subscriber.credit = left;
        Some(envelope)
    }
}

impl fmt::Debug for Broker {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Broker")
    }
}
