//! What a link delivers and reports passes its gate, which closes when the link is lost.

use std::sync::{
    Arc, Weak,
    atomic::{AtomicBool, Ordering},
};

use parking_lot::RwLock;

use super::{epoch, shared::Shared};
use crate::{
    Error,
    spi::{Delivery, DeliverySink, DriverEvent, EventSink, Unsettled},
};

/// Open as long as its generation may speak.
#[derive(Debug)]
pub(super) struct Gate {
    pub(super) generation: u32,
    open: RwLock<bool>,
}

impl Gate {
    pub(super) fn new(generation: u32) -> Arc<Self> {
        let open = RwLock::new(true);
        Arc::new(Self { generation, open })
    }

    pub(super) fn is_open(&self) -> bool {
        *self.open.read()
    }

    /// Whoever is passing is through when this returns, and nobody passes after it.
    pub(super) fn close(&self) {
        *self.open.write() = false;
    }

    fn pass(&self, passing: impl FnOnce()) {
        let open = self.open.read();
        if *open {
            passing();
        }
    }
}

/// Where the deliveries of one subscription go, whichever link they come by.
pub(super) struct Mouth {
    pub(super) sink: Arc<dyn DeliverySink>,
    /// The broker ended the subscription: it is not made again.
    pub(super) ended: AtomicBool,
}

impl Mouth {
    pub(super) fn end(&self, error: Error, unsettled: Unsettled) {
        if !self.ended.swap(true, Ordering::AcqRel) {
            self.sink.ended(error, unsettled);
        }
    }
}

/// The sink of one subscription over one link.
pub(super) struct GatedSink {
    pub(super) gate: Arc<Gate>,
    pub(super) mouth: Arc<Mouth>,
}

impl DeliverySink for GatedSink {
    fn push(&self, mut delivery: Delivery) {
        epoch::mark(&mut delivery.token, self.gate.generation);
        self.gate.pass(|| self.mouth.sink.push(delivery));
    }

    fn push_all(&self, deliveries: &mut Vec<Delivery>) {
        for delivery in deliveries.iter_mut() {
            epoch::mark(&mut delivery.token, self.gate.generation);
        }
        self.gate.pass(|| self.mouth.sink.push_all(deliveries));
        deliveries.clear();
    }

    fn ended(&self, error: Error, unsettled: Unsettled) {
        self.gate.pass(|| self.mouth.end(error, unsettled));
    }
}

/// The event sink of one link. Holds the connection weakly: the driver keeps this, and the connection the driver.
pub(super) struct GatedEvents {
    pub(super) gate: Arc<Gate>,
    pub(super) shared: Weak<Shared>,
}

impl EventSink for GatedEvents {
    fn event(&self, event: DriverEvent) {
        let Some(shared) = self.shared.upgrade() else { return };
        if let DriverEvent::LinkLost { error, .. } = event {
            return shared.lost(&self.gate, error);
        }
        self.gate.pass(|| shared.watcher.event(event));
    }
}
