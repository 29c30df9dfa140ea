//! What a link delivers and reports passes its gate, which closes when the link is lost.

use std::sync::{
    Arc, Weak,
    atomic::{AtomicBool, Ordering},
};

use parking_lot::{Mutex, RwLock};

use super::{epoch, shared::Shared};
use crate::{
    Error,
    spi::{Delivery, DeliverySink, DriverEvent, EventSink, Unsettled},
};

/// Open as long as its generation may speak.
#[derive(Debug)]
pub(super) struct Gate {
    pub(super) generation: u32,
    /// Which of the links that are up it is, or will be: marks its tokens.
    pub(super) nth: u32,
    open: RwLock<bool>,
    /// What was reported before its link was up; if it never is, nobody hears of it.
    early: Mutex<Option<Vec<DriverEvent>>>,
}

impl Gate {
    pub(super) fn new(generation: u32, nth: u32) -> Arc<Self> {
        Arc::new(Self {
            generation,
            nth,
            open: RwLock::new(true),
            early: Mutex::new(Some(Vec::new())),
        })
    }

    pub(super) fn is_open(&self) -> bool {
        *self.open.read()
    }

    /// Whoever is passing is through when this returns, and nobody passes after it.
    pub(super) fn close(&self) {
        *self.open.write() = false;
    }

    /// From now on events are told when they come, after those that came early.
    pub(super) fn tell_early(&self, tell: impl Fn(DriverEvent)) {
        let mut early = self.early.lock();
        for event in early.take().into_iter().flatten() {
            self.pass(|| tell(event));
        }
    }

    fn event(&self, event: DriverEvent, tell: impl FnOnce(DriverEvent)) {
        if let Some(early) = &mut *self.early.lock() {
            return early.push(event);
        }
        self.pass(|| tell(event));
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
        epoch::mark(&mut delivery.token, self.gate.nth);
        self.gate.pass(|| self.mouth.sink.push(delivery));
    }

    fn push_all(&self, deliveries: &mut Vec<Delivery>) {
        for delivery in deliveries.iter_mut() {
            epoch::mark(&mut delivery.token, self.gate.nth);
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
        self.gate.event(event, |event| shared.tell(event));
    }
}
