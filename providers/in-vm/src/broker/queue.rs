mod bounding;
mod claiming;
mod figures;
mod inlet;
mod journal;
mod restoring;
mod scan;
mod settling;
mod state;

use std::{
    fmt,
    sync::{Arc, Weak},
};

use anymq_api::{
    Address, Envelope, Selector,
    spi::{DeliverySink, SubscriptionId},
};
use parking_lot::Mutex;

use super::{
    accepted::Accepted,
    bounds::Bounds,
    consumers::ConsumerKey,
    crowd::{Crowd, Overflow},
    dead_letters::GivenUp,
    discarded::Discarded,
    label::Label,
    services::Services,
};
use crate::store::Change;
pub(super) use inlet::QueueInlet;
use journal::Journal;
pub(crate) use scan::Scan;
use state::State;

/// A queue: a named one, a temporary one, or that of one subscription to a topic.
///
/// Whenever its lock is free, no consumer with credit waits for what it could be given.
pub(crate) struct Queue {
    this: Weak<Queue>,
    services: Arc<Services>,
    label: Label,
    /// None when it is not limited.
    crowd: Option<Arc<Crowd>>,
    state: Mutex<State>,
}

impl Queue {
    pub(super) fn new(services: &Arc<Services>, label: Label) -> Arc<Self> {
        let mut state = State::default();
        let mut crowd = None;
        if let Some(capacity) = &services.capacity {
            let bounds = Bounds::new(capacity);
            crowd.clone_from(&bounds.own);
            state.bounds = Some(Box::new(bounds));
            if capacity.weighs() {
                state.backlog.weigh();
                state.delayed.weigh();
            }
        }
        if let Some(keeper) = &services.keeper
            && let Some(id) = label.stored_id()
        {
            state.next_sequence = keeper.first_sequence();
            state.journal = Some(Box::new(Journal::new(Arc::clone(keeper), id)));
        }
        Arc::new_cyclic(|this| Self {
            this: Weak::clone(this),
            services: Arc::clone(services),
            label,
            crowd,
            state: Mutex::new(state),
        })
    }

    /// Who else wants to send waits for room, when it is full.
    pub(super) fn full(&self) -> Option<&Arc<Crowd>> {
        self.crowd.as_ref().filter(|crowd| crowd.is_full())
    }

    /// What had to give way to what was sent.
    pub(super) fn take_overflow(&self) -> Vec<GivenUp> {
        match &self.crowd {
            Some(crowd) if crowd.limit.overflow == Overflow::DropOldest => {
                std::mem::take(&mut self.state.lock().overflow)
            }
            _ => Vec::new(),
        }
    }

