use std::sync::Arc;

use anymq_api::{
    Envelope, Selector, Timestamp,
    spi::{DeliverySink, SubscriptionId},
};

use crate::broker::{
    backlog::Backlog,
    bounds::Bounds,
    consumer::Consumer,
    consumers::{ConsumerKey, Consumers},
    dead_letters::{GivenUp, Reason},
    delayed::Delayed,
    discarded::Discarded,
    entry::Entry,
    groups::{Group, Groups},
    services::Services,
};

use super::{figures::Counts, journal::Journal};

/// What a queue's lock guards.
#[derive(Default)]
pub(super) struct State {
    pub(super) backlog: Backlog,
    pub(super) delayed: Delayed,
    pub(super) consumers: Consumers,
    pub(super) next_sequence: u64,
    /// Out of use: it takes no message and no consumer any more, and what is released is dropped.
    pub(super) retired: bool,
    /// When it will be woken at the latest.
    pub(super) armed: Option<Timestamp>,
    /// Not every consumer may get every message: there is a selector, or there are groups.
    picky: bool,
    groups: Groups,
    /// None when it is not limited.
    pub(super) bounds: Option<Box<Bounds>>,
    /// Dropped for new ones, on their way to the dead letters.
    pub(super) overflow: Vec<GivenUp>,
    /// None where no store keeps it.
    pub(super) journal: Option<Box<Journal>>,
    pub(super) counts: Counts,
}

impl State {
    pub(super) fn is_idle(&self) -> bool {
        self.backlog.is_empty() && self.delayed.is_empty() && self.consumers.is_empty()
    }

    pub(super) fn attach(
        &mut self,
        subscription: SubscriptionId,
        sink: Arc<dyn DeliverySink>,
        selector: Option<Selector>,
    ) -> ConsumerKey {
        self.picky |= selector.is_some();
        let key = self.consumers.add(subscription, sink, selector);
        if self.journal.is_some() {
            self.consumers.get_mut(key).into_iter().for_each(Consumer::keep);
        }
        key
    }

    /// A message that may be delivered at once.
    #[inline]
    pub(super) fn put(&mut self, envelope: Envelope, stored: bool) {
        let entry = self.new_entry(envelope, stored);
        self.give(entry);
    }

    #[inline]
    fn new_entry(&mut self, envelope: Envelope, stored: bool) -> Entry {
        let sequence = self.next_sequence;
        self.next_sequence += 1;
        Entry {
            sequence,
            envelope,
            deliveries: 0,
            stored,
        }
    }

    /// To a consumer, or behind what waits.
    #[inline]
    fn give(&mut self, entry: Entry) {
        if self.picky || Group::may_have(&entry.envelope) {
            self.give_fitting(entry);
        } else {
            self.give_next(entry);
        }
    }

    #[inline]
    fn give_next(&mut self, entry: Entry) {
        // Nobody has credit while something waits.
        match self.consumers.next() {
            Some(consumer) => consumer.deliver(entry),
            None => self.append(entry),
        }
    }

    /// As [`give`](Self::give), where not everybody may have it.
    #[inline(never)]
    fn give_fitting(&mut self, entry: Entry) {
        let group = Group::of(&entry.envelope);
        if group.is_some() {
            self.expect_groups();
        }
        if self.picky {
            self.put_picky(entry, group);
        } else {
            self.give_next(entry);
        }
    }

    /// There is a message of a group.
    pub(super) fn expect_groups(&mut self) {
        self.groups.note();
        self.picky = true;
    }

    fn put_picky(&mut self, entry: Entry, group: Option<Group>) {
        let groups = &self.groups;
        let taker = self
            .consumers
            .next_where(|key, consumer| wants(consumer, &entry.envelope) && groups.admit(group, key));
        match taker {
            Some((key, consumer)) => {
                consumer.deliver(entry);
                self.groups.assign(group, key);
            }
            None => self.append(entry),
        }
    }

    pub(super) fn delay(&mut self, due: Timestamp, envelope: Envelope, stored: bool) {
        let entry = self.new_entry(envelope, stored);
        self.delayed.insert(due, entry);
        if self.bounds.is_some() {
            self.press();
        }
    }

    /// What is due by `now` takes its place among the others; what has expired leaves.
    pub(super) fn mature(&mut self, now: Timestamp, discarded: &mut Discarded) {
        while let Some(mut entry) = self.delayed.take_due(now) {
            if entry.expiration().is_some_and(|at| at <= now) {
                self.counts.expired += 1;
                discarded.add(entry);
                continue;
            }
            let before = std::mem::replace(&mut entry.sequence, self.next_sequence);
            self.next_sequence += 1;
            self.journal
                .iter_mut()
                .for_each(|journal| journal.moved(before, &entry));
            self.give(entry);
        }
        self.drop_expired(now, discarded);
    }

