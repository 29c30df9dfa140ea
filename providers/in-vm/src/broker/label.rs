use anymq_api::{Address, spi::SubscribeSpec};

use super::{
    SubscriptionStats,
    subscriptions::{SubscriptionKey, is_shared},
};

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

    #[cfg(test)]
    pub(super) fn for_tests() -> Self {
        let queue = anymq_api::Queue::new("q").unwrap_or_else(|error| unreachable!("a valid name: {error}"));
        Self::queue(&queue.into())
    }
}
