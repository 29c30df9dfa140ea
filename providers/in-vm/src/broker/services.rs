use std::sync::{Arc, OnceLock, Weak};

use anymq_api::{Address, Clock};

use super::{Broker, limits::Limits, timer::Timer};

/// What a broker's queues need of it.
#[derive(Debug)]
pub(super) struct Services {
    pub(super) timer: Arc<Timer>,
    /// None where nothing is limited.
    pub(super) limits: Option<Limits>,
    broker: OnceLock<Weak<Broker>>,
}

impl Services {
    pub(super) fn new(clock: Arc<dyn Clock>, by_itself: bool, limits: Option<Limits>) -> Arc<Self> {
        Arc::new(Self {
            timer: Timer::new(clock, by_itself),
            limits,
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

    #[cfg(test)]
    pub(super) fn for_tests() -> Arc<Self> {
        Self::new(Arc::new(anymq_api::SystemClock), false, None)
    }
}
