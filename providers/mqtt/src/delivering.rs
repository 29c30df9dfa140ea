//! Messages on their way to one consumer.

use std::sync::atomic::{AtomicU64, Ordering};

use anymq_api::{
    Envelope,
    spi::{Delivery, DeliveryToken, SubscribeSpec},
};
use anymq_wire::{Local, Origin};

use crate::{codec, links::EPOCH, wire::Publish};

/// What makes deliveries of messages.
pub(crate) struct Delivering {
    spec: SubscribeSpec,
    /// Whose messages it takes for its own.
    local: Option<Local>,
    next: AtomicU64,
}

impl Delivering {
    pub(crate) fn new(spec: SubscribeSpec, origin: &Origin) -> Self {
        Self {
            local: Local::of(&spec, origin),
            spec,
            next: AtomicU64::new(1),
        }
    }

    pub(crate) fn spec(&self) -> &SubscribeSpec {
        &self.spec
    }

    pub(crate) fn delivery(&self, message: &Publish, envelope: Envelope) -> Delivery {
        let is_own = |local: &Local| codec::origin(message).is_some_and(|origin| local.sent(origin));
        Delivery {
            envelope,
            token: DeliveryToken {
                epoch: EPOCH,
                subscription: self.spec.id,
                tag: self.next.fetch_add(1, Ordering::Relaxed),
            },
            redelivered: message.dup,
            count: if message.dup { 2 } else { 1 },
            local: self.local.as_ref().is_some_and(is_own),
        }
    }
}
