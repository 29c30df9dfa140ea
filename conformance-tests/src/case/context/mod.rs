//! What a case works with.

mod connections;
mod consumers;
mod destinations;
mod lasting;
mod pair;
mod texts;
mod waits;

use std::{num::NonZeroU32, sync::Arc};

use anymq_api::{Capabilities, Capability, Connection, ConnectionFactory};
use parking_lot::Mutex;

use super::Failure;
use crate::{
    checklist::Place,
    harness::{Harness, Timing},
};
use lasting::Lasting;

pub use pair::Pair;
pub use texts::{text_of, texts_of};

/// What a case works with: one run of one id, on one place, with one prefetch.
#[derive(Debug)]
pub struct Context {
    harness: Arc<dyn Harness>,
    factory: Arc<dyn ConnectionFactory>,
    capabilities: Capabilities,
    place: Option<Place>,
    prefetch: Option<NonZeroU32>,
    run: String,
    connections: Mutex<Vec<Arc<dyn Connection>>>,
    lasting: Mutex<Lasting>,
}

impl Context {
    pub(crate) fn new(
        harness: Arc<dyn Harness>,
        capabilities: Capabilities,
        place: Option<Place>,
        prefetch: Option<NonZeroU32>,
        run: &str,
    ) -> Self {
        Self {
            factory: harness.factory(),
            harness,
            capabilities,
            place,
            prefetch,
            run: run.to_owned(),
            connections: Mutex::default(),
            lasting: Mutex::default(),
        }
    }

    /// The same run at another broker, which the case [ends](Self::end).
    pub(crate) fn at(&self, factory: Arc<dyn ConnectionFactory>) -> Self {
        let harness = Arc::clone(&self.harness);
        let (place, prefetch) = (self.place, self.prefetch);
        Self {
            factory,
            ..Self::new(harness, self.capabilities, place, prefetch, &self.run)
        }
    }

    /// The provider's harness.
    pub fn harness(&self) -> &dyn Harness {
        &*self.harness
    }

    /// How long to wait.
    pub fn timing(&self) -> Timing {
        self.harness.timing()
    }

    /// Whether the provider declares a capability.
    pub fn supports(&self, capability: Capability) -> bool {
        self.capabilities.supports(capability)
    }

    /// Everything that the provider declares.
    pub fn capabilities(&self) -> &Capabilities {
        &self.capabilities
    }

    /// On which kind of destination this run is; queues (or topics, where there are no queues) when the id names none.
    pub fn place(&self) -> Place {
        match self.place {
            Some(place) => place,
            None if self.supports(Capability::Queues) => Place::Queue,
            None => Place::Topic,
        }
    }

    /// Whether messages wait for a consumer here: true of queues and durable subscriptions, once they exist.
    pub fn is_queue(&self) -> bool {
        self.place() == Place::Queue
    }

    /// The prefetch of this run; the provider's default when `None`.
    pub fn prefetch(&self) -> Option<NonZeroU32> {
        self.prefetch
    }
}
