//! What stands before a consumer's sink: its credit, and what waits for it.

use std::{collections::VecDeque, sync::Arc};

use anymq_api::{
    Error,
    spi::{Delivery, DeliverySink, Unsettled},
};
use parking_lot::Mutex;

use crate::wire::QoS;

/// As many as may be unacknowledged. What has no window is dropped beyond it.
pub(crate) const MOST_WAITING: usize = u16::MAX as usize;

/// A sink with its credit. `T` is what comes with a delivery; it is dropped when the delivery has been pushed, or never will.
pub(crate) struct Outlet<T> {
    state: Mutex<State<T>>,
}

struct State<T> {
    /// Gone when nothing is to be pushed any more.
    sink: Option<Arc<dyn DeliverySink>>,
    credit: u32,
    waiting: VecDeque<(Delivery, T)>,
    /// Told once.
    is_flooded: bool,
}

impl<T> Outlet<T> {
    pub(crate) fn new(sink: Arc<dyn DeliverySink>) -> Self {
        Self {
            state: Mutex::new(State {
                sink: Some(sink),
                credit: 0,
                waiting: VecDeque::new(),
                is_flooded: false,
            }),
        }
    }

    /// As much waits as should.
    pub(crate) fn is_behind(&self) -> bool {
        self.state.lock().waiting.len() >= MOST_WAITING
    }

    /// Pushes a delivery, or keeps it until there is credit; whether it did either.
    pub(crate) fn offer(&self, delivery: Delivery, with: T, qos: QoS) -> bool {
        let mut state = self.state.lock();
        let Some(sink) = &state.sink else { return false };
        if state.credit > 0 {
            // Under the lock, so that nothing is pushed after the credit was taken back; a sink never calls back.
            sink.push(delivery);
            state.credit -= 1;
        } else if qos != QoS::AtMostOnce || state.waiting.len() < MOST_WAITING {
            state.waiting.push_back((delivery, with));
        } else {
            if !std::mem::replace(&mut state.is_flooded, true) {
                let destination = delivery.envelope.headers().destination.to_string();
                tracing::warn!(
                    destination,
                    "messages of QoS 0 are dropped: too many wait for a consumer"
                );
            }
            return false;
        }
        true
    }

    pub(crate) fn grant(&self, credit: u32) {
        let mut state = self.state.lock();
        state.credit = state.credit.saturating_add(credit);
        while state.credit > 0
            && let Some(sink) = state.sink.clone()
            && let Some((delivery, with)) = state.waiting.pop_front()
        {
            sink.push(delivery);
            drop(with);
            state.credit -= 1;
        }
        state.is_flooded &= !state.waiting.is_empty();
    }

    pub(crate) fn stop(&self) {
        self.state.lock().credit = 0;
    }

    /// Nothing is pushed any more. Gives what was not, in order.
    pub(crate) fn close(&self) -> VecDeque<(Delivery, T)> {
        let mut state = self.state.lock();
        state.credit = 0;
        let waiting = std::mem::take(&mut state.waiting);
        let sink = state.sink.take();
        drop(state);
        // It belongs to somebody else.
        drop(sink);
        waiting
    }

    /// The same, and says why.
    pub(crate) fn end(&self, error: &Error) {
        let mut state = self.state.lock();
        state.waiting.clear();
        let sink = state.sink.take();
        drop(state);
        if let Some(sink) = sink {
            sink.ended(error.clone(), Unsettled::TakenBack);
        }
    }
}
