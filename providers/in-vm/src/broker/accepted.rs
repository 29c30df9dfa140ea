use std::sync::atomic::{AtomicU64, Ordering};

use anymq_api::{Body, Message};

/// How far a consumer's deliveries are accepted. Shared by the consumer, which stands under the queue's lock, and its
/// subscription, which notes here without that lock what the application has got; the queue drops those messages at
/// its next look. Tags are given out in order.
#[derive(Debug, Default)]
pub(super) struct Accepted {
    /// The oldest that is not accepted.
    next: AtomicU64,
    /// The next to be given out; written under the queue's lock.
    delivered: AtomicU64,
}

/// What may wait for the queue's next look.
const SMALL: usize = 1024;

/// What became of a note.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Noted {
    Accepted,
    /// Nothing else is under way, so the queue may have no reason to look for long: it is told at once.
    Last,
    /// It is not the oldest, or large.
    Not,
}

impl Accepted {
    /// Called in the order of the tags, one at a time.
    pub(super) fn note(&self, tag: u64, message: &Message) -> Noted {
        if self.next.load(Ordering::Relaxed) != tag || !is_small(message) {
            return Noted::Not;
        }
        if self.delivered.load(Ordering::Acquire) == tag + 1 {
            return Noted::Last;
        }
        self.next.store(tag + 1, Ordering::Release);
        Noted::Accepted
    }

    /// Under the queue's lock, by the one that calls [`note`](Self::note).
    pub(super) fn note_last(&self, tag: u64) {
        self.next.store(tag + 1, Ordering::Release);
    }

    /// All below this are accepted.
    pub(super) fn next(&self) -> u64 {
        self.next.load(Ordering::Acquire)
    }

    /// Under the queue's lock: none below this is left.
    pub(super) fn advance(&self, oldest: u64) {
        self.next.fetch_max(oldest, Ordering::AcqRel);
    }

    /// Under the queue's lock.
    pub(super) fn delivered(&self, next_tag: u64) {
        self.delivered.store(next_tag, Ordering::Release);
    }
}

fn is_small(message: &Message) -> bool {
    match message.body() {
        Body::Empty => true,
        Body::Text(text) => text.len() <= SMALL,
        Body::Bytes(bytes) => bytes.len() <= SMALL,
        Body::Map(_) | Body::Stream(_) => false,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_oldest_is_noted_and_the_last_is_not_left_lying() {
        let (accepted, small) = (Accepted::default(), Message::empty());
        accepted.delivered(3);
        assert_eq!(accepted.note(1, &small), Noted::Not);
        assert_eq!(accepted.note(0, &small), Noted::Accepted);
        assert_eq!(accepted.note(1, &Message::bytes(vec![0; SMALL + 1])), Noted::Not);
        accepted.advance(2);
        assert_eq!(accepted.note(2, &small), Noted::Last);
        assert_eq!(accepted.next(), 2);
    }
}
