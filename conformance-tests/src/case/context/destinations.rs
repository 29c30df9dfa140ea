//! Destinations that nobody else uses.

use std::sync::atomic::{AtomicU64, Ordering};

use anymq_api::{Address, DestinationKind, Queue, Topic};

use super::Context;
use crate::checklist::Place;

/// Destination names are unique over all runs against a broker, so that no two ever meet.
static NAMES: AtomicU64 = AtomicU64::new(1);

impl Context {
    /// A name that nobody else uses.
    pub fn name(&self) -> String {
        let number = NAMES.fetch_add(1, Ordering::Relaxed);
        format!("{}.{}.{number}", self.run.to_lowercase(), std::process::id())
    }

    /// A fresh destination of this run's place.
    pub fn destination(&self) -> Address {
        let kind = match self.place() {
            Place::Queue => DestinationKind::Queue,
            Place::Topic | Place::Durable => DestinationKind::Topic,
        };
        self.address(kind)
    }

    /// A fresh address of any kind.
    pub fn address(&self, kind: DestinationKind) -> Address {
        Address::new(kind, self.name()).unwrap_or_else(|error| unreachable!("names made here are valid: {error}"))
    }

    /// A fresh queue.
    pub fn queue(&self) -> Queue {
        Queue::try_from(self.address(DestinationKind::Queue)).unwrap_or_else(|error| unreachable!("{error}"))
    }

    /// A fresh topic.
    pub fn topic(&self) -> Topic {
        Topic::try_from(self.address(DestinationKind::Topic)).unwrap_or_else(|error| unreachable!("{error}"))
    }
}
