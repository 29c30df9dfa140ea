use std::{collections::VecDeque, sync::Arc};

use anymq_api::{
    Envelope, Selector,
    spi::{Delivery, DeliverySink, DeliveryToken, SubscriptionId},
};

use super::{
    accepted::Accepted,
    backlog::{Backlog, Marks},
    discarded::Discarded,
    entry::Entry,
    ring,
};

/// A connection has one link, which is lost at most once: when the broker is shut down.
pub(super) const EPOCH: u32 = 0;

/// A consumer of a queue: what it may still get, and what it got and has not settled.
pub(super) struct Consumer {
    subscription: SubscriptionId,
    /// None once it is closed.
    sink: Option<Arc<dyn DeliverySink>>,
    credit: u32,
    next_tag: u64,
    /// Sorted by tag. What is accepted may still stand here, until the next look.
    unsettled: VecDeque<(u64, Entry)>,
    accepted: Arc<Accepted>,
    /// For deliveries on their way, empty. Kept, as whatever is allocated in this size for a moment slows the allocator down for
    /// messages.
    lot: Vec<Delivery>,
    /// A store may know of what it holds.
    kept: bool,
    pub(super) selector: Option<Selector>,
    /// How far it has looked through what waits, when it does not take everything.
    pub(super) marks: Option<Box<Marks>>,
}

impl Consumer {
    pub(super) fn new(subscription: SubscriptionId, sink: Arc<dyn DeliverySink>, selector: Option<Selector>) -> Self {
        Self {
            subscription,
            sink: Some(sink),
            credit: 0,
            next_tag: 0,
            unsettled: VecDeque::new(),
            accepted: Arc::default(),
            lot: Vec::new(),
            kept: false,
            selector,
            marks: None,
        }
    }

    /// A store may know of what it will hold.
    pub(super) fn keep(&mut self) {
        self.kept = true;
    }

    pub(super) fn is_open(&self) -> bool {
        self.sink.is_some()
    }

    pub(super) fn accepted(&self) -> &Arc<Accepted> {
        &self.accepted
    }

    /// Closed, and nothing left to settle: nobody needs it any more.
    pub(super) fn is_done(&self) -> bool {
        !self.is_open() && self.unsettled.is_empty()
    }

    pub(super) fn credit(&self) -> u32 {
        self.credit
    }

    /// How often anything was delivered to it.
    pub(super) fn delivered(&self) -> u64 {
        self.next_tag
    }

    pub(super) fn unsettled(&self) -> usize {
        self.unsettled.len()
    }

    /// More credit; a closed consumer gets none.
    pub(super) fn grant(&mut self, credit: u32) {
        if self.is_open() {
            self.credit = self.credit.saturating_add(credit);
        }
    }

    pub(super) fn stop(&mut self) {
        self.credit = 0;
    }

    /// No more deliveries; gives the sink back to be dropped.
    pub(super) fn close(&mut self) -> Option<Arc<dyn DeliverySink>> {
        self.stop();
        self.sink.take()
    }

    /// Only called while there is credit.
    pub(super) fn deliver(&mut self, entry: Entry) {
        let (envelope, place) = self.hold(entry);
        let delivery = place.delivery(envelope);
        self.accepted.delivered(self.next_tag);
        if let Some(sink) = &self.sink {
            sink.push(delivery);
        }
    }

    /// As much of what waits as there is credit for.
    pub(super) fn deliver_all(&mut self, waiting: &mut Backlog) {
        let mut lot = std::mem::take(&mut self.lot);
        waiting.pop_many(self.credit as usize, |entry| {
            let (envelope, place) = self.hold(entry);
            ring::push(&mut lot, || place.delivery(envelope));
        });
        self.accepted.delivered(self.next_tag);
        match &self.sink {
            Some(sink) => sink.push_all(&mut lot),
            None => self.stop(),
        }
        self.lot = lot;
    }

    /// An entry is on its way to the application.
    #[inline]
    fn hold(&mut self, entry: Entry) -> (Envelope, Place) {
        let tag = self.next_tag;
        self.next_tag += 1;
        self.credit = self.credit.saturating_sub(1);
        let place = Place {
            subscription: self.subscription,
            tag,
            deliveries: entry.deliveries,
        };
        let envelope = entry.envelope.clone();
        ring::push_back(&mut self.unsettled, || (tag, entry));
        (envelope, place)
    }

    /// Drops what is accepted; to be called before anything else is done with what is unsettled.
    pub(super) fn sweep(&mut self, discarded: &mut Discarded) {
        let next = self.accepted.next();
        let count = self.unsettled.partition_point(|(tag, _)| *tag < next);
        if count > 0 {
            let accepted = self.unsettled.drain(..count).map(|(_, entry)| entry);
            if self.kept {
                discarded.add_all(accepted);
            } else {
                discarded.add_envelopes(accepted.map(|entry| entry.envelope));
            }
            self.note_oldest();
        }
    }

    /// What was taken out is no longer waited for.
    pub(super) fn note_oldest(&self) {
        let oldest = self.unsettled.front().map_or(self.next_tag, |(tag, _)| *tag);
        self.accepted.advance(oldest);
    }

    /// Takes an entry out if no other is there; the caller is the one that notes what is accepted.
    pub(super) fn take_only(&mut self, tag: u64) -> Option<Entry> {
        if self.unsettled.len() != 1 || self.unsettled.front().is_some_and(|(only, _)| *only != tag) {
            return None;
        }
        self.accepted.note_last(tag);
        self.unsettled.pop_front().map(|(_, entry)| entry)
    }

    /// Takes an unsettled entry out; the oldest, which is the usual one, at once.
    pub(super) fn take(&mut self, tag: u64) -> Option<Entry> {
        if self.unsettled.front().is_some_and(|(oldest, _)| *oldest == tag) {
            return self.unsettled.pop_front().map(|(_, entry)| entry);
        }
        let index = self.unsettled.binary_search_by_key(&tag, |(tag, _)| *tag).ok()?;
        self.unsettled.remove(index).map(|(_, entry)| entry)
    }

    /// An unsettled entry.
    pub(super) fn unsettled_entry(&mut self, tag: u64) -> Option<&mut Entry> {
        let index = self.unsettled.binary_search_by_key(&tag, |(tag, _)| *tag).ok()?;
        self.unsettled.get_mut(index).map(|(_, entry)| entry)
    }

    pub(super) fn take_all(&mut self) -> impl Iterator<Item = Entry> + use<> {
        std::mem::take(&mut self.unsettled).into_iter().map(|(_, entry)| entry)
    }
}

/// What a delivery is made of beside its message; joined where it is to be.
#[derive(Clone, Copy)]
struct Place {
    subscription: SubscriptionId,
    tag: u64,
    /// Before this one.
    deliveries: u32,
}

impl Place {
    #[inline]
    fn delivery(self, envelope: Envelope) -> Delivery {
        Delivery {
            envelope,
            token: DeliveryToken {
                epoch: EPOCH,
                subscription: self.subscription,
                tag: self.tag,
            },
            redelivered: self.deliveries > 0,
            count: self.deliveries.saturating_add(1),
            local: false,
        }
    }
}
