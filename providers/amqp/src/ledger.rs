//! The unsettled deliveries of one channel: which tags may still go to the broker, and how few frames they need.

use std::{
    collections::{BTreeMap, BTreeSet},
    sync::{
        Arc,
        atomic::{AtomicU32, AtomicU64, Ordering},
    },
};

use anymq_api::spi::SubscriptionId;

use crate::dead_letters::Delivered;

/// What the broker counts for one consumer tag.
#[derive(Debug)]
pub(crate) struct Window {
    /// The most unsettled deliveries that the broker allows it.
    pub(crate) size: u32,
    unsettled: AtomicU32,
    settled: AtomicU64,
}

impl Window {
    pub(crate) fn new(size: u32) -> Self {
        Self {
            size,
            unsettled: AtomicU32::new(0),
            settled: AtomicU64::new(0),
        }
    }

    /// The broker sends nothing more before something is settled.
    pub(crate) fn is_exhausted(&self) -> bool {
        self.unsettled.load(Ordering::Acquire) >= self.size
    }

    /// How many were settled so far.
    pub(crate) fn progress(&self) -> u64 {
        self.settled.load(Ordering::Acquire)
    }

    fn receive(&self) {
        self.unsettled.fetch_add(1, Ordering::AcqRel);
    }

    fn settle(&self) {
        self.settled.fetch_add(1, Ordering::AcqRel);
        self.unsettled.fetch_sub(1, Ordering::AcqRel);
    }
}

/// How many deliveries one frame gives back at most: of more at a time, a quorum queue forgets the order.
const RETURNS: usize = 32;

/// How deliveries are settled at the broker.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Answer {
    Accept,
    Reject,
    Requeue,
}

/// One frame that settles deliveries.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Frame {
    pub(crate) answer: Answer,
    pub(crate) tag: u64,
    /// How many deliveries it stands for.
    pub(crate) count: usize,
    /// Every lower tag of the channel is settled by it or before it.
    pub(crate) reaches_down: bool,
}

impl Frame {
    /// Whether this frame says all that `earlier`, sent right before it, would say.
    pub(crate) fn covers(&self, earlier: &Self) -> bool {
        let joins = self.answer != Answer::Requeue;
        joins && self.reaches_down && self.answer == earlier.answer && self.tag > earlier.tag
    }

    /// This frame in the place of both.
    pub(crate) fn joined_with(self, earlier: &Self) -> Self {
        Self {
            count: self.count + earlier.count,
            ..self
        }
    }
}

#[derive(Debug)]
struct Entry {
    subscription: SubscriptionId,
    window: Arc<Window>,
    /// How it is settled when the transaction ends, whichever way.
    later: Option<Answer>,
    /// Where it may have to be published again.
    delivered: Option<Delivered>,
}

/// The unsettled deliveries of one channel.
#[derive(Debug, Default)]
pub(crate) struct Ledger {
    entries: BTreeMap<u64, Entry>,
    /// Every tag up to this one has been received.
    complete: u64,
    /// Received beyond that: consumers that share a channel are read one by one.
    ahead: BTreeSet<u64>,
}

impl Ledger {
    pub(crate) fn receive(&mut self, tag: u64, subscription: SubscriptionId, window: &Arc<Window>) {
        window.receive();
        let window = Arc::clone(window);
        let entry = Entry {
            subscription,
            window,
            later: None,
            delivered: None,
        };
        self.entries.insert(tag, entry);
        if tag != self.complete + 1 {
            self.ahead.insert(tag);
            return;
        }
        self.complete = tag;
        while self.ahead.remove(&(self.complete + 1)) {
            self.complete += 1;
        }
    }

    /// Keeps the message of a delivery for the case that it is given up.
    pub(crate) fn keep(&mut self, tag: u64, delivered: Delivered) {
        if let Some(entry) = self.entries.get_mut(&tag) {
            entry.delivered = Some(delivered);
        }
    }

    /// The message of an unsettled delivery, where it was kept.
    pub(crate) fn kept(&self, tag: u64, subscription: SubscriptionId) -> Option<Delivered> {
        let entry = self.entries.get(&tag)?;
        let delivered = entry.delivered.as_ref()?;
        (entry.subscription == subscription && entry.later.is_none()).then(|| delivered.clone())
    }

