use std::{fmt, sync::Arc};

use anymq_api::{
    Envelope,
    spi::{DeliverySink, Outcome, SubscriptionId},
};
use parking_lot::{Mutex, MutexGuard};

use super::{
    BrokerStats,
    backlog::Backlog,
    consumers::{ConsumerKey, Consumers},
    discarded::Discarded,
    entry::Entry,
};

/// A queue: a named one, a temporary one, or that of one subscription to a topic.
///
/// Whenever its lock is free, either nothing waits or no consumer has credit.
#[derive(Default)]
pub(crate) struct Queue {
    state: Mutex<State>,
}

#[derive(Default)]
struct State {
    backlog: Backlog,
    consumers: Consumers,
    next_sequence: u64,
    /// Out of use: it takes no message and no consumer any more, and what is released is dropped.
    retired: bool,
}

impl Queue {
    /// Locks it for sending; `None` when it is retired.
    pub(super) fn inlet(&self) -> Option<QueueInlet<'_>> {
        let state = self.state.lock();
        (!state.retired).then_some(QueueInlet(state))
    }

    /// Puts one message in; gives it back when the queue is retired.
    pub(super) fn put(&self, envelope: Arc<Envelope>) -> Result<(), Arc<Envelope>> {
        match self.inlet() {
            Some(mut inlet) => inlet.put(envelope),
            None => return Err(envelope),
        }
        Ok(())
    }

    /// A new consumer without credit; `None` when the queue is retired.
    pub(super) fn attach(&self, subscription: SubscriptionId, sink: &Arc<dyn DeliverySink>) -> Option<ConsumerKey> {
        let mut state = self.state.lock();
        (!state.retired).then(|| state.consumers.add(subscription, Arc::clone(sink)))
    }

    pub(crate) fn grant(&self, consumer: ConsumerKey, credit: u32) {
        let mut state = self.state.lock();
        state.consumers.grant(consumer, credit);
        state.dispatch();
    }

    pub(crate) fn stop(&self, consumer: ConsumerKey) {
        if let Some(consumer) = self.state.lock().consumers.get_mut(consumer) {
            consumer.stop();
        }
    }

    /// Closes a consumer; what it has not settled it may still settle. Whether nothing is left of it.
    pub(super) fn close(&self, consumer: ConsumerKey, discarded: &mut Discarded) -> bool {
        let mut state = self.state.lock();
        let Some(open) = state.consumers.get_mut(consumer) else {
            return true;
        };
        discarded.add_sink(open.close());
        state.consumers.remove_done(consumer)
    }

    /// Accepts one delivery of an open consumer and gives its message, to be dropped; none when the tag is unknown.
    /// `Err` when the queue is busy, or there is more to do as the consumer was closed.
    pub(super) fn try_accept(&self, consumer: ConsumerKey, tag: u64) -> Result<Option<Arc<Envelope>>, NotNow> {
        let mut state = self.state.try_lock().ok_or(NotNow)?;
        let holder = state.consumers.get_mut(consumer).filter(|holder| holder.is_open());
        Ok(holder.ok_or(NotNow)?.take(tag).map(|entry| entry.envelope))
    }

    /// Accepts deliveries of one consumer; tags it does not know are passed over. Whether nothing is left of it; `None`
    /// when the queue is busy and the caller `patient`.
    pub(super) fn accept(
        &self,
        consumer: ConsumerKey,
        tags: &[u64],
        patient: bool,
        discarded: &mut Discarded,
    ) -> Option<bool> {
        let mut state = if patient {
            self.state.try_lock()?
        } else {
            self.state.lock()
        };
        let Some(holder) = state.consumers.get_mut(consumer) else {
            return Some(true);
        };
        for &tag in tags {
            if let Some(entry) = holder.take(tag) {
                discarded.add(entry);
            }
        }
        Some(holder.is_done() && state.consumers.remove_done(consumer))
    }

    /// Settles deliveries of one consumer; tags it does not know are passed over. Whether nothing is left of it.
    pub(super) fn settle(
        &self,
        consumer: ConsumerKey,
        settlements: impl Iterator<Item = (u64, Outcome)>,
        discarded: &mut Discarded,
    ) -> bool {
        let mut state = self.state.lock();
        let Some(holder) = state.consumers.get_mut(consumer) else {
            return true;
        };
        let mut released = Vec::new();
        for (tag, outcome) in settlements {
            let Some(entry) = holder.take(tag) else { continue };
            match outcome {
                // There are no dead letters yet: what is given up is dropped.
                Outcome::Accept | Outcome::Reject { .. } => discarded.add(entry),
                Outcome::Release { attempts } => released.push(attempted(entry, attempts)),
            }
        }
        let gone = holder.is_done() && state.consumers.remove_done(consumer);
        if !released.is_empty() {
            state.put_back(released, discarded);
        }
        gone
    }

    /// Releases all that a closed consumer has not settled, and forgets it. They count as handed to the application
    /// once: nobody says whether they were, and one flag too many is better than one too few.
    pub(super) fn release_all(&self, consumer: ConsumerKey, discarded: &mut Discarded) {
        let mut state = self.state.lock();
        let Some(holder) = state.consumers.get_mut(consumer) else {
            return;
        };
        let released = holder.take_all().map(|entry| attempted(entry, 1)).collect();
        state.consumers.remove_done(consumer);
        state.put_back(released, discarded);
    }

    /// Takes it out of use if it has neither messages nor consumers.
    pub(super) fn retire_if_idle(&self) -> bool {
        let mut state = self.state.lock();
        state.retired |= state.backlog.is_empty() && state.consumers.is_empty();
        state.retired
    }

    /// Takes it out of use, with all that waits and every consumer.
    pub(super) fn end(&self, discarded: &mut Discarded) {
        let mut state = self.state.lock();
        state.retired = true;
        discarded.add_all(state.backlog.take_all());
        for sink in state.consumers.close_all() {
            discarded.add_sink(Some(sink));
        }
    }

    pub(super) fn ready(&self) -> usize {
        self.state.lock().backlog.len()
    }

    pub(super) fn count_consumer(&self, consumer: ConsumerKey, stats: &mut BrokerStats) {
        if let Some(consumer) = self.state.lock().consumers.get(consumer) {
            stats.consumers += usize::from(consumer.is_open());
            stats.unsettled += consumer.unsettled();
        }
    }
}

