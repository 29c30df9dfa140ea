use std::sync::{Arc, Weak};

use anymq_api::{
    Error, ErrorKind, Result, Timestamp,
    spi::{SubscribeSpec, SubscriptionKind},
};

use super::{
    Feed, broker,
    hold::Hold,
    identity::Identity,
    lock::Lock,
    mark::{Binding, Mark},
    terms::Terms,
};
use crate::{error::error, link::Link, session::Shared, topology::Topology};

/// A consumer's part in a named subscription. Others learn of its end when it is [left](Self::leave), or dropped.
pub(crate) struct Membership {
    link: Arc<Link>,
    identity: Identity,
    queue: String,
    /// When it was made, if that was now.
    since: Option<Timestamp>,
    feed: Weak<Feed>,
    binding: Option<Binding>,
}

impl Membership {
    /// Joins a subscription, makes it, or makes it anew when it is inactive and was another one; `None` for one without a
    /// name. Runs to its end even if nobody waits, and is left then.
    ///
    /// # Errors
    /// `Other` when the subscription is in use and cannot be joined, or exists as a shared one instead of an unshared one or
    /// the other way round.
    pub(super) async fn join(link: &Arc<Link>, spec: &SubscribeSpec, feed: &Arc<Feed>) -> Result<Option<Self>> {
        let Some(identity) = Identity::of(spec) else {
            return Ok(None);
        };
        link.named.departures(&identity).await;
        link.named.settlements(&identity).await;
        let joining = Joining {
            link: Arc::clone(link),
            shared: !matches!(spec.kind, SubscriptionKind::Durable { .. }),
            terms: Terms::of(spec),
            identity,
        };
        let feed = Arc::clone(feed);
        let joined = tokio::spawn(async move { joining.run(&feed).await });
        let joined = joined.await.map_err(|failure| failed(&failure))?;
        joined.map(Some)
    }

    pub(super) fn queue(&self) -> &str {
        &self.queue
    }

    /// What has to be [asked for](Self::refresh) again and again, or it expires.
    pub(super) fn expires(&self) -> bool {
        !self.identity.is_durable()
    }

    /// When the subscription was made, if that was now.
    pub(super) fn since(&self) -> Option<Timestamp> {
        self.since
    }

    pub(super) async fn refresh(&self) {
        // Whatever is wrong with the queue, its consumer learns it.
        let _ = broker::exists(&self.link, &self.queue).await;
    }

    /// For a session that keeps messages of it to settle, once this consumer is gone. A non-durable subscription does not
    /// wait for them.
    pub(super) async fn hold(&self, session: &Arc<Shared>) -> Option<Hold> {
        if !self.identity.is_durable() || !self.link.is_up() {
            return None;
        }
        let mark = Mark::set(&self.link, self.identity.held()).await.ok()?;
        Some(Hold::new(&self.link, &self.identity, session, mark))
    }

    /// Leaves it; the last one to leave a non-durable one ends it.
    pub(super) async fn leave(mut self) {
        if let Some(departure) = self.departure() {
            departure.run().await;
        }
    }

    fn departure(&mut self) -> Option<Departure> {
        Some(Departure {
            binding: self.binding.take()?,
            link: Arc::clone(&self.link),
            identity: self.identity.clone(),
            queue: self.queue.clone(),
            feed: Weak::clone(&self.feed),
        })
    }
}

impl Drop for Membership {
    fn drop(&mut self) {
        if let Some(departure) = self.departure() {
            self.link.later(departure.run());
        }
    }
}

/// What is left to do for one that leaves.
struct Departure {
    link: Arc<Link>,
    identity: Identity,
    queue: String,
    feed: Weak<Feed>,
    binding: Binding,
}

impl Departure {
    async fn run(self) {
        let link = &self.link;
        self.binding.remove(Arc::clone(link)).await;
        if !self.identity.is_durable() && link.is_up() {
            let _turn = link.named.turn.lock().await;
            // If it fails, the queue expires.
            if let Ok(lock) = Lock::acquire(link, self.identity.lock()).await {
                if matches!(Mark::is_set(link, &self.identity.active()).await, Ok(false)) {
                    let _ = broker::delete(link, &self.queue).await;
                }
                lock.release().await;
            }
        }
        link.named.leave(&self.feed);
    }
}