    /// The broker took them all back.
    pub(crate) fn clear(&mut self) {
        self.entries.clear();
    }

    /// Whether there is nothing that does not go back anyhow, at the end at the latest.
    pub(crate) fn only_returns(&self) -> bool {
        self.entries.values().all(|entry| entry.later == Some(Answer::Requeue))
    }

    /// Whether a subscription has unsettled deliveries, those aside that [wait for the end](Self::settle_later) of a
    /// transaction, however it ends.
    pub(crate) fn holds(&self, subscription: SubscriptionId) -> bool {
        let mut entries = self.entries.values();
        entries.any(|entry| entry.subscription == subscription && entry.later.is_none())
    }

    /// Settles those of `tags` that are unsettled deliveries of `subscription`; gives back the frames that say so.
    pub(crate) fn settle(&mut self, answer: Answer, subscription: SubscriptionId, tags: &[u64]) -> Vec<Frame> {
        let tokens = tags.iter().map(|tag| (subscription, *tag));
        let plan = self.plan(answer, tokens);
        self.remove(&plan.tags);
        plan.frames
    }

    /// What would settle those of `tokens` that are unsettled. Nothing is settled yet.
    pub(crate) fn plan(&self, answer: Answer, tokens: impl IntoIterator<Item = (SubscriptionId, u64)>) -> Plan {
        let unsettled = |&(subscription, tag): &(SubscriptionId, u64)| {
            let entry = self.entries.get(&tag);
            entry.is_some_and(|entry| entry.subscription == subscription && entry.later.is_none())
        };
        let mut tags: Vec<u64> = tokens.into_iter().filter(unsettled).map(|(_, tag)| tag).collect();
        tags.sort_unstable();
        tags.dedup();
        let frames = self.frames(answer, &tags);
        Plan { tags, frames }
    }

    /// The broker knows of it.
    pub(crate) fn remove(&mut self, tags: &[u64]) {
        for tag in tags {
            if let Some(entry) = self.entries.remove(tag) {
                entry.window.settle();
            }
        }
    }

    /// Keeps a delivery for [`take_later`](Self::take_later); the first answer stands.
    pub(crate) fn settle_later(&mut self, answer: Answer, subscription: SubscriptionId, tag: u64) {
        if let Some(entry) = self
            .entries
            .get_mut(&tag)
            .filter(|entry| entry.subscription == subscription)
        {
            entry.later.get_or_insert(answer);
        }
    }

    /// The frames for what [`settle_later`](Self::settle_later) kept, to be sent in this order.
    pub(crate) fn take_later(&mut self) -> Vec<Frame> {
        let mut frames = Vec::new();
        for answer in [Answer::Accept, Answer::Reject, Answer::Requeue] {
            let kept = self.entries.iter().filter(|(_, entry)| entry.later == Some(answer));
            let tags: Vec<_> = kept.map(|(tag, _)| *tag).collect();
            frames.append(&mut self.frames(answer, &tags));
            self.remove(&tags);
        }
        frames
    }

    /// One frame for all of `tags` (sorted) below the lowest that stays unsettled, or a few where they go back, and one
    /// for each tag above.
    fn frames(&self, answer: Answer, tags: &[u64]) -> Vec<Frame> {
        let stays = self.entries.keys().find(|tag| tags.binary_search(tag).is_err());
        let bound = stays.copied().unwrap_or(u64::MAX).min(self.complete + 1);
        let (below, above) = tags.split_at(tags.partition_point(|tag| *tag < bound));
        let single = |&tag: &u64| Frame {
            answer,
            tag,
            count: 1,
            reaches_down: false,
        };
        let most = if answer == Answer::Requeue { RETURNS } else { usize::MAX };
        let down = below.chunks(most).filter_map(|chunk| {
            let tag = *chunk.last()?;
            Some(Frame {
                answer,
                tag,
                count: chunk.len(),
                reaches_down: true,
            })
        });
        down.chain(above.iter().map(single)).collect()
    }
}

/// What settles some deliveries.
#[derive(Debug)]
pub(crate) struct Plan {
    pub(crate) tags: Vec<u64>,
    pub(crate) frames: Vec<Frame>,
}

#[cfg(test)]
mod tests;
