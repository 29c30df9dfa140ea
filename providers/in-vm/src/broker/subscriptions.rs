use std::{collections::HashMap, sync::Arc};

use anymq_api::{
    Address, Result, Selector,
    spi::{SubscribeSpec, SubscriptionKind},
};

use super::{
    discarded::Discarded,
    queue::Queue,
    topic::{Binding, Local, Topic},
};
use crate::{error, store::SubscriptionName};

/// What names a subscription. Durable and non-durable ones are apart: Jakarta Messaging 3.1, section 8.3.2.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub(super) struct SubscriptionKey {
    pub(super) client_id: Option<String>,
    pub(super) name: String,
    pub(super) durable: bool,
}

/// A subscription that has a name.
#[derive(Clone)]
pub(super) struct Subscription {
    pub(super) queue: Arc<Queue>,
    topic: Arc<Topic>,
    address: Address,
    shared: bool,
    selector: Option<Selector>,
    no_local: bool,
}

/// The subscriptions that have names.
#[derive(Default)]
pub(super) struct Subscriptions {
    known: HashMap<SubscriptionKey, Subscription>,
}

impl SubscriptionKey {
    /// What a store calls it.
    pub(super) fn stored_name(&self) -> SubscriptionName {
        SubscriptionName {
            client_id: self.client_id.as_deref().map(Into::into),
            name: self.name.as_str().into(),
        }
    }

    /// `None` for a subscription without a name.
    pub(super) fn of(spec: &SubscribeSpec) -> Option<Self> {
        let (name, durable) = match &spec.kind {
            SubscriptionKind::Plain => return None,
            SubscriptionKind::Shared { name } => (name, false),
            SubscriptionKind::Durable { name } | SubscriptionKind::SharedDurable { name } => (name, true),
        };
        Some(Self {
            client_id: spec.client_id.clone(),
            name: name.clone(),
            durable,
        })
    }
}

impl Subscription {
    pub(super) fn new(spec: &SubscribeSpec, queue: Arc<Queue>, topic: Arc<Topic>, selector: Option<Selector>) -> Self {
        Self {
            queue,
            topic,
            address: spec.destination.clone(),
            shared: is_shared(spec),
            selector,
            no_local: spec.no_local,
        }
    }

    pub(super) fn address(&self) -> &Address {
        &self.address
    }

    pub(super) fn bind(&self, client: u64, key: &SubscriptionKey) -> bool {
        let local = || match &key.client_id {
            Some(id) if key.durable => Local::ClientId(id.clone()),
            _ => Local::Client(client),
        };
        self.topic.bind(Binding {
            queue: Arc::clone(&self.queue),
            selector: self.selector.clone(),
            no_local: self.no_local.then(local),
        })
    }

    /// Whether it is what `spec` asks for, but for whether it is shared.
    fn suits(&self, spec: &SubscribeSpec, selector: Option<&Selector>) -> bool {
        self.address == spec.destination && self.selector.as_ref() == selector && self.no_local == spec.no_local
    }

    fn unbind(&self) {
        self.topic.unbind(&self.queue);
    }
}

impl Subscriptions {
    pub(super) fn add(&mut self, key: SubscriptionKey, subscription: Subscription) {
        self.known.insert(key, subscription);
    }

    /// The subscription that a new consumer may join; one that it replaces is ended if `agreed`, and its address given, too.
    pub(super) fn find(
        &mut self,
        key: &SubscriptionKey,
        spec: &SubscribeSpec,
        selector: Option<&Selector>,
        discarded: &mut Discarded,
        agreed: impl FnOnce() -> Result<()>,
    ) -> Result<Found> {
        let Some(known) = self.known.get(key) else {
            return Ok(Found::Nothing);
        };
        if known.shared != is_shared(spec) {
            return Err(error::other_sharing(&key.name));
        }
        let suits = known.suits(spec, selector);
        if suits && (known.shared || !known.queue.is_consumed()) {
            return Ok(Found::Same(known.clone()));
        }
        if suits || known.queue.is_consumed() || !known.queue.end_unless_used(discarded, agreed)? {
            return Err(error::subscription_in_use(&key.name));
        }
        known.unbind();
        let address = known.address.clone();
        self.known.remove(key);
        Ok(Found::Replaced(address))
    }

    /// Ends a subscription that nobody uses, if `agreed`; gives its address.
    pub(super) fn remove(
        &mut self,
        key: &SubscriptionKey,
        discarded: &mut Discarded,
        agreed: impl FnOnce() -> Result<()>,
    ) -> Result<Address> {
        let known = self
            .known
            .get(key)
            .ok_or_else(|| error::unknown_subscription(&key.name))?;
        if !known.queue.end_unless_used(discarded, agreed)? {
            return Err(error::still_used(&key.name));
        }
        known.unbind();
        let address = known.address.clone();
        self.known.remove(key);
        Ok(address)
    }

    /// Ends a non-durable subscription with its last consumer.
    pub(super) fn leave(&mut self, key: &SubscriptionKey, queue: &Arc<Queue>, discarded: &mut Discarded) {
        let known = self.known.get(key).filter(|known| Arc::ptr_eq(&known.queue, queue));
        if let Some(known) = known
            && !key.durable
            && !queue.is_consumed()
        {
            known.unbind();
            queue.end(discarded);
            self.known.remove(key);
        }
    }

    /// Forgets those of a topic that is no more.
    pub(super) fn forget(&mut self, topic: &Address) {
        self.known.retain(|_, known| known.address != *topic);
    }

    pub(super) fn durable(&self) -> usize {
        self.known.keys().filter(|key| key.durable).count()
    }
}

/// What a new consumer of a named subscription finds.
pub(super) enum Found {
    Nothing,
    Same(Subscription),
    /// There was one of another topic, selector or no-local, to this topic. It is ended.
    Replaced(Address),
}

pub(super) fn is_shared(spec: &SubscribeSpec) -> bool {
    matches!(
        spec.kind,
        SubscriptionKind::Shared { .. } | SubscriptionKind::SharedDurable { .. }
    )
}
