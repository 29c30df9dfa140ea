use anymq_api::{Address, spi::SubscribeSpec};

use super::{
    SubscriptionStats,
    subscriptions::{SubscriptionKey, is_shared},
};
use crate::store::{QueueId, SubscriptionName};

/// Whose queue it is.
#[derive(Clone, Debug)]
pub(super) struct Label {
    /// The queue's, or that of the topic.
    pub(super) address: Address,
    /// Of a subscription to a topic.
    pub(super) subscription: Option<SubscriptionStats>,
}

impl Label {
    pub(super) fn queue(address: &Address) -> Self {
        Self {
            address: address.clone(),
            subscription: None,
        }
    }

    pub(super) fn subscription(spec: &SubscribeSpec) -> Self {
        Self {
            address: spec.destination.clone(),
            subscription: Some(SubscriptionStats::of(SubscriptionKey::of(spec), is_shared(spec))),
        }
    }

    /// Where it stands, when it is known by an address of its own.
    pub(super) fn own_address(&self) -> Option<&Address> {
        self.subscription.is_none().then_some(&self.address)
    }

    /// How a store knows it; `None` for what ends with its client or its broker.
    pub(super) fn stored_id(&self) -> Option<QueueId> {
        if self.address.kind().is_temporary() {
            return None;
        }
        let Some(subscription) = &self.subscription else {
            return Some(QueueId::Queue(self.address.clone()));
        };
        let name = subscription.name.as_deref().filter(|_| subscription.durable)?;
        Some(QueueId::Subscription(SubscriptionName {
            client_id: subscription.client_id.as_deref().map(Into::into),
            name: name.into(),
        }))
    }

    #[cfg(test)]
    pub(super) fn for_tests() -> Self {
        let queue = anymq_api::Queue::new("q").unwrap_or_else(|error| unreachable!("a valid name: {error}"));
        Self::queue(&queue.into())
    }
}
