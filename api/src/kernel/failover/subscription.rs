use std::{
    fmt,
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
    },
};

use parking_lot::Mutex;

use super::{
    epoch,
    gate::{Gate, GatedSink, Mouth},
    is_lost,
    shared::Shared,
};
use crate::{
    Error, Result,
    spi::{Delivery, DeliverySink, Done, DriverSession, DriverSubscription, SubscribeSpec, Unsettled},
};

/// A subscription that is made again over each new link.
pub(super) struct FailoverSubscription {
    pub(super) spec: SubscribeSpec,
    shared: Arc<Shared>,
    mouth: Arc<Mouth>,
    link: Mutex<Attachment>,
    closed: AtomicBool,
}

/// What there is of it at the broker.
#[derive(Default)]
struct Attachment {
    generation: u32,
    /// Of the tokens of what is delivered over it.
    nth: u32,
    inner: Option<Arc<dyn DriverSubscription>>,
    /// Granted while there was none.
    credit: u32,
}

impl FailoverSubscription {
    pub(super) fn new(spec: SubscribeSpec, sink: Arc<dyn DeliverySink>, shared: Arc<Shared>) -> Arc<Self> {
        let ended = AtomicBool::new(false);
        Arc::new(Self {
            spec,
            shared,
            mouth: Arc::new(Mouth { sink, ended }),
            link: Mutex::default(),
            closed: AtomicBool::new(false),
        })
    }

    /// Asks for it over one link; it gets no credit yet.
    pub(super) async fn subscribe(&self, gate: &Arc<Gate>, session: &dyn DriverSession) -> Result<()> {
        let sink = GatedSink {
            gate: Arc::clone(gate),
            mouth: Arc::clone(&self.mouth),
        };
        let inner = session.subscribe(self.spec.clone(), Arc::new(sink)).await?;
        if !self.attach(gate, &inner) {
            inner.abandon();
        }
        Ok(())
    }

    /// Unless it was closed meanwhile, or a later link has it already.
    fn attach(&self, gate: &Gate, inner: &Arc<dyn DriverSubscription>) -> bool {
        let mut link = self.link.lock();
        if self.closed.load(Ordering::Acquire) || link.generation > gate.generation {
            return false;
        }
        link.generation = gate.generation;
        link.nth = gate.nth;
        link.inner = Some(Arc::clone(inner));
        true
    }

    /// Passes on what credit was granted meanwhile.
    pub(super) fn release_credit(&self) {
        let (inner, credit) = {
            let mut link = self.link.lock();
            let Some(inner) = self.attached(&link) else { return };
            (inner, std::mem::take(&mut link.credit))
        };
        if credit > 0 {
            inner.grant_credit(credit);
        }
    }

    /// Whether it has to be made again.
    pub(super) fn is_wanted(&self) -> bool {
        !self.closed.load(Ordering::Acquire) && !self.mouth.ended.load(Ordering::Acquire)
    }

    pub(super) fn is_attached_to(&self, generation: u32) -> bool {
        let link = self.link.lock();
        link.generation == generation && link.inner.is_some()
    }

    /// It cannot be made again.
    pub(super) fn end(&self, error: Error) {
        self.mouth.end(error, Unsettled::TakenBack);
    }

    /// From now on nothing is attached any more, nor gets credit; gives back what is attached to the link that is up.
    fn ending(&self) -> Option<Arc<dyn DriverSubscription>> {
        let mut link = self.link.lock();
        self.closed.store(true, Ordering::Release);
        link.credit = 0;
        self.attached(&link)
    }

    fn attached(&self, link: &Attachment) -> Option<Arc<dyn DriverSubscription>> {
        let inner = link.inner.as_ref().filter(|_| self.shared.is_up(link.generation))?;
        Some(Arc::clone(inner))
    }

    fn inner(&self) -> Option<Arc<dyn DriverSubscription>> {
        self.attached(&self.link.lock())
    }
}

impl DriverSubscription for FailoverSubscription {
    fn grant_credit(&self, credit: u32) {
        let inner = {
            let mut link = self.link.lock();
            let inner = self.attached(&link);
            if inner.is_none() {
                // A refill that crosses the loss of the link must not come on top of what is granted for the next.
                link.credit = link.credit.saturating_add(credit).min(self.spec.prefetch);
            }
            inner
        };
        if let Some(inner) = inner {
            inner.grant_credit(credit);
        }
    }

    fn accept(&self, delivery: &Delivery) -> bool {
        let link = self.link.lock();
        let Some(inner) = self.attached(&link).filter(|_| epoch::is_of(&delivery.token, link.nth)) else {
            return false;
        };
        drop(link);
        let mut delivery = delivery.clone();
        delivery.token = epoch::unmarked(delivery.token);
        inner.accept(&delivery)
    }

    fn is_served(&self) -> bool {
        self.inner().is_some_and(|inner| inner.is_served())
    }

    fn stop_delivery(&self) -> Done<()> {
        let inner = {
            let mut link = self.link.lock();
            link.credit = 0;
            self.attached(&link)
        };
        inner.map_or_else(Done::ok, |inner| whether_lost_or_not(inner.stop_delivery()))
    }

    fn close(&self) -> Done<()> {
        if let Some(inner) = self.ending() {
            return whether_lost_or_not(inner.close());
        }
        self.abandon();
        Done::ok()
    }

    fn abandon(&self) {
        self.ending();
        // Also that of a link that is not up yet: there it must not live on.
        let inner = self.link.lock().inner.take();
        if let Some(inner) = inner {
            inner.abandon();
        }
    }
}

/// What ends something is done when the link ends, too.
pub(super) fn whether_lost_or_not(done: Done<()>) -> Done<()> {
    let forgive = |outcome: Result<()>| match outcome {
        Err(error) if is_lost(&error) => Ok(()),
        outcome => outcome,
    };
    match done.into_ready() {
        Ok(outcome) => Done::ready(forgive(outcome)),
        Err(pending) => Done::pending(async move { forgive(pending.await) }),
    }
}

impl fmt::Debug for FailoverSubscription {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("FailoverSubscription")
            .field("destination", &self.spec.destination)
            .finish_non_exhaustive()
    }
}