    /// Locks it for sending; `None` when it is retired.
    pub(super) fn inlet(&self) -> Option<QueueInlet<'_>> {
        let state = self.state.lock();
        (!state.retired).then(|| QueueInlet::new(self, state))
    }

    /// Puts one message in; gives it back when the queue is retired.
    pub(super) fn put(&self, envelope: Envelope) -> Result<(), Envelope> {
        match self.inlet() {
            Some(mut inlet) => inlet.put(envelope),
            None => return Err(envelope),
        }
        Ok(())
    }

    /// As [`put`](Self::put), for what has to go somewhere; the store does `leaving` with it.
    pub(super) fn put_moved(&self, envelope: Envelope, leaving: Option<Change>) -> Result<(), Envelope> {
        match self.inlet() {
            Some(mut inlet) => inlet.put_moved(envelope, leaving),
            None => return Err(envelope),
        }
        Ok(())
    }

    /// Whether its name means something when it is out of use: that of a queue, or of a subscription that a store keeps.
    pub(super) fn outlives(&self) -> bool {
        self.own_address().is_some() || self.label.stored_id().is_some()
    }

    /// Where it stands; `None` for a subscription's.
    pub(super) fn own_address(&self) -> Option<&Address> {
        self.label.own_address()
    }

    /// A new consumer without credit; `None` when the queue is retired.
    pub(super) fn attach(
        &self,
        subscription: SubscriptionId,
        sink: &Arc<dyn DeliverySink>,
        selector: Option<Selector>,
    ) -> Option<ConsumerKey> {
        let mut state = self.state.lock();
        (!state.retired).then(|| state.attach(subscription, Arc::clone(sink), selector))
    }

    pub(crate) fn grant(&self, consumer: ConsumerKey, credit: u32) {
        let mut discarded = Discarded::default();
        let mut state = self.state.lock();
        if let Some(consumer) = state.consumers.get_mut(consumer) {
            consumer.sweep(&mut discarded);
        }
        state.consumers.grant(consumer, credit);
        state.dispatch(&self.services, &mut discarded);
        state.record(&mut discarded);
    }

    pub(crate) fn stop(&self, consumer: ConsumerKey) {
        if let Some(consumer) = self.state.lock().consumers.get_mut(consumer) {
            consumer.stop();
        }
    }

    /// Closes a consumer; what it has not settled it may still settle. Whether nothing is left of it.
    pub(super) fn close(&self, consumer: ConsumerKey, discarded: &mut Discarded) -> bool {
        let mut state = self.state.lock();
        let Some(open) = state.consumers.get_swept(consumer, discarded) else {
            return true;
        };
        discarded.add_sink(open.close());
        state.free_groups(consumer);
        state.dispatch(&self.services, discarded);
        state.record(discarded);
        state.consumers.remove_done(consumer)
    }

    /// What a consumer shares with its subscription.
    pub(super) fn accepted(&self, consumer: ConsumerKey) -> Option<Arc<Accepted>> {
        self.state.lock().consumers.accepted(consumer)
    }

    /// Sees to what is due: delayed messages are given out, expired ones dropped.
    pub(super) fn on_time(&self) {
        let mut discarded = Discarded::default();
        let mut state = self.state.lock();
        state.armed = None;
        state.mature(self.services.timer.now(), &mut discarded);
        state.dispatch(&self.services, &mut discarded);
        state.record(&mut discarded);
        self.arm(&mut state);
        let idle = state.is_idle();
        drop(state);
        let overflow = self.take_overflow();
        if !overflow.is_empty() {
            self.services.bury(overflow);
        }
        if idle && let Some(address) = self.label.own_address() {
            self.services.reap(address);
        }
    }

    /// Has itself woken when there is something to do.
    fn arm(&self, state: &mut State) {
        if let Some(at) = state.next_time()
            && state.armed.is_none_or(|armed| at < armed)
        {
            state.armed = Some(at);
            self.services.timer.schedule(at, Weak::clone(&self.this));
        }
    }

    /// Takes it out of use if it has neither messages nor consumers.
    pub(super) fn retire_if_idle(&self) -> bool {
        let mut state = self.state.lock();
        if !state.retired && state.is_idle() {
            state.retired = true;
            state.leave();
        }
        state.retired
    }

    /// Takes it out of use, with all that waits and every consumer.
    pub(super) fn end(&self, discarded: &mut Discarded) {
        self.state.lock().end(discarded);
    }

    /// Takes it out of use as [`end`](Self::end) does, unless somebody consumes from it or has something to settle, or
    /// `agreed` fails; whether it did.
    pub(super) fn end_unless_used(
        &self,
        discarded: &mut Discarded,
        agreed: impl FnOnce() -> anymq_api::Result<()>,
    ) -> anymq_api::Result<bool> {
        let mut state = self.state.lock();
        let unused = state.consumers.is_empty();
        if unused {
            agreed()?;
            state.end(discarded);
        }
        Ok(unused)
    }

    /// Whether a consumer is open.
    pub(super) fn is_consumed(&self) -> bool {
        self.state.lock().consumers.any_open()
    }

    /// A scan of what waits now.
    pub(super) fn scan(&self, selector: Option<Selector>) -> Scan {
        Scan::new(Weak::clone(&self.this), selector, self.state.lock().next_sequence)
    }
}

impl fmt::Debug for Queue {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Queue").finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::tests::recording::Inbox;

    #[test]
    fn a_retired_queue_takes_nothing() {
        let queue = Queue::new(&Services::for_tests(), Label::for_tests());
        let sink: Arc<dyn DeliverySink> = Arc::new(Inbox::default());
        let consumer = queue.attach(SubscriptionId(1), &sink, None).unwrap();
        assert!(!queue.retire_if_idle());
        assert!(queue.close(consumer, &mut Discarded::default()));
        assert!(queue.retire_if_idle());
        assert!(queue.inlet().is_none());
        assert!(queue.attach(SubscriptionId(1), &sink, None).is_none());
    }
}
