//! The rules, done the simple way: lists and linear scans.

use std::collections::VecDeque;

use super::{
    op::{DEAD_LETTERS, Mode, Place, QUEUES, Send},
    store::{Entry, Store},
    subscribing::Key,
};

/// A named subscription, or one consumer's own.
#[derive(Clone, Debug)]
pub(crate) struct Subscription {
    pub(crate) store: usize,
    pub(crate) topic: usize,
    pub(crate) selector: usize,
    /// The connection whose publications it leaves out.
    pub(crate) no_local: Option<usize>,
    pub(crate) key: Option<Key>,
    pub(crate) shared: bool,
}

/// An open consumer.
#[derive(Clone, Debug)]
pub(crate) struct Seat {
    pub(crate) id: u64,
    pub(crate) session: usize,
    pub(crate) store: usize,
    pub(crate) selector: usize,
    pub(crate) prefetch: u32,
    /// What comes again, and behind it what was delivered ahead and looked at.
    pub(crate) inbox: VecDeque<Entry>,
    /// Delivered ahead since.
    pub(crate) landed: VecDeque<Entry>,
    pub(crate) credit: u32,
    /// Something has expired that it may have been delivered ahead: then it may find nothing once.
    pub(crate) doubt: bool,
    /// The groups that it got messages of.
    pub(crate) groups: Vec<usize>,
}

/// Handed to the application, and not settled.
#[derive(Clone, Debug)]
pub(crate) struct Held {
    pub(crate) consumer: u64,
    pub(crate) store: usize,
    pub(crate) entry: Entry,
}

#[derive(Debug)]
pub(crate) struct SessionState {
    pub(crate) mode: Mode,
    pub(crate) held: Vec<Held>,
    /// Accepted, and the broker does not know: dups-ok.
    pub(crate) lazy: Vec<Held>,
    pub(crate) sends: Vec<(Place, Entry)>,
}

#[derive(Debug)]
pub(crate) struct Model {
    /// Whether one consumer at most uses each store at a time. Then it is certain what it was delivered ahead, which is
    /// simulated; otherwise what is ahead counts as waiting.
    pub(crate) exact: bool,
    pub(crate) now: i64,
    pub(crate) started: Vec<bool>,
    pub(crate) stores: Vec<Store>,
    pub(crate) subscriptions: Vec<Subscription>,
    pub(crate) seats: Vec<Option<Seat>>,
    pub(crate) sessions: Vec<Option<SessionState>>,
    pub(crate) last_consumer: u64,
    /// How often each connection delivers a message at most.
    pub(crate) limits: Vec<Option<u32>>,
}

impl Model {
    pub(crate) fn send(&mut self, client: usize, to: Place, entry: &Entry) {
        match to {
            Place::Queue(queue) => self.put_or_delay(queue, entry.clone()),
            Place::Topic(topic) => {
                let wants = |known: &&Subscription| {
                    known.topic == topic && known.no_local != Some(client) && entry.suits(known.selector)
                };
                let stores: Vec<_> = self
                    .subscriptions
                    .iter()
                    .filter(wants)
                    .map(|known| known.store)
                    .collect();
                for store in stores {
                    self.put_or_delay(store, entry.clone());
                }
            }
        }
    }

    fn put_or_delay(&mut self, store: usize, entry: Entry) {
        if entry.due > self.now {
            self.stores[store].delay(entry);
        } else {
            self.put(store, entry);
        }
    }

    fn put(&mut self, store: usize, entry: Entry) {
        let entry = self.stores[store].place(entry);
        match self.creditor(store).filter(|seat| entry.suits(seat.selector)) {
            Some(seat) => seat.land(entry),
            None => self.stores[store].waiting.push(entry),
        }
    }

    fn creditor(&mut self, store: usize) -> Option<&mut Seat> {
        let mut seats = self.seats.iter_mut().flatten();
        seats.find(|seat| seat.store == store && seat.credit > 0)
    }

    pub(crate) fn purge(&mut self, store: usize) {
        if self.stores[store].purge(self.now) {
            let seats = self.seats.iter_mut().flatten();
            seats
                .filter(|seat| seat.store == store)
                .for_each(|seat| seat.doubt = true);
        }
    }

    /// Gives out what waits, as far as there is credit.
    pub(crate) fn dispatch(&mut self, store: usize) {
        let now = self.now;
        self.purge(store);
        while let Some(selector) = self.creditor(store).map(|seat| seat.selector) {
            let Some(entry) = self.stores[store].take_next(selector, now) else {
                return;
            };
            if let Some(seat) = self.creditor(store) {
                seat.land(entry);
            }
        }
    }

    /// Asks for what there is room for, if it is at least so much.
    pub(crate) fn grant(&mut self, consumer: usize, lot: u32) {
        if !self.exact {
            return;
        }
        let Some(seat) = &mut self.seats[consumer] else { return };
        let ahead = u32::try_from(seat.inbox.len() + seat.landed.len()).unwrap() + seat.credit;
        let room = seat.prefetch.saturating_sub(ahead);
        if room >= lot {
            seat.credit += room;
            let store = seat.store;
            self.dispatch(store);
        }
    }

    /// What is due is given out.
    pub(crate) fn run_due(&mut self) {
        for store in 0..self.stores.len() {
            for entry in self.stores[store].take_due(self.now) {
                self.put(store, entry);
            }
            self.dispatch(store);
        }
    }

    /// Back to where they came from: those of one consumer together.
    pub(crate) fn release(&mut self, held: &[Held]) {
        for run in held.chunk_by(|a, b| a.consumer == b.consumer) {
            for it in run {
                self.stores[it.store].put_back(it.entry.clone());
            }
            self.dispatch(run[0].store);
        }
    }

    pub(crate) fn bury(&mut self, held: &Held) {
        if held.store == DEAD_LETTERS {
            return;
        }
        let mut letter = held.entry.clone();
        letter.letter = Some(letter.deliveries + letter.attempts);
        letter.expires = None;
        (letter.deliveries, letter.attempts) = (0, 0);
        self.put(DEAD_LETTERS, letter);
    }

    pub(crate) fn entry(&self, id: u32, send: &Send) -> Entry {
        let after = |millis: u32| self.now + i64::from(millis);
        Entry {
            id,
            color: send.color,
            group: send.group,
            priority: send.priority,
            due: after(send.delay),
            expires: (send.ttl > 0).then(|| after(send.ttl)),
            place: 0,
            deliveries: 0,
            attempts: 0,
            letter: None,
        }
    }

    pub(crate) fn queues() -> Vec<Store> {
        QUEUES.iter().map(|_| Store::default()).collect()
    }
}

impl Seat {
    fn land(&mut self, entry: Entry) {
        self.credit -= 1;
        self.landed.push_back(entry);
    }
}