    fn drop_expired(&mut self, now: Timestamp, discarded: &mut Discarded) {
        let expired = self.backlog.take_expired(now);
        self.counts.expired += expired.len() as u64;
        discarded.add_all(expired);
    }

    /// When the next delayed message falls due or the next waiting one expires.
    pub(super) fn next_time(&self) -> Option<Timestamp> {
        let expiration = self.backlog.next_expiration();
        (self.delayed.next_time().into_iter()).chain(expiration).min()
    }

    /// Gives out what waits, as far as there is credit.
    pub(super) fn dispatch(&mut self, services: &Services, discarded: &mut Discarded) {
        if let Some(expiration) = self.backlog.next_expiration() {
            let now = services.timer.now();
            if expiration <= now {
                self.drop_expired(now, discarded);
            }
        }
        if self.picky {
            self.dispatch_picky();
        } else {
            self.dispatch_plain();
        }
        self.relieve();
    }

    fn dispatch_plain(&mut self) {
        while !self.backlog.is_empty() {
            if self.consumers.serve_only(&mut self.backlog) {
                continue;
            }
            let Some(consumer) = self.consumers.next() else { return };
            if let Some(entry) = self.backlog.pop() {
                consumer.deliver(entry);
            }
        }
    }

    /// One message to each in turn, until nobody with credit is left that any of them suits.
    fn dispatch_picky(&mut self) {
        let mut without = 0;
        while !self.backlog.is_empty() && without < self.consumers.waiting() {
            let Some(key) = self.consumers.rotate() else { return };
            let Some(consumer) = self.consumers.get_mut(key) else {
                return;
            };
            match take_for(&mut self.backlog, &self.groups, self.next_sequence, key, consumer) {
                Some(entry) => {
                    self.groups.assign(Group::of(&entry.envelope), key);
                    consumer.deliver(entry);
                    without = 0;
                }
                None => without += 1,
            }
        }
    }

    /// On the way to the dead letters.
    pub(super) fn give_up(&mut self, rejected: Vec<(Entry, Reason)>, discarded: &mut Discarded) {
        for (entry, reason) in rejected {
            self.counts.rejected += 1;
            let leaving = self.removal(&entry);
            discarded.reject(GivenUp { entry, reason, leaving });
        }
    }

    /// Into their old places; whoever has looked past those looks again.
    pub(super) fn put_back(&mut self, released: Vec<Entry>, discarded: &mut Discarded) {
        if self.retired {
            // A store keeps it: the queue of a broker that was shut down is gone for now only.
            self.record(discarded);
            discarded.add_all(released);
            discarded.recorded();
            return;
        }
        for (_, consumer) in self.consumers.iter_mut() {
            let Consumer { selector, marks, .. } = consumer;
            let Some(marks) = marks else { continue };
            for entry in &released {
                if selector
                    .as_ref()
                    .is_none_or(|selector| selector.matches(&entry.envelope))
                {
                    marks.lower(entry.level(), entry.sequence);
                }
            }
        }
        self.backlog.put_back(released);
    }

    /// The groups of a closed consumer are anybody's, so everybody looks again.
    pub(super) fn free_groups(&mut self, closed: ConsumerKey) {
        if self.groups.any() {
            self.groups.release(closed);
            self.consumers
                .iter_mut()
                .for_each(|(_, consumer)| consumer.marks = None);
        }
    }

    pub(super) fn end(&mut self, discarded: &mut Discarded) {
        self.retired = true;
        self.bounds.iter_mut().for_each(|bounds| bounds.end());
        for sink in self.consumers.close_all(discarded) {
            discarded.add_sink(Some(sink));
        }
        self.record(discarded);
        self.leave();
        // A store keeps what waits until the next broker begins, or forgets it with the subscription.
        discarded.add_all(self.backlog.take_all());
        discarded.add_all(self.delayed.take_all());
        discarded.recorded();
    }
}

fn wants(consumer: &Consumer, envelope: &Envelope) -> bool {
    (consumer.selector.as_ref()).is_none_or(|selector| selector.matches(envelope))
}

/// The first waiting message that this consumer may get.
fn take_for(
    backlog: &mut Backlog,
    groups: &Groups,
    end: u64,
    key: ConsumerKey,
    consumer: &mut Consumer,
) -> Option<Entry> {
    if consumer.selector.is_none() && !groups.any() {
        return backlog.pop();
    }
    let Consumer { selector, marks, .. } = consumer;
    backlog.take_next(marks.get_or_insert_default(), end, |waiting| {
        let wanted = selector
            .as_ref()
            .is_none_or(|selector| selector.matches(waiting.envelope));
        wanted && (!groups.any() || groups.admit(Group::of(waiting.envelope), key))
    })
}