/// What cannot be done in passing.
pub(super) struct NotNow;

impl State {
    /// Gives out what waits, as far as there is credit.
    fn dispatch(&mut self) {
        while !self.backlog.is_empty() {
            let Some(consumer) = self.consumers.next() else { return };
            if let Some(entry) = self.backlog.pop() {
                consumer.deliver(entry);
            }
        }
    }

    fn put_back(&mut self, released: Vec<Entry>, discarded: &mut Discarded) {
        if self.retired {
            discarded.add_all(released);
        } else {
            self.backlog.put_back(released);
            self.dispatch();
        }
    }
}

fn attempted(mut entry: Entry, attempts: u32) -> Entry {
    entry.deliveries = entry.deliveries.saturating_add(attempts);
    entry
}

/// A queue that is locked for sending: what is put in by one of these stands in one piece.
pub(super) struct QueueInlet<'a>(MutexGuard<'a, State>);

impl QueueInlet<'_> {
    pub(super) fn put(&mut self, envelope: Arc<Envelope>) {
        let state = &mut *self.0;
        let entry = Entry {
            sequence: state.next_sequence,
            envelope,
            deliveries: 0,
        };
        state.next_sequence += 1;
        // Nobody has credit while something waits.
        match state.consumers.next() {
            Some(consumer) => consumer.deliver(entry),
            None => state.backlog.append(entry),
        }
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
        let queue = Queue::default();
        let sink: Arc<dyn DeliverySink> = Arc::new(Inbox::default());
        let consumer = queue.attach(SubscriptionId(1), &sink).unwrap();
        assert!(!queue.retire_if_idle());
        assert!(queue.close(consumer, &mut Discarded::default()));
        assert!(queue.retire_if_idle());
        assert!(queue.inlet().is_none());
        assert!(queue.attach(SubscriptionId(1), &sink).is_none());
    }
}
