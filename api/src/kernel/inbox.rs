//! What was delivered to one consumer and not yet handed to the application.

use std::{collections::VecDeque, sync::Arc};

use tokio::time::Instant;

use super::{arrivals::Arrivals, filter::Filter, ledger::Attempted};
use crate::{
    Error, MessageListener,
    spi::{Delivery, DriverSubscription},
};

/// Credit to be granted once no lock is held.
pub(crate) struct Grant {
    subscription: Arc<dyn DriverSubscription>,
    credit: u32,
}

impl Grant {
    pub(crate) fn apply(self) {
        self.subscription.grant_credit(self.credit);
    }
}

pub(crate) struct Inbox {
    /// What comes again, before all that is fresh.
    again: VecDeque<Attempted>,
    /// Pulled from the arrivals.
    fresh: VecDeque<Delivery>,
    /// Before when the first of what comes again must not be handed out, one by one; empty where nothing is delayed.
    due: VecDeque<Instant>,
    pub(crate) arrivals: Arc<Arrivals>,
    pub(crate) listener: Option<Arc<dyn MessageListener>>,
    /// Stands in the dispatcher's list.
    pub(crate) scheduled: bool,
    /// Nothing is handed out any more.
    pub(crate) closing: bool,
    /// The broker ended the subscription.
    pub(crate) ended: Option<Error>,
    /// It took back what was delivered and not settled.
    pub(crate) taken_back: bool,
    /// What the broker does not leave out.
    filter: Option<Filter>,
    subscription: Option<Arc<dyn DriverSubscription>>,
    prefetch: u32,
    /// Granted, and not seen to be used up.
    outstanding: u32,
}

impl Inbox {
    pub(crate) fn new(prefetch: u32, filter: Option<Filter>) -> Self {
        Self {
            again: VecDeque::new(),
            fresh: VecDeque::new(),
            due: VecDeque::new(),
            arrivals: Arc::default(),
            listener: None,
            scheduled: false,
            closing: false,
            ended: None,
            taken_back: false,
            filter,
            subscription: None,
            prefetch,
            outstanding: 0,
        }
    }

    pub(crate) fn attach(&mut self, subscription: Arc<dyn DriverSubscription>) {
        self.subscription = Some(subscription);
    }

    pub(crate) fn subscription(&self) -> Option<&Arc<dyn DriverSubscription>> {
        self.subscription.as_ref()
    }

    /// Tells the driver in passing that a delivery is accepted; if not, it has to be settled.
    pub(crate) fn accept(&self, delivery: &Delivery) -> bool {
        self.subscription.as_ref().is_some_and(|it| it.accept(delivery))
    }

    /// The next in line. When there is none, a caller that `waits` is woken by the next arrival, unless the first
    /// [is held](Self::held_until).
    pub(crate) fn pop(&mut self, waits: bool) -> Option<Attempted> {
        if !self.again.is_empty() {
            return self.pop_again();
        }
        if self.fresh.is_empty() {
            self.pull(waits);
        }
        let delivery = self.fresh.pop_front()?;
        Some(Attempted { delivery, attempts: 0 })
    }

    #[cold]
    fn pop_again(&mut self) -> Option<Attempted> {
        if self.due.front().is_some_and(|due| *due > Instant::now()) {
            return None;
        }
        self.due.pop_front();
        self.again.pop_front()
    }

    /// Whether the application is to see it.
    #[inline]
    pub(crate) fn wants(&self, delivery: &Delivery) -> bool {
        self.filter.as_ref().is_none_or(|filter| filter.passes(delivery))
    }

    /// The next in line, accepted, if it is a fresh one for which a note is enough and that never expires. Where there is
    /// a filter, each is looked at one by one instead.
    #[inline]
    pub(crate) fn pop_accepted(&mut self) -> Option<Delivery> {
        if !self.again.is_empty() || self.filter.is_some() {
            return None;
        }
        if self.fresh.is_empty() {
            self.pull(false);
        }
        let first = self.fresh.front()?;
        if first.envelope.headers().expiration.is_some() || !self.accept(first) {
            return None;
        }
        self.fresh.pop_front()
    }

    /// When the first in line may be handed out, if it must wait.
    pub(crate) fn held_until(&self) -> Option<Instant> {
        self.due.front().copied()
    }

    /// First in line again, but not handed out before it is `due`.
    pub(crate) fn put_back(&mut self, entry: Attempted, due: Option<Instant>) {
        self.again.push_front(entry);
        if let Some(due) = due {
            self.due.push_front(due);
        }
    }

    pub(crate) fn take_all(&mut self) -> VecDeque<Attempted> {
        self.pull(false);
        self.due.clear();
        let mut all = std::mem::take(&mut self.again);
        let fresh = self.fresh.drain(..);
        all.extend(fresh.map(|delivery| Attempted { delivery, attempts: 0 }));
        all
    }

    fn pull(&mut self, waits: bool) {
        let arrived = self.arrivals.pull(&mut self.fresh, waits);
        self.outstanding = self
            .outstanding
            .saturating_sub(u32::try_from(arrived).unwrap_or(u32::MAX));
    }

    /// All credit that there is room for.
    pub(crate) fn fill(&mut self) -> Option<Grant> {
        self.grant_at_least(1)
    }

    /// Credit in lots of half the prefetch, so that most hand-overs cost no call.
    pub(crate) fn refill(&mut self) -> Option<Grant> {
        self.grant_at_least(self.prefetch.div_ceil(2))
    }

    fn grant_at_least(&mut self, lot: u32) -> Option<Grant> {
        let held = u32::try_from(self.again.len() + self.fresh.len()).unwrap_or(u32::MAX);
        let room = self.prefetch.saturating_sub(held).saturating_sub(self.outstanding);
        if room < lot || self.closing {
            return None;
        }
        let subscription = Arc::clone(self.subscription.as_ref()?);
        self.outstanding += room;
        Some(Grant {
            subscription,
            credit: room,
        })
    }

    /// The driver took all credit back.
    pub(crate) fn revoke(&mut self) {
        self.pull(false);
        self.outstanding = 0;
    }

    /// Everything that was delivered is void, and all credit with it.
    pub(crate) fn void(&mut self) {
        self.take_all();
        self.outstanding = 0;
    }
}
