use std::sync::{Arc, OnceLock, Weak};

use anymq_api::{Address, Clock};

use super::{Broker, capacity::Capacity, dead_letters::GivenUp, keeper::Keeper, timer::Timer};

/// What a broker's queues need of it.
#[derive(Debug)]
pub(super) struct Services {
    pub(super) timer: Arc<Timer>,
    /// None where nothing is limited.
    pub(super) capacity: Option<Capacity>,
    /// None without a store.
    pub(super) keeper: Option<Arc<Keeper>>,
    broker: OnceLock<Weak<Broker>>,
}

impl Services {
    pub(super) fn new(
        clock: Arc<dyn Clock>,
        by_itself: bool,
        capacity: Option<Capacity>,
        keeper: Option<Keeper>,
    ) -> Arc<Self> {
        Arc::new(Self {
            timer: Timer::new(clock, by_itself),
            capacity,
            keeper: keeper.map(Arc::new),
            broker: OnceLock::new(),
        })
    }

    pub(super) fn serve(&self, broker: &Arc<Broker>) {
        // Called once, when the broker is made.
        let _ = self.broker.set(Arc::downgrade(broker));
    }

    /// Has the broker remove an idle destination. Never called with a queue's lock held.
    pub(super) fn reap(&self, address: &Address) {
        if let Some(broker) = self.broker.get().and_then(Weak::upgrade) {
            broker.reap(address);
        }
    }

    /// Moves messages to the dead letters. Never called with a queue's lock held.
    pub(super) fn bury(&self, given_up: Vec<GivenUp>) {
        if let Some(broker) = self.broker.get().and_then(Weak::upgrade) {
            broker.bury(given_up);
        }
    }

    #[cfg(test)]
    pub(super) fn for_tests() -> Arc<Self> {
        Self::new(Arc::new(anymq_api::SystemClock), false, None, None)
    }
}
