//! Who gets what: consumers of queues, subscriptions with and without a name, scans.

use std::sync::Arc;

use anymq_api::{
    Result, Selector,
    spi::{BrowseSpec, DeliverySink, SubscribeSpec},
};

use super::{
    Broker, Queue, Scan,
    destinations::Target,
    discarded::Discarded,
    holding::{Holding, Source},
    label::Label,
    subscriptions::{Found, Subscription, SubscriptionKey},
    topic::{Binding, Local, Topic},
};
use crate::error;

impl Broker {
    /// Makes a consumer without credit: of a queue, or of a new or named subscription to a topic.
    pub(super) fn attach(&self, spec: &SubscribeSpec, sink: &Arc<dyn DeliverySink>, client: u64) -> Result<Holding> {
        let selector = spec.selector.as_deref().map(Selector::parse).transpose()?;
        if let Some(key) = SubscriptionKey::of(spec) {
            return self.attach_named(spec, sink, client, key, selector.as_ref());
        }
        loop {
            let target = self.destinations.write().find_or_create(&spec.destination)?;
            // It may be retired between the two locks; then the next round makes another one.
            let holding = match target {
                Target::Queue(queue) => attach_to_queue(spec, queue, sink, selector.clone()),
                Target::Topic(topic) => self.attach_to_topic(spec, topic, sink, client, selector.clone()),
            };
            if let Some(holding) = holding {
                return Ok(holding);
            }
        }
    }

    /// A subscription with a queue of its own; `None` when the topic is retired.
    fn attach_to_topic(
        &self,
        spec: &SubscribeSpec,
        topic: Arc<Topic>,
        sink: &Arc<dyn DeliverySink>,
        client: u64,
        selector: Option<Selector>,
    ) -> Option<Holding> {
        let queue = Queue::new(&self.services, Label::subscription(spec));
        let consumer = queue.attach(spec.id, sink, None)?;
        let bound = topic.bind(Binding {
            queue: Arc::clone(&queue),
            selector,
            no_local: spec.no_local.then_some(Local::Client(client)),
        });
        bound.then(|| Holding::new(spec, queue, consumer, Source::Own(topic)))
    }

    /// Joins, makes or replaces a subscription that has a name.
    fn attach_named(
        &self,
        spec: &SubscribeSpec,
        sink: &Arc<dyn DeliverySink>,
        client: u64,
        key: SubscriptionKey,
        selector: Option<&Selector>,
    ) -> Result<Holding> {
        if !spec.destination.kind().is_topic() {
            return Err(error::not_a_topic(&spec.destination));
        }
        // A store is not told of what cannot be.
        self.destinations.read().find(&spec.destination)?;
        let mut discarded = Discarded::default();
        let mut subscriptions = self.subscriptions.lock();
        let keep = || self.keep_subscription(&key, spec);
        let subscription = match subscriptions.find(&key, spec, selector, &mut discarded, keep)? {
            Found::Same(subscription) => subscription,
            found => {
                match found {
                    Found::Replaced(address) => self.reap(&address),
                    _ => keep()?,
                }
                let subscription = self.subscribe(spec, client, &key, selector)?;
                subscriptions.add(key.clone(), subscription.clone());
                subscription
            }
        };
        let queue = Arc::clone(&subscription.queue);
        // It ends under the lock of the subscriptions only, or with its topic.
        let consumer = queue.attach(spec.id, sink, None);
        let consumer = consumer.ok_or_else(|| error::unknown_temporary(subscription.address()))?;
        drop(subscriptions);
        Ok(Holding::new(spec, queue, consumer, Source::Named(key)))
    }

    pub(super) fn subscribe(
        &self,
        spec: &SubscribeSpec,
        client: u64,
        key: &SubscriptionKey,
        selector: Option<&Selector>,
    ) -> Result<Subscription> {
        loop {
            let Target::Topic(topic) = self.destinations.write().find_or_create(&spec.destination)? else {
                return Err(error::not_a_topic(&spec.destination));
            };
            let queue = Queue::new(&self.services, Label::subscription(spec));
            let subscription = Subscription::new(spec, queue, topic, selector.cloned());
            // The topic may have been retired meanwhile.
            if subscription.bind(client, key) {
                return Ok(subscription);
            }
        }
    }

    /// A consumer of a named subscription was closed.
    pub(super) fn leave(&self, key: &SubscriptionKey, queue: &Arc<Queue>, discarded: &mut Discarded) {
        self.subscriptions.lock().leave(key, queue, discarded);
    }

    /// Ends a durable subscription with all it holds.
    pub(crate) fn unsubscribe(&self, client_id: Option<&str>, name: &str) -> Result<()> {
        let mut discarded = Discarded::default();
        let key = SubscriptionKey {
            client_id: client_id.map(str::to_owned),
            name: name.to_owned(),
            durable: true,
        };
        let address = {
            let mut subscriptions = self.subscriptions.lock();
            subscriptions.remove(&key, &mut discarded, || self.forget_subscription(&key))?
        };
        self.reap(&address);
        Ok(())
    }

    /// A scan of what waits in a queue; `None` when there is no such queue, so nothing waits.
    pub(crate) fn browse(&self, spec: &BrowseSpec) -> Result<Option<Scan>> {
        let selector = spec.selector.as_deref().map(Selector::parse).transpose()?;
        match self.destinations.read().find(&spec.destination)? {
            Some(Target::Queue(queue)) => Ok(Some(queue.scan(selector))),
            Some(Target::Topic(_)) => Err(error::not_a_queue(&spec.destination)),
            None => Ok(None),
        }
    }
}

/// A consumer of a queue; `None` when the queue is retired.
fn attach_to_queue(
    spec: &SubscribeSpec,
    queue: Arc<Queue>,
    sink: &Arc<dyn DeliverySink>,
    selector: Option<Selector>,
) -> Option<Holding> {
    let consumer = queue.attach(spec.id, sink, selector)?;
    Some(Holding::new(spec, queue, consumer, Source::Queue))
}
