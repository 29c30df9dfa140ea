//! A session that is opened again over each new link.

mod driver;
mod sending;
mod subscribing;

use std::{
    fmt,
    sync::{
        Arc, Weak,
        atomic::{AtomicBool, AtomicU64, Ordering},
    },
};

use parking_lot::{Mutex, RwLock};

use super::{
    gate::Gate,
    line::{Flight, Line},
    shared::{Shared, not_begun},
    subscription::FailoverSubscription,
    transaction::Transaction,
};
use crate::{
    Result,
    spi::{DriverSession, SessionSpec},
};

/// A session that is opened again over each new link.
pub(super) struct FailoverSession {
    pub(super) spec: SessionSpec,
    shared: Arc<Shared>,
    link: RwLock<Opened>,
    line: Mutex<Line>,
    /// Numbers sends.
    sends: AtomicU64,
    transaction: Transaction,
    subscriptions: Mutex<Vec<Weak<FailoverSubscription>>>,
    closed: AtomicBool,
    this: Weak<Self>,
}

/// What there is of it at the broker.
struct Opened {
    generation: u32,
    /// Of the tokens of what is delivered over it.
    nth: u32,
    inner: Arc<dyn DriverSession>,
    /// Nobody waits in line: sends go straight on.
    is_clear: bool,
    /// What went straight on.
    flight: Arc<Flight>,
    /// What had over the link before.
    earlier: Option<Arc<Flight>>,
}

/// A session over the link that is up.
struct Up {
    generation: u32,
    nth: u32,
    inner: Arc<dyn DriverSession>,
    flight: Arc<Flight>,
}

impl Opened {
    fn up(&self) -> Up {
        Up {
            generation: self.generation,
            nth: self.nth,
            inner: Arc::clone(&self.inner),
            flight: Arc::clone(&self.flight),
        }
    }
}

impl FailoverSession {
    pub(super) fn new(spec: SessionSpec, shared: Arc<Shared>, gate: &Gate, inner: Arc<dyn DriverSession>) -> Arc<Self> {
        Arc::new_cyclic(|this| Self {
            spec,
            shared,
            link: RwLock::new(Opened {
                generation: gate.generation,
                nth: gate.nth,
                inner,
                is_clear: true,
                flight: Arc::default(),
                earlier: None,
            }),
            line: Mutex::default(),
            sends: AtomicU64::new(0),
            transaction: Transaction::default(),
            subscriptions: Mutex::default(),
            closed: AtomicBool::new(false),
            this: Weak::clone(this),
        })
    }

    /// From now on this is what there is of it, once its link is up.
    fn reopen(&self, gate: &Gate, inner: &Arc<dyn DriverSession>) {
        let replaced = {
            let mut link = self.link.write();
            link.generation = gate.generation;
            link.nth = gate.nth;
            link.is_clear = false;
            let earlier = std::mem::take(&mut link.flight);
            link.earlier = Some(earlier);
            std::mem::replace(&mut link.inner, Arc::clone(inner))
        };
        replaced.abandon();
        if self.closed.load(Ordering::Acquire) {
            inner.abandon();
        }
    }

    pub(super) fn is_wanted(&self) -> bool {
        !self.closed.load(Ordering::Acquire)
    }

    pub(super) fn live_subscriptions(&self) -> Vec<Arc<FailoverSubscription>> {
        let mut subscriptions = self.subscriptions.lock();
        subscriptions.retain(|subscription| subscription.strong_count() > 0);
        let live = subscriptions.iter().filter_map(Weak::upgrade);
        live.filter(|subscription| subscription.is_wanted()).collect()
    }

    /// What is wanted and not there over this link.
    pub(super) fn missing(&self, generation: u32) -> Vec<Arc<FailoverSubscription>> {
        let mut missing = self.live_subscriptions();
        missing.retain(|subscription| !subscription.is_attached_to(generation));
        missing
    }

    pub(super) async fn try_again(&self, gate: &Arc<Gate>, subscription: &FailoverSubscription) -> Result<()> {
        let up = self.up().filter(|up| up.generation == gate.generation);
        let up = up.ok_or_else(not_begun)?;
        self.shared.in_time(subscription.subscribe(gate, &*up.inner)).await
    }

    fn up(&self) -> Option<Up> {
        let link = self.link.read();
        self.shared.is_up(link.generation).then(|| link.up())
    }

    /// Where sends go straight on.
    fn clear(&self) -> Option<Up> {
        let link = self.link.read();
        (link.is_clear && self.shared.is_up(link.generation)).then(|| link.up())
    }
}

impl fmt::Debug for FailoverSession {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let inner = Arc::clone(&self.link.read().inner);
        f.debug_tuple("FailoverSession").field(&inner).finish()
    }
}

/// For the restoring of one link: what was opened for a session.
pub(super) struct Reopened {
    pub(super) session: Arc<FailoverSession>,
    pub(super) inner: Arc<dyn DriverSession>,
}

impl Reopened {
    pub(super) fn take_over(&self, gate: &Gate) {
        self.session.reopen(gate, &self.inner);
    }
}
