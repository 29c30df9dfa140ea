//! Starting, stopping and ending deliveries, of one consumer or of all.

use std::sync::Arc;

use super::{Deliveries, Phase, TakenBack};
use crate::{
    kernel::{
        inbox::{Grant, Inbox},
        ledger::Attempted,
    },
    spi::{DriverSubscription, Settlement, SubscriptionId},
};

impl Deliveries {
    pub(crate) fn start(&self) -> Vec<Grant> {
        let mut state = self.state.lock();
        state.started = true;
        if state.phase != Phase::Open {
            return Vec::new();
        }
        let ids: Vec<_> = state.consumers.keys().copied().collect();
        for id in ids {
            state.schedule(id);
        }
        let grants = state.consumers.values_mut().filter_map(Inbox::fill).collect();
        state.wake_receivers();
        drop(state);
        self.dispatch.notify_one();
        grants
    }

    /// Nothing is handed out from now on; the subscriptions come back, to have their credit taken.
    pub(crate) fn stop(&self) -> Vec<Arc<dyn DriverSubscription>> {
        let mut state = self.state.lock();
        state.started = false;
        state.subscriptions()
    }

    /// The drivers have taken the credit back.
    pub(crate) fn revoke_credit(&self) {
        self.state.lock().consumers.values_mut().for_each(Inbox::revoke);
    }

    /// Nothing is handed out to this consumer from now on.
    pub(crate) fn begin_close_consumer(&self, id: SubscriptionId) -> Option<Arc<dyn DriverSubscription>> {
        let mut state = self.state.lock();
        let inbox = state.consumers.get_mut(&id)?;
        inbox.closing = true;
        inbox.arrivals.arrival().notify_waiters();
        inbox.subscription().cloned()
    }

    /// Forgets the consumer; what it was not handed (or was, but comes again) goes back.
    pub(crate) fn remove_consumer(&self, id: SubscriptionId) -> Vec<Settlement> {
        let mut state = self.state.lock();
        let inbox = state.consumers.remove(&id);
        drop(state);
        inbox.map_or_else(Vec::new, |mut inbox| {
            inbox.take_all().iter().map(Attempted::release).collect()
        })
    }

    /// Nothing is handed out from now on; the session itself stays usable for running listeners.
    pub(crate) fn begin_drain(&self) {
        let mut state = self.state.lock();
        if state.phase == Phase::Open {
            state.phase = Phase::Draining;
        }
        state.wake_receivers();
        drop(state);
        self.dispatch.notify_one();
    }

    pub(crate) fn subscriptions(&self) -> Vec<Arc<dyn DriverSubscription>> {
        self.state.lock().subscriptions()
    }

    /// Ends everything. What was delivered and is not settled goes back, and comes back here.
    pub(crate) fn close(&self) -> Vec<Settlement> {
        let mut state = self.state.lock();
        state.phase = Phase::Closed;
        let ledger = state.ledger.take_all();
        let mut consumers = std::mem::take(&mut state.consumers);
        let mut settlements = std::mem::take(&mut state.lazy);
        state.taken_back = TakenBack::default();
        state.turns.clear();
        drop(state);
        settlements.extend(ledger.iter().map(Attempted::release));
        for inbox in consumers.values_mut() {
            settlements.extend(inbox.take_all().iter().map(Attempted::release));
            inbox.arrivals.arrival().notify_waiters();
        }
        self.dispatch.notify_one();
        settlements
    }
}
