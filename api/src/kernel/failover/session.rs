use std::{
    fmt,
    sync::{
        Arc, Weak,
        atomic::{AtomicBool, AtomicU64, Ordering},
    },
    time::Duration,
};

use async_trait::async_trait;
use parking_lot::{Mutex, RwLock};

use super::{
    epoch,
    gate::Gate,
    is_lost,
    line::{Flight, Line, Parcel},
    link::Status,
    shared::{Shared, not_begun},
    subscription::{FailoverSubscription, whether_lost_or_not},
    transaction::{Transaction, undone},
};
use crate::{
    Envelope, Error, ErrorKind, Result, Retry,
    spi::{
        DeliverySink, DeliveryToken, Done, DriverSession, DriverSubscription, Outcome, SessionSpec, Settlement,
        SubscribeSpec,
    },
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
    inner: Arc<dyn DriverSession>,
    flight: Arc<Flight>,
}

impl Opened {
    fn up(&self) -> Up {
        Up {
            generation: self.generation,
            inner: Arc::clone(&self.inner),
            flight: Arc::clone(&self.flight),
        }
    }
}

impl FailoverSession {
    pub(super) fn new(
        spec: SessionSpec,
        shared: Arc<Shared>,
        generation: u32,
        inner: Arc<dyn DriverSession>,
    ) -> Arc<Self> {
        Arc::new_cyclic(|this| Self {
            spec,
            shared,
            link: RwLock::new(Opened {
                generation,
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
    fn reopen(&self, generation: u32, inner: &Arc<dyn DriverSession>) {
        let replaced = {
            let mut link = self.link.write();
            link.generation = generation;
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

    fn send_parcel(&self, parcel: Parcel) -> Done<()> {
        let number = self.sends.fetch_add(1, Ordering::Relaxed);
        if let Some(up) = self.clear() {
            return self.submit(&up, number, parcel);
        }
        let mut line = self.line.lock();
        // Looked at again with the line held: it may have become clear.
        if let Some(up) = self.clear() {
            drop(line);
            return self.submit(&up, number, parcel);
        }
        if let Err(error) = self.admits() {
            return Done::ready(Err(error));
        }
        line.join(number, parcel)
    }

    /// Whether a send may wait for the next link.
    fn admits(&self) -> Result<()> {
        if self.spec.transacted && self.transaction.has_begun() && self.shared.is_down() {
            return Err(undone());
        }
        match &*self.shared.status.borrow() {
            Status::Over(reason) => Err(Status::end(reason.as_ref())),
            _ => Ok(()),
        }
    }

    fn submit(&self, up: &Up, number: u64, parcel: Parcel) -> Done<()> {
        if self.spec.transacted {
            return match self.transaction.join(up.generation) {
                Ok(()) => send_over(&*up.inner, parcel),
                Err(error) => Done::ready(Err(error)),
            };
        }
        match send_over(&*up.inner, parcel.clone()).into_ready() {
            Ok(Err(error)) if has_not_begun(&error) => self.send_again(up.generation, number, parcel, error),
            Ok(outcome) => Done::ready(outcome),
            Err(pending) => {
                let (generation, seat, this) = (up.generation, up.flight.seat(), Weak::clone(&self.this));
                Done::pending(async move {
                    let outcome = pending.await;
                    let again = match (outcome, this.upgrade()) {
                        (Err(error), Some(session)) if has_not_begun(&error) => {
                            session.send_again(generation, number, parcel, error)
                        }
                        (outcome, _) => Done::ready(outcome),
                    };
                    drop(seat);
                    again.await
                })
            }
        }
    }

    /// For a send that came to nothing with its link: it waits for the next one, unless that has begun to carry later
    /// ones.
    fn send_again(&self, generation: u32, number: u64, parcel: Parcel, error: Error) -> Done<()> {
        let mut line = self.line.lock();
        let is_late = {
            let opened = self.link.read();
            opened.is_clear && opened.generation != generation
        };
        if is_late || !self.is_wanted() || self.admits().is_err() {
            return Done::ready(Err(error));
        }
        line.join(number, parcel)
    }

    /// Lets those go that waited for this link, in order, before all that comes after them.
    pub(super) async fn advance(&self, generation: u32) {
        let earlier = self.link.read().earlier.clone();
        if let Some(earlier) = earlier {
            // With the two that are held here.
            earlier.landed(2).await;
        }
        while let Some(up) = self.up().filter(|up| up.generation == generation) {
            let next = {
                let mut line = self.line.lock();
                let next = line.first();
                if next.is_none() {
                    self.link.write().is_clear = true;
                }
                next
            };
            let Some(next) = next else { return };
            if up.inner.ready().await.is_err_and(|error| is_lost(&error)) {
                return self.line.lock().put_back(next);
            }
            let (number, parcel, teller) = next.open();
            teller.told_later(self.submit(&up, number, parcel));
        }
    }

    /// Whether nobody waits, nor may come to wait; then sends go straight on.
    pub(super) fn advance_at_once(&self) -> bool {
        let line = self.line.lock();
        let mut opened = self.link.write();
        let is_clear = line.is_empty() && opened.earlier.as_ref().is_none_or(|earlier| earlier.has_landed(1));
        opened.is_clear = is_clear;
        is_clear
    }

    /// There will be no link any more.
    pub(super) fn end(&self) {
        let reason = match &*self.shared.status.borrow() {
            Status::Over(Some(reason)) => reason.clone().with_retry(Retry::Safe),
            _ => not_begun(),
        };
        self.line.lock().refuse(&reason);
    }

    /// Waits until a send may be submitted.
    async fn admitted(self: Arc<Self>) -> Result<()> {
        loop {
            let (gate, _) = self.shared.up().await?;
            let Some(up) = self.up() else {
                // A session that is not there yet, or its link lost again.
                if self.closed.load(Ordering::Acquire) {
                    return Err(Error::closed("session"));
                }
                self.shared.until_down(gate.generation).await;
                continue;
            };
            match up.inner.ready().await {
                Err(error) if self.shared.asks_again(up.generation, &error).await => {}
                outcome => return outcome,
            }
        }
    }

    fn admitted_later(&self) -> Done<()> {
        match self.this.upgrade() {
            Some(session) => Done::pending(session.admitted()),
            None => Done::ready(Err(not_begun())),
        }
    }

    async fn subscribed(&self, subscription: &Arc<FailoverSubscription>) -> Result<()> {
        loop {
            let (gate, _) = self.shared.up().await?;
            let Some(up) = self.up().filter(|up| up.generation == gate.generation) else {
                if self.closed.load(Ordering::Acquire) {
                    return Err(Error::closed("session"));
                }
                self.shared.until_down(gate.generation).await;
                continue;
            };
            match subscription.subscribe(&gate, &*up.inner).await {
                Ok(()) if self.list(subscription, up.generation) => return Ok(()),
                Ok(()) => {}
                Err(error) if self.shared.asks_again(up.generation, &error).await => {}
                Err(error) => return Err(error),
            }
        }
    }

    /// So that it is made again. Not when the link that it was made over is lost: nobody would make it again for this
    /// outage.
    fn list(&self, subscription: &Arc<FailoverSubscription>, generation: u32) -> bool {
        let mut subscriptions = self.subscriptions.lock();
        let is_up = self.shared.is_up(generation);
        if is_up {
            subscriptions.retain(|other| other.strong_count() > 0);
            subscriptions.push(Arc::downgrade(subscription));
        }
        is_up
    }

    /// What the transaction sent is gone, or goes with what waits.
    fn commit_undone(&self, up: Option<&Up>) -> Done<()> {
        let sent = self.transaction.end();
        self.line.lock().refuse(&undone());
        match up.filter(|up| up.generation == sent) {
            None => Done::ready(Err(undone())),
            Some(up) => {
                let undoing = whether_lost_or_not(up.inner.rollback());
                Done::pending(async move { undoing.await.and(Err(undone())) })
            }
        }
    }
}

fn send_over(session: &dyn DriverSession, parcel: Parcel) -> Done<()> {
    match parcel {
        Parcel::One(envelope) => session.send(envelope),
        Parcel::Many(envelopes) => session.send_batch(envelopes),
    }
}

/// The link was lost before the broker can have seen it.
fn has_not_begun(error: &Error) -> bool {
    is_lost(error) && error.retry() == Retry::Safe
}

/// What a commit says over a link that was lost before it went out: no transaction outlives its link.
fn committed(outcome: Result<()>) -> Result<()> {
    match outcome {
        Err(error) if has_not_begun(&error) => Err(undone().with_source(error)),
        outcome => outcome,
    }
}

#[async_trait]
impl DriverSession for FailoverSession {
    fn ready(&self) -> Done<()> {
        let Some(up) = self.up() else {
            // Refused by the send, which says why.
            if self.spec.transacted && self.transaction.has_begun() {
                return Done::ok();
            }
            return self.admitted_later();
        };
        match up.inner.ready().into_ready() {
            Ok(Err(error)) if is_lost(&error) => self.admitted_later(),
            Ok(outcome) => Done::ready(outcome),
            Err(pending) => {
                let (shared, this) = (Arc::clone(&self.shared), Weak::clone(&self.this));
                Done::pending(async move {
                    match pending.await {
                        Err(error) if shared.asks_again(up.generation, &error).await => match this.upgrade() {
                            Some(session) => session.admitted().await,
                            None => Err(error),
                        },
                        outcome => outcome,
                    }
                })
            }
        }
    }

    fn send(&self, envelope: Envelope) -> Done<()> {
        self.send_parcel(Parcel::One(envelope))
    }

    fn send_batch(&self, envelopes: Vec<Envelope>) -> Done<()> {
        self.send_parcel(Parcel::Many(envelopes))
    }

    async fn subscribe(&self, spec: SubscribeSpec, sink: Arc<dyn DeliverySink>) -> Result<Arc<dyn DriverSubscription>> {
        let subscription = FailoverSubscription::new(spec, sink, Arc::clone(&self.shared));
        let mut attempt = Attempt {
            subscription: Arc::clone(&subscription),
            succeeded: false,
        };
        self.subscribed(&subscription).await?;
        attempt.succeeded = true;
        // Its credit comes through the kernel, which knows of it from now on.
        Ok(subscription)
    }

    fn settle(&self, settlements: &[Settlement]) -> Done<()> {
        let Some(up) = self.up() else {
            return Done::ready(settled_late(settlements.iter()));
        };
        let is_of_now = |it: &&Settlement| epoch::is_of(&it.token, up.generation);
        let late = settled_late(settlements.iter().filter(|it| !is_of_now(it)));
        let unmarked = |it: &Settlement| Settlement {
            token: epoch::unmarked(it.token),
            outcome: it.outcome,
        };
        let done = match settlements {
            [one] if late.is_ok() => up.inner.settle(&[unmarked(one)]),
            _ => {
                let current: Vec<_> = settlements.iter().filter(is_of_now).map(unmarked).collect();
                up.inner.settle(&current)
            }
        };
        match late {
            Ok(()) => done,
            Err(late) => Done::pending(async move { done.await.and(Err(late)) }),
        }
    }

    fn commit(&self, acknowledged: &[DeliveryToken]) -> Done<()> {
        let Some(up) = self.up() else {
            let is_empty = acknowledged.is_empty() && !self.transaction.has_begun() && self.line.lock().is_empty();
            return if is_empty { Done::ok() } else { self.commit_undone(None) };
        };
        let is_whole = acknowledged.iter().all(|token| epoch::is_of(token, up.generation));
        let is_sent = self.transaction.join(up.generation).is_ok() && self.line.lock().is_empty();
        if !is_whole || !is_sent {
            return self.commit_undone(Some(&up));
        }
        self.transaction.end();
        let acknowledged: Vec<_> = acknowledged.iter().map(|token| epoch::unmarked(*token)).collect();
        match up.inner.commit(&acknowledged).into_ready() {
            Ok(outcome) => Done::ready(committed(outcome)),
            Err(pending) => Done::pending(async move { committed(pending.await) }),
        }
    }

    fn rollback(&self) -> Done<()> {
        let sent = self.transaction.end();
        self.line.lock().refuse(&undone());
        match self.up().filter(|up| sent == 0 || sent == up.generation) {
            Some(up) => whether_lost_or_not(up.inner.rollback()),
            None => Done::ok(),
        }
    }

    fn flush(&self) -> Done<()> {
        self.up()
            .map_or_else(|| Done::ready(Err(not_begun())), |up| up.inner.flush())
    }

    async fn close(&self, deadline: Duration) -> Result<()> {
        self.closed.store(true, Ordering::Release);
        self.line.lock().refuse(&Error::closed("session"));
        let Some(up) = self.up() else { return Ok(()) };
        match up.inner.close(deadline).await {
            Err(error) if is_lost(&error) => Ok(()),
            outcome => outcome,
        }
    }

    fn abandon(&self) {
        self.closed.store(true, Ordering::Release);
        self.line.lock().refuse(&Error::closed("session"));
        let inner = Arc::clone(&self.link.read().inner);
        inner.abandon();
    }
}

/// Leaves no subscription behind that nobody got.
struct Attempt {
    subscription: Arc<FailoverSubscription>,
    succeeded: bool,
}

impl Drop for Attempt {
    fn drop(&mut self) {
        if !self.succeeded {
            self.subscription.abandon();
        }
    }
}

/// The broker takes back by itself what a lost link delivered; all else about it comes too late.
fn settled_late<'a>(mut settlements: impl Iterator<Item = &'a Settlement>) -> Result<()> {
    let has_lost = settlements.any(|it| !matches!(it.outcome, Outcome::Release { .. }));
    if !has_lost {
        return Ok(());
    }
    let detail = "it was delivered over a link that is lost, and comes again";
    Err(Error::new(ErrorKind::ConnectionLost, detail))
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
        self.session.reopen(gate.generation, &self.inner);
    }
}
