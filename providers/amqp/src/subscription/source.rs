use std::sync::Arc;

use anymq_api::{Address, DestinationKind, Error, Result, Timestamp, spi::SubscribeSpec};
use anymq_wire::Local;
use lapin::{BasicProperties, types::ShortString};

use super::{Feed, hold::Hold, membership::Membership};
use crate::{
    codec,
    link::Link,
    name::{self, invalid},
    options::QueueOptions,
    session::Shared,
    topology::Topology,
};

/// The queue that a subscription consumes. One that was made for it goes with it; one of a named subscription is left.
pub(crate) struct Source {
    link: Arc<Link>,
    pub(crate) destination: Address,
    pub(crate) queue: ShortString,
    /// When it was made, if that is now: a delayed message that was sent before is not for it. One that was made earlier
    /// must not lose what was sent meanwhile.
    since: Option<Timestamp>,
    own: bool,
    membership: Option<Membership>,
    local: Option<Local>,
    /// What is given up is published to the dead letters; else the broker itself sees to it.
    pub(crate) buries: bool,
    /// A quorum queue, as far as the address and the URL say.
    pub(crate) quorum: bool,
}

impl Source {
    /// Declares and binds what is needed. The subscription exists from now on.
    pub(crate) async fn open(link: &Arc<Link>, spec: &SubscribeSpec, feed: &Arc<Feed>) -> Result<Self> {
        let destination = &spec.destination;
        let membership = Membership::join(link, spec, feed).await?;
        let name = match (&membership, destination.kind()) {
            (Some(membership), _) => membership.queue().to_owned(),
            (None, DestinationKind::Queue | DestinationKind::TemporaryQueue) => destination.name().to_owned(),
            (None, DestinationKind::Topic | DestinationKind::TemporaryTopic) => name::subscription_queue(),
        };
        let queue = ShortString::try_new(name.as_str())
            .map_err(|_| invalid(destination, "the name is longer than 255 bytes"))?;
        let own = destination.kind().is_topic() && membership.is_none();
        let is_queue = destination.kind() == DestinationKind::Queue;
        let quorum = is_queue && QueueOptions::of(destination)?.usually(link.queue_kind).is_quorum();
        // Made before the queue, so that it is deleted if nobody waits for it any more.
        let source = Self {
            link: Arc::clone(link),
            destination: destination.clone(),
            queue,
            since: match &membership {
                Some(membership) => membership.since(),
                None => own.then(Timestamp::now),
            },
            own,
            membership,
            local: Local::of(spec, &link.origin),
            buries: destination.option("dead-letter-exchange").is_none() && destination != link.dead_letters.queue(),
            quorum,
        };
        if source.own {
            Topology::declare_subscription(link, &name, destination).await?;
        } else if is_queue {
            Topology::declare_queue(link, destination).await?;
        }
        Ok(source)
    }

    /// Whether a message counts as published by the subscription's own client.
    pub(crate) fn is_local(&self, properties: &BasicProperties) -> bool {
        let Some(local) = &self.local else { return false };
        codec::origin(properties).is_some_and(|origin| local.sent(origin))
    }

    /// Whether the queue expires unless it is [refreshed](Self::refresh).
    pub(crate) fn expires(&self) -> bool {
        self.membership.as_ref().is_some_and(Membership::expires)
    }

    pub(crate) async fn refresh(&self) {
        if let Some(membership) = &self.membership {
            membership.refresh().await;
        }
    }

    /// Shows others that the session still has something of it to settle, where that matters.
    pub(crate) async fn hold(&self, session: &Arc<Shared>) -> Option<Hold> {
        match &self.membership {
            Some(membership) => membership.hold(session).await,
            None => None,
        }
    }

    /// Leaves a named subscription; deletes the queue if it was made for the subscription. What was delivered from it can
    /// still be settled.
    pub(crate) async fn close(&mut self) -> Result<()> {
        if let Some(membership) = self.membership.take() {
            membership.leave().await;
        }
        if !std::mem::take(&mut self.own) || !self.link.is_up() {
            return Ok(());
        }
        let deleted = Topology::delete_queue(&self.link, self.queue.to_string()).await;
        if self.link.is_up() { deleted } else { Ok(()) }
    }

    /// Whether a message that was delayed since then is for it: at the send there must have been a subscription.
    pub(crate) fn is_older(&self, delayed_since: Timestamp) -> bool {
        self.since.is_none_or(|since| since <= delayed_since)
    }

    /// The broker said that the queue is gone.
    pub(crate) fn vanished(&self) -> Error {
        self.link.topology.forget(&self.destination);
        invalid(
            &self.destination,
            "the broker cancelled the consumer; its queue was deleted",
        )
    }
}

impl Drop for Source {
    fn drop(&mut self) {
        if self.own {
            self.link.orphan(self.queue.to_string());
        }
    }
}
