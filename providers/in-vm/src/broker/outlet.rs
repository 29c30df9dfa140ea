use std::sync::Arc;

use anymq_api::spi::Delivery;

use super::{
    ConsumerKey, Queue,
    accepted::{Accepted, Noted},
    consumer::EPOCH,
};

/// The way from a subscription straight to its queue, past the session.
#[derive(Debug)]
pub(crate) struct Outlet {
    queue: Arc<Queue>,
    consumer: ConsumerKey,
    accepted: Arc<Accepted>,
}

impl Outlet {
    pub(super) fn new(queue: &Arc<Queue>, consumer: ConsumerKey) -> Self {
        Self {
            queue: Arc::clone(queue),
            consumer,
            accepted: queue.accepted(consumer).unwrap_or_default(),
        }
    }

    pub(crate) fn grant(&self, credit: u32) {
        self.queue.grant(self.consumer, credit);
    }

    pub(crate) fn stop(&self) {
        self.queue.stop(self.consumer);
    }

    /// Accepts a delivery if that is possible in passing.
    pub(crate) fn accept(&self, delivery: &Delivery) -> bool {
        let token = delivery.token;
        if token.epoch != EPOCH {
            return false;
        }
        match self.accepted.note(token.tag, delivery.envelope.message()) {
            Noted::Accepted => true,
            Noted::Last => self.queue.accept_only(self.consumer, token.tag),
            Noted::Not => false,
        }
    }
}