/// Who joins, and what.
struct Joining {
    link: Arc<Link>,
    identity: Identity,
    shared: bool,
    terms: Terms,
}

impl Joining {
    async fn run(self, feed: &Arc<Feed>) -> Result<Membership> {
        let named = &self.link.named;
        let _turn = named.turn.lock().await;
        let lock = Lock::acquire(&self.link, self.identity.lock()).await?;
        let joined = self.decide().await;
        lock.release().await;
        let (queue, since, mark) = joined?;
        named.enter(&self.identity, feed);
        Ok(Membership {
            link: Arc::clone(&self.link),
            identity: self.identity.clone(),
            queue,
            since,
            feed: Arc::downgrade(feed),
            binding: mark.into_binding(),
        })
    }

    /// Nobody else decides about this subscription meanwhile, nor becomes active.
    async fn decide(&self) -> Result<(String, Option<Timestamp>, Mark)> {
        let (link, durable) = (&self.link, self.identity.is_durable());
        Topology::declare_exchange(link, self.terms.topic()).await?;
        if durable && broker::exists(link, &self.identity.queue(!self.shared)).await? {
            return Err(self.refused("it exists, and one of the two is shared, the other is not"));
        }
        let queue = self.identity.queue(self.shared);
        let active = Mark::is_set(link, &self.identity.active()).await?;
        if !durable && !active {
            // What a crash left behind.
            broker::delete(link, &queue).await?;
        }
        let begin = Timestamp::now();
        let existed = broker::exists(link, &queue).await?;
        let same = broker::declare_source(link, &queue, &self.terms, durable).await?;
        if active && !(same && self.shared) {
            return Err(self.refused("another consumer of the subscription is open"));
        }
        if !same {
            self.replace(&queue).await?;
        }
        broker::bind_source(link, &queue, &self.terms).await?;
        let mark = Mark::set(link, self.identity.active()).await?;
        let since = (!existed || !same).then_some(begin);
        Ok((queue, since, mark))
    }

    /// Another topic, selector or no-local: the inactive subscription is deleted, and a new one made.
    async fn replace(&self, queue: &str) -> Result<()> {
        if Mark::is_set(&self.link, &self.identity.held()).await? {
            return Err(self.refused("a session has messages of the subscription to acknowledge"));
        }
        broker::delete(&self.link, queue).await?;
        if broker::declare_source(&self.link, queue, &self.terms, self.identity.is_durable()).await? {
            return Ok(());
        }
        Err(self.refused("somebody else makes its queue"))
    }

    fn refused(&self, detail: &str) -> Error {
        error(ErrorKind::Other, detail).with_resource(self.identity.name())
    }
}

/// Deletes a durable subscription that nobody uses.
pub(crate) async fn unsubscribe(link: &Arc<Link>, client_id: Option<&str>, name: &str) -> Result<()> {
    let identity = Identity::durable(client_id, name);
    link.named.departures(&identity).await;
    link.named.settlements(&identity).await;
    let link = Arc::clone(link);
    // In a task of its own, so that the lock is released whoever goes away.
    let deleted = tokio::spawn(async move {
        let _turn = link.named.turn.lock().await;
        let lock = Lock::acquire(&link, identity.lock()).await?;
        let deleted = delete_unused(&link, &identity).await;
        lock.release().await;
        deleted
    });
    deleted.await.map_err(|failure| failed(&failure))?
}

async fn delete_unused(link: &Arc<Link>, identity: &Identity) -> Result<()> {
    let mut known = None;
    for shared in [false, true] {
        let queue = identity.queue(shared);
        if broker::exists(link, &queue).await? {
            known = Some(queue);
            break;
        }
    }
    let refused = |kind, detail: &str| error(kind, detail).with_resource(identity.name());
    let Some(queue) = known else {
        let detail = "there is no durable subscription of this name";
        return Err(refused(ErrorKind::InvalidDestination, detail));
    };
    if Mark::is_set(link, &identity.active()).await? {
        return Err(refused(
            ErrorKind::IllegalState,
            "a consumer of the subscription is open",
        ));
    }
    if Mark::is_set(link, &identity.held()).await? {
        let detail = "a session has messages of the subscription to acknowledge";
        return Err(refused(ErrorKind::IllegalState, detail));
    }
    broker::delete(link, &queue).await
}

fn failed(failure: &tokio::task::JoinError) -> Error {
    error(ErrorKind::Other, failure.to_string())
}
