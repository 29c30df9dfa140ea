use std::{
    collections::{HashMap, hash_map},
    sync::Arc,
};

use anymq_api::{Address, Envelope, Result};

use super::{
    BrokerStats, DestinationStats, Queue, Topic,
    crowd::Crowd,
    dead_letters::GivenUp,
    discarded::Discarded,
    label::Label,
    queue::QueueInlet,
    services::Services,
    topic::{Origin, TopicInlet},
};
use crate::error;

/// What stands behind an address.
#[derive(Clone)]
pub(super) enum Target {
    Queue(Arc<Queue>),
    Topic(Arc<Topic>),
}

impl Target {
    fn new(address: &Address, services: &Arc<Services>) -> Self {
        if address.kind().is_queue() {
            Self::Queue(Queue::new(services, Label::queue(address)))
        } else {
            Self::Topic(Arc::default())
        }
    }

    /// Locks it for sending; `None` when it is out of use, and its address must be looked up again.
    pub(super) fn inlet(&self) -> Option<Inlet<'_>> {
        match self {
            Self::Queue(queue) => queue.inlet().map(Inlet::Queue),
            Self::Topic(topic) => topic.inlet().map(Inlet::Topic),
        }
    }

    /// Sends one message; gives it back when it is out of use.
    #[inline]
    pub(super) fn put(&self, envelope: Envelope, origin: Origin<'_>) -> Result<(), Envelope> {
        match self {
            Self::Queue(queue) => queue.put(envelope),
            Self::Topic(topic) => topic.put(envelope, origin),
        }
    }

    /// The first full queue of those that it feeds.
    #[inline]
    pub(super) fn full(&self) -> Option<Arc<Crowd>> {
        match self {
            Self::Queue(queue) => queue.full().cloned(),
            Self::Topic(topic) => topic.subscriptions().iter().find_map(|queue| queue.full().cloned()),
        }
    }

    /// What had to give way to what was sent.
    pub(super) fn take_overflow(&self) -> Vec<GivenUp> {
        match self {
            Self::Queue(queue) => queue.take_overflow(),
            Self::Topic(topic) => topic.subscriptions().iter().flat_map(|it| it.take_overflow()).collect(),
        }
    }

    /// Takes it out of use, with all it holds.
    pub(super) fn end(&self, discarded: &mut Discarded) {
        match self {
            Self::Queue(queue) => queue.end(discarded),
            Self::Topic(topic) => topic.end(discarded),
        }
    }

    fn retire_if_idle(&self) -> bool {
        match self {
            Self::Queue(queue) => queue.retire_if_idle(),
            Self::Topic(topic) => topic.retire_if_idle(),
        }
    }

    fn count(&self, stats: &mut BrokerStats) {
        match self {
            Self::Queue(queue) => count_waiting(queue, stats),
            Self::Topic(topic) => {
                let subscriptions = topic.subscriptions();
                stats.subscriptions += subscriptions.len();
                for queue in &subscriptions {
                    count_waiting(queue, stats);
                }
            }
        }
    }
}

/// Those of a queue, or of every subscription to a topic.
pub(super) fn figures(target: &Target) -> Vec<DestinationStats> {
    match target {
        Target::Queue(queue) => vec![queue.figures()],
        Target::Topic(topic) => topic.subscriptions().iter().map(|queue| queue.figures()).collect(),
    }
}

fn count_waiting(queue: &Queue, stats: &mut BrokerStats) {
    stats.ready += queue.ready();
    stats.delayed += queue.delayed();
}

/// A target that is locked for sending.
pub(super) enum Inlet<'a> {
    Queue(QueueInlet<'a>),
    Topic(TopicInlet<'a>),
}

impl Inlet<'_> {
    pub(super) fn put(&mut self, envelope: Envelope, origin: Origin<'_>) {
        match self {
            Self::Queue(queue) => queue.put(envelope),
            Self::Topic(topic) => topic.put(envelope, origin),
        }
    }
}

struct Known {
    target: Target,
    /// The client whose temporary destination it is.
    owner: Option<u64>,
}

/// All destinations of a broker. Others are made when first needed; temporary ones must have been created.
pub(super) struct Destinations {
    services: Arc<Services>,
    known: HashMap<Address, Known>,
    /// The broker was shut down.
    closed: bool,
}

impl Destinations {
    pub(super) fn new(services: &Arc<Services>) -> Self {
        Self {
            services: Arc::clone(services),
            known: HashMap::new(),
            closed: false,
        }
    }

    /// Refuses a temporary destination that is unknown.
    pub(super) fn find(&self, address: &Address) -> Result<Option<Target>> {
        if self.closed {
            return Err(error::shut_down());
        }
        match self.known.get(address) {
            Some(known) => Ok(Some(known.target.clone())),
            None if address.kind().is_temporary() => Err(error::unknown_temporary(address)),
            None => Ok(None),
        }
    }

    pub(super) fn find_or_create(&mut self, address: &Address) -> Result<Target> {
        if let Some(target) = self.find(address)? {
            return Ok(target);
        }
        let target = Target::new(address, &self.services);
        self.insert(address, target.clone(), None);
        Ok(target)
    }

    pub(super) fn create_temporary(&mut self, address: &Address, owner: u64) -> Result<()> {
        if self.closed {
            return Err(error::shut_down());
        }
        if self.known.contains_key(address) {
            return Err(error::temporary_exists(address));
        }
        let target = Target::new(address, &self.services);
        self.insert(address, target, Some(owner));
        Ok(())
    }

    fn insert(&mut self, address: &Address, target: Target, owner: Option<u64>) {
        self.known.insert(address.clone(), Known { target, owner });
    }

    /// With `owner`, only that client's.
    pub(super) fn remove_temporary(&mut self, address: &Address, owner: Option<u64>) -> Option<Target> {
        let hash_map::Entry::Occupied(known) = self.known.entry(address.clone()) else {
            return None;
        };
        let fits = known
            .get()
            .owner
            .is_some_and(|it| owner.is_none_or(|wanted| wanted == it));
        fits.then(|| known.remove().target)
    }

    pub(super) fn remove_idle(&mut self, address: &Address) {
        if self
            .known
            .get(address)
            .is_some_and(|known| known.target.retire_if_idle())
        {
            self.known.remove(address);
        }
    }

    /// No more from now on; gives all there were.
    pub(super) fn close(&mut self) -> Vec<Target> {
        self.closed = true;
        self.known.drain().map(|(_, known)| known.target).collect()
    }

    pub(super) fn all(&self) -> Vec<Target> {
        self.known.values().map(|known| known.target.clone()).collect()
    }

    pub(super) fn count(&self, stats: &mut BrokerStats) {
        for (address, known) in &self.known {
            if address.kind().is_temporary() {
                stats.temporary_destinations += 1;
            } else if address.kind().is_queue() {
                stats.queues += 1;
            } else {
                stats.topics += 1;
            }
            known.target.count(stats);
        }
    }
}
