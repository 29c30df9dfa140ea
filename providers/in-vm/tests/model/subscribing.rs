//! Who consumes from what: consumers, and the subscriptions that come and go with them.

use std::collections::VecDeque;

use super::{
    model::{Held, Model, Seat, Subscription},
    op::{Consume, Kind, Place},
    store::Store,
};

/// The client id stands for the connection that has it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Key {
    pub(crate) client: usize,
    pub(crate) name: usize,
    pub(crate) durable: bool,
}

/// What a consumer of a name comes to.
pub(crate) enum Joined {
    Store(usize),
    New,
    Refused,
}

impl Model {
    pub(crate) fn open_seats(&self) -> impl Iterator<Item = &Seat> {
        self.seats.iter().flatten()
    }

    pub(crate) fn is_consumed(&self, store: usize) -> bool {
        self.open_seats().any(|seat| seat.store == store)
    }

    /// Whether anybody consumes from it or has something to settle.
    pub(crate) fn is_used(&self, store: usize) -> bool {
        let mut unsettled =
            (self.sessions.iter().flatten()).flat_map(|session| session.held.iter().chain(&session.lazy));
        self.is_consumed(store) || unsettled.any(|held| held.store == store)
    }

    pub(crate) fn key_of(kind: Kind, client: usize) -> Option<(Key, usize, bool)> {
        let (name, topic, durable, shared) = match kind {
            Kind::Plain(_) => return None,
            Kind::Durable { topic, name } => (name, topic, true, false),
            Kind::Shared { topic, name } => (name, topic, false, true),
            Kind::SharedDurable { topic, name } => (name, topic, true, true),
        };
        Some((Key { client, name, durable }, topic, shared))
    }

    pub(crate) fn find(&self, key: Key) -> Option<&Subscription> {
        self.subscriptions.iter().find(|known| known.key == Some(key))
    }

    /// What a new consumer of a named subscription finds; what it replaces ends with [`consume`](Self::consume).
    pub(crate) fn joined(&self, consume: &Consume, client: usize) -> Joined {
        let Some((key, topic, shared)) = Self::key_of(consume.kind, client) else {
            return match consume.kind {
                Kind::Plain(Place::Queue(queue)) => Joined::Store(queue),
                _ => Joined::New,
            };
        };
        let Some(known) = self.find(key) else {
            return Joined::New;
        };
        let same = known.topic == topic
            && known.selector == consume.selector
            && known.no_local == consume.no_local.then_some(client);
        let consumed = self.is_consumed(known.store);
        if known.shared != shared {
            Joined::Refused
        } else if same && (shared || !consumed) {
            Joined::Store(known.store)
        } else if same || self.is_used(known.store) {
            Joined::Refused
        } else {
            Joined::New
        }
    }

    /// After it was admitted.
    pub(crate) fn consume(&mut self, consume: &Consume, client: usize) {
        let on_queue = matches!(consume.kind, Kind::Plain(Place::Queue(_)));
        let store = match self.joined(consume, client) {
            Joined::Store(store) => store,
            Joined::New | Joined::Refused => self.subscribe(consume, client),
        };
        self.last_consumer += 1;
        self.seats[consume.consumer] = Some(Seat {
            id: self.last_consumer,
            session: consume.session,
            store,
            selector: if on_queue { consume.selector } else { 0 },
            prefetch: consume.prefetch,
            inbox: VecDeque::new(),
            landed: VecDeque::new(),
            credit: 0,
            doubt: false,
            groups: Vec::new(),
        });
        if self.started[client] {
            self.grant(consume.consumer, 1);
        }
    }

    fn subscribe(&mut self, consume: &Consume, client: usize) -> usize {
        let named = Self::key_of(consume.kind, client);
        if let Some((key, ..)) = named {
            self.unsubscribe(key);
        }
        let ((Some((_, topic, _)), _) | (None, Kind::Plain(Place::Topic(topic)))) = (named, consume.kind) else {
            unreachable!("queues have no subscriptions");
        };
        self.stores.push(Store::default());
        let store = self.stores.len() - 1;
        self.subscriptions.push(Subscription {
            store,
            topic,
            selector: consume.selector,
            no_local: consume.no_local.then_some(client),
            key: named.map(|(key, ..)| key),
            shared: named.is_some_and(|(.., shared)| shared),
        });
        store
    }

    pub(crate) fn unsubscribe(&mut self, key: Key) {
        if let Some(place) = self.subscriptions.iter().position(|known| known.key == Some(key)) {
            let gone = self.subscriptions.remove(place);
            self.stores[gone.store].end();
        }
    }

    /// The consumer is gone; a subscription that does not outlive it, too. Gives what it was not handed.
    pub(crate) fn unseat(&mut self, consumer: usize) -> Vec<Held> {
        let Some(seat) = self.seats[consumer].take() else {
            return Vec::new();
        };
        self.dispatch(seat.store);
        let stays = |known: &Subscription| known.key.is_some_and(|key| key.durable) || self.is_consumed(known.store);
        let place = self
            .subscriptions
            .iter()
            .position(|known| known.store == seat.store && !stays(known));
        if let Some(place) = place {
            let gone = self.subscriptions.remove(place);
            self.stores[gone.store].end();
        }
        let held = |entry| Held {
            consumer: seat.id,
            store: seat.store,
            entry,
        };
        seat.inbox.into_iter().chain(seat.landed).map(held).collect()
    }
}
