//! The judgement: what was sent must arrive, and nothing twice without a reason.

mod book;
mod entry;
mod replies;

use std::{sync::Arc, time::Duration};

use parking_lot::Mutex;
use tokio::time::Instant;

use super::Script;
use book::{Book, Times};
pub use book::{Received, Rules};
pub use entry::{Payload, Settled};
use replies::Replies;

/// What is remembered of breaches; the rest is counted.
const MOST: usize = 20;

/// Judges one run, while it goes on.
///
/// A *stream* is what one queue, or one subscription to a topic, delivers. The rules of each:
///
/// * what is confirmed is received at least once;
/// * without a flag it is received once for each send of it that may have arrived, where the provider declares flags;
/// * it comes again only when there was an outage since, and it was not known to be settled before, or was among the
///   last that were handed over before; but what a lost link delivered may still be handed over until its consumer knows;
/// * it is settled once;
/// * nothing is flagged before the first outage;
/// * what was sent once and came unflagged comes in the order of its sender, where a stream has one consumer; and after an
///   outage where the harness says that order outlives one.
///
/// *Requests* ask for a reply at a temporary destination. A reply comes only to who asked for it; and at the end, as after
/// each outage, everybody gets one to a request that was sent after the last link had come back.
#[derive(Debug)]
pub struct Oracle {
    script: Arc<Script>,
    books: Vec<Mutex<Book>>,
    replies: Mutex<Replies>,
    breaches: Mutex<Breaches>,
    /// The latest receipt.
    latest: Mutex<Instant>,
}

#[derive(Debug, Default)]
struct Breaches {
    texts: Vec<String>,
    count: u64,
}

impl Oracle {
    /// Judges streams by these rules; they are numbered in their order.
    pub fn new(script: Arc<Script>, streams: impl IntoIterator<Item = Rules>) -> Self {
        Self {
            script,
            books: streams.into_iter().map(|rules| Mutex::new(Book::new(rules))).collect(),
            replies: Mutex::default(),
            breaches: Mutex::default(),
            latest: Mutex::new(Instant::now()),
        }
    }

    fn each(&self, streams: &[usize], mut change: impl FnMut(&mut Book)) {
        for book in streams.iter().filter_map(|&stream| self.books.get(stream)) {
            change(&mut book.lock());
        }
    }

    /// A send to what feeds these streams begins.
    pub fn attempt(&self, streams: &[usize], payload: Payload) {
        self.each(streams, |book| book.attempt(payload));
    }

    /// The broker has taken what the attempt sent.
    pub fn confirmed(&self, streams: &[usize], payload: Payload) {
        self.each(streams, |book| book.confirmed(payload));
    }

    /// The attempt came to nothing, for certain.
    pub fn refuted(&self, streams: &[usize], payload: Payload) {
        self.each(streams, |book| book.refuted(payload));
    }

    /// A consumer was handed a message.
    pub fn received(&self, stream: usize, received: &Received) {
        self.script.delivered();
        *self.latest.lock() = Instant::now();
        let Some(book) = self.books.get(stream) else {
            return;
        };
        let times = Times {
            epoch: self.script.epoch(),
            outages: self.script.outages(),
            calm: self.script.is_calm(),
        };
        if let Err(breach) = book.lock().received(received, times) {
            self.breach(breach);
        }
    }

    /// The consumer is done with it, as far as it knows.
    pub fn settled(&self, stream: usize, payload: Payload, settled: Settled) {
        let epoch = self.script.epoch();
        let Some(book) = self.books.get(stream) else {
            return;
        };
        let judgement = book.lock().settled(payload, settled, epoch);
        if let Err(breach) = judgement {
            self.breach(breach);
        }
    }

    /// Somebody is going to ask for replies.
    pub fn enroll(&self, asker: u16) {
        self.replies.lock().enroll(asker);
    }

    /// A request is about to be sent.
    pub fn asked(&self, request: Payload) {
        self.replies.lock().asked(request);
    }

    /// A reply came to who sent `request` in this epoch. Gives whether it is the reply to that, and not to an older one.
    pub fn replied(&self, reply: Payload, request: Payload, epoch: u64) -> bool {
        let judgement = self.replies.lock().replied(reply, request, epoch);
        judgement.unwrap_or_else(|breach| {
            self.breach(breach);
            false
        })
    }

    /// Whether all who ask got a reply to a request that was sent since a link last came or went.
    pub fn are_served(&self) -> bool {
        self.replies.lock().are_served(self.script.epoch())
    }

    /// How many replies came.
    pub fn replies(&self) -> u64 {
        self.replies.lock().count()
    }

    /// Something that must not be.
    pub fn breach(&self, what: impl Into<String>) {
        let mut breaches = self.breaches.lock();
        breaches.count += 1;
        if breaches.texts.len() < MOST {
            breaches.texts.push(what.into());
        }
    }

    /// How many breaches there are.
    pub fn breaches(&self) -> u64 {
        self.breaches.lock().count
    }

    /// The first of them.
    pub fn texts(&self) -> Vec<String> {
        self.breaches.lock().texts.clone()
    }

    /// How many confirmed messages have not come yet, in all streams.
    pub fn missing(&self) -> usize {
        self.books.iter().map(|book| book.lock().missing()).sum()
    }

    /// What is confirmed and has not come, of each stream where there is any.
    pub fn lost(&self) -> Vec<String> {
        self.books.iter().filter_map(|book| book.lock().lost()).collect()
    }

    /// How many messages were confirmed in the first stream and have not come in the second, to which they are passed on.
    pub fn unrelayed(&self, from: usize, to: usize) -> usize {
        self.lost_between(from, to).len()
    }

    fn lost_between(&self, from: usize, to: usize) -> Vec<Payload> {
        let (Some(from), Some(to)) = (self.books.get(from), self.books.get(to)) else {
            return Vec::new();
        };
        let confirmed = from.lock().confirmed_ones();
        let to = to.lock();
        confirmed
            .into_iter()
            .filter(|payload| !to.has_received(*payload))
            .collect()
    }

    /// How long nothing was received.
    pub fn quiet(&self) -> Duration {
        self.latest.lock().elapsed()
    }

    /// How many messages were handed over, repetitions included.
    pub fn receipts(&self) -> u64 {
        self.books.iter().map(|book| book.lock().receipts()).sum()
    }

    /// How many of them had come before.
    pub fn repetitions(&self) -> u64 {
        self.books.iter().map(|book| book.lock().repetitions()).sum()
    }

    /// How many messages were confirmed.
    pub fn sent(&self) -> u64 {
        self.books.iter().map(|book| book.lock().sent()).sum()
    }

    /// At the end: what is confirmed and did not come is lost.
    pub fn close(&self, relays: &[(usize, usize)]) {
        for lost in self.lost() {
            self.breach(lost);
        }
        for &(from, to) in relays {
            let lost = self.lost_between(from, to);
            if let Some(first) = lost.first() {
                let count = lost.len();
                self.breach(format!(
                    "{count} messages were lost on their way through a relay, {first} first"
                ));
            }
        }
    }

    /// Forgets what is long over, for runs without an end.
    pub fn prune(&self, keep: u32) {
        for book in &self.books {
            book.lock().prune(keep);
        }
    }
}

#[cfg(test)]
mod tests;
