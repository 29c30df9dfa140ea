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
        self.reaches_down && self.answer == earlier.answer && self.tag > earlier.tag
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

    pub(crate) fn is_empty(&self) -> bool {
        self.entries.is_empty()
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

    /// One frame for all of `tags` (sorted) below the lowest that stays unsettled, and one for each tag above.
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
        let down = below.last().map(|&tag| Frame {
            answer,
            tag,
            count: below.len(),
            reaches_down: true,
        });
        down.into_iter().chain(above.iter().map(single)).collect()
    }
}

/// What settles some deliveries.
#[derive(Debug)]
pub(crate) struct Plan {
    pub(crate) tags: Vec<u64>,
    pub(crate) frames: Vec<Frame>,
}

#[cfg(test)]
mod tests {
    use super::*;

    const ONE: SubscriptionId = SubscriptionId(1);
    const TWO: SubscriptionId = SubscriptionId(2);

    fn received(tags: &[u64]) -> (Ledger, Arc<Window>) {
        let mut ledger = Ledger::default();
        let window = Arc::new(Window::new(3));
        for &tag in tags {
            ledger.receive(tag, ONE, &window);
        }
        (ledger, window)
    }

    fn settle(ledger: &mut Ledger, answer: Answer, tags: &[u64]) -> Vec<(u64, usize, bool)> {
        let frames = ledger.settle(answer, ONE, tags);
        frames.iter().map(|f| (f.tag, f.count, f.reaches_down)).collect()
    }

    #[test]
    fn a_prefix_is_one_frame_and_the_rest_are_single() {
        let (mut ledger, _) = received(&[1, 2, 3, 4, 5, 6]);
        let frames = settle(&mut ledger, Answer::Accept, &[6, 2, 1, 4]);
        assert_eq!(frames, [(2, 2, true), (4, 1, false), (6, 1, false)]);
        assert_eq!(settle(&mut ledger, Answer::Accept, &[3]), [(3, 1, true)]);
        assert_eq!(settle(&mut ledger, Answer::Accept, &[5]), [(5, 1, true)]);
        assert!(ledger.is_empty());
    }

    #[test]
    fn nothing_is_settled_twice_or_unseen() {
        let (mut ledger, _) = received(&[1, 2]);
        assert_eq!(settle(&mut ledger, Answer::Accept, &[2, 2, 7]), [(2, 1, false)]);
        assert!(settle(&mut ledger, Answer::Reject, &[2]).is_empty());
        assert!(ledger.settle(Answer::Accept, TWO, &[1]).is_empty());
    }

    #[test]
    fn an_unseen_tag_is_never_covered() {
        // Two consumers share a channel; the first one's delivery 2 has not been read yet.
        let mut ledger = Ledger::default();
        let window = Arc::new(Window::new(9));
        for tag in [1, 3, 4] {
            ledger.receive(tag, ONE, &window);
        }
        assert_eq!(
            settle(&mut ledger, Answer::Accept, &[1, 3, 4]),
            [(1, 1, true), (3, 1, false), (4, 1, false)]
        );
        ledger.receive(2, ONE, &window);
        ledger.receive(5, ONE, &window);
        assert_eq!(settle(&mut ledger, Answer::Accept, &[2, 5]), [(5, 2, true)]);
    }

    #[test]
    fn the_window_counts_what_the_broker_counts() {
        let (mut ledger, window) = received(&[1, 2]);
        assert!(!window.is_exhausted());
        ledger.receive(3, ONE, &window);
        assert!(window.is_exhausted());
        settle(&mut ledger, Answer::Accept, &[3]);
        assert!(!window.is_exhausted());
        assert_eq!(window.progress(), 1);
    }

    #[test]
    fn a_plan_settles_nothing_yet() {
        let (mut ledger, window) = received(&[1, 2, 3]);
        let plan = ledger.plan(Answer::Accept, [(ONE, 2), (ONE, 1), (TWO, 3), (ONE, 9)]);
        assert_eq!(plan.tags, [1, 2]);
        assert_eq!((plan.frames.len(), plan.frames[0].count), (1, 2));
        assert!(window.is_exhausted());
        ledger.remove(&plan.tags);
        assert!(!window.is_exhausted());
    }

    #[test]
    fn what_is_released_later_is_not_covered_before() {
        let (mut ledger, _) = received(&[1, 2, 3]);
        ledger.settle_later(Answer::Requeue, ONE, 1);
        ledger.settle_later(Answer::Requeue, TWO, 2);
        assert!(settle(&mut ledger, Answer::Accept, &[1]).is_empty());
        assert_eq!(
            settle(&mut ledger, Answer::Accept, &[2, 3]),
            [(2, 1, false), (3, 1, false)]
        );
        let frames = ledger.take_later();
        assert_eq!((frames[0].answer, frames[0].tag), (Answer::Requeue, 1));
        assert!(ledger.take_later().is_empty());
    }

    #[test]
    fn what_is_settled_later_is_not_held() {
        let (mut ledger, _) = received(&[1, 2]);
        ledger.settle_later(Answer::Requeue, ONE, 1);
        assert!(ledger.holds(ONE) && !ledger.holds(TWO));
        settle(&mut ledger, Answer::Accept, &[2]);
        assert!(!ledger.holds(ONE) && !ledger.is_empty());
    }

    #[test]
    fn what_is_kept_is_the_subscription_s_own_until_it_is_settled() {
        let (mut ledger, _) = received(&[1, 2]);
        let headers = anymq_api::Headers::new("queue:a".parse().unwrap());
        let delivered = Delivered {
            envelope: anymq_api::Envelope::new(headers, anymq_api::Message::empty()),
            count: 1,
        };
        for tag in [1, 2, 9] {
            ledger.keep(tag, delivered.clone());
        }
        assert!(ledger.kept(1, ONE).is_some() && ledger.kept(1, TWO).is_none());
        assert!(ledger.kept(9, ONE).is_none());
        settle(&mut ledger, Answer::Accept, &[1]);
        ledger.settle_later(Answer::Accept, ONE, 2);
        assert!(ledger.kept(1, ONE).is_none() && ledger.kept(2, ONE).is_none());
    }

    #[test]
    fn what_is_settled_later_keeps_its_answer() {
        let (mut ledger, _) = received(&[1, 2, 3, 4]);
        for (answer, tag) in [(Answer::Requeue, 1), (Answer::Reject, 2), (Answer::Accept, 3)] {
            ledger.settle_later(answer, ONE, tag);
        }
        ledger.settle_later(Answer::Requeue, ONE, 3);
        let frames = ledger.take_later();
        let said: Vec<_> = frames.iter().map(|f| (f.answer, f.tag, f.reaches_down)).collect();
        // Each reaches down only over what was settled before it.
        let expected = [
            (Answer::Accept, 3, false),
            (Answer::Reject, 2, false),
            (Answer::Requeue, 1, true),
        ];
        assert_eq!(said, expected);
        assert!(!ledger.is_empty());
    }

    #[test]
    fn neighbouring_frames_join_only_when_the_later_covers_the_earlier() {
        let frame = |answer, tag, reaches_down| Frame {
            answer,
            tag,
            count: 1,
            reaches_down,
        };
        let later = frame(Answer::Accept, 2, true);
        assert!(later.covers(&frame(Answer::Accept, 1, true)));
        assert!(!later.covers(&frame(Answer::Reject, 1, true)));
        assert!(!frame(Answer::Accept, 2, false).covers(&frame(Answer::Accept, 1, true)));
        assert_eq!(later.joined_with(&frame(Answer::Accept, 1, true)).count, 2);
    }
}
