use std::sync::{
    Arc, OnceLock,
    atomic::{AtomicBool, Ordering},
};

use anymq_api::{
    Address, Envelope,
    spi::{DeliveryToken, SubscriptionId},
};

use super::{ConsumerKey, Queue, consumer::EPOCH, destinations::Target, topic::Origin};

/// The ways past a session's lock: a session without transactions mostly sends to one destination, and most sessions
/// have one subscription. Both ways lead straight to the queue, whose own lock keeps the order. Whatever they do not
/// cover goes through the session's lock as if they were not there.
#[derive(Default)]
pub(super) struct Shortcuts {
    /// The first destination that was sent to. One that was retired since is passed by for good.
    route: OnceLock<(Address, Target)>,
    /// The first subscription.
    outlet: OnceLock<Outlet>,
    /// The session has ended: both ways are blocked.
    blocked: AtomicBool,
}

/// Where a subscription's deliveries come from.
struct Outlet {
    id: SubscriptionId,
    queue: Arc<Queue>,
    consumer: ConsumerKey,
    /// The queue has not been told of all that was accepted.
    behind: AtomicBool,
}

impl Shortcuts {
    pub(super) fn set_route(&self, address: &Address, target: Option<&Target>) {
        if let Some(target) = target {
            self.route.get_or_init(|| (address.clone(), target.clone()));
        }
    }

    pub(super) fn set_outlet(&self, id: SubscriptionId, queue: &Arc<Queue>, consumer: ConsumerKey) {
        self.outlet.get_or_init(|| Outlet {
            id,
            queue: Arc::clone(queue),
            consumer,
            behind: AtomicBool::new(false),
        });
    }

    pub(super) fn has_route(&self) -> bool {
        self.route.get().is_some()
    }

    /// The target of the first destination.
    pub(super) fn target(&self, address: &Address) -> Option<&Target> {
        let (known, target) = self.route.get()?;
        (known == address).then_some(target)
    }

    pub(super) fn block(&self) {
        self.blocked.store(true, Ordering::Release);
    }

    fn is_blocked(&self) -> bool {
        self.blocked.load(Ordering::Acquire)
    }

    /// Sends one message, or gives it back.
    pub(super) fn send(&self, envelope: Envelope, origin: Origin<'_>) -> Result<(), Envelope> {
        match self.route.get() {
            Some((address, target)) if *address == envelope.headers().destination && !self.is_blocked() => {
                target.put(envelope, origin)
            }
            _ => Err(envelope),
        }
    }

    /// Accepts one delivery. Whether that was possible.
    pub(super) fn accept(&self, token: DeliveryToken) -> bool {
        let Some(outlet) = self.outlet.get() else { return false };
        if outlet.id != token.subscription || token.epoch != EPOCH || outlet.behind.load(Ordering::Acquire) {
            return false;
        }
        // The message is dropped here, where no lock is held.
        outlet.queue.try_accept(outlet.consumer, token.tag).is_ok()
    }

    /// Whether the queue has been told of all that was accepted of a subscription; until then its deliveries are
    /// accepted under the session's lock, which tells it.
    pub(super) fn note(&self, id: SubscriptionId, behind: bool) {
        if let Some(outlet) = self.outlet.get().filter(|outlet| outlet.id == id) {
            outlet.behind.store(behind, Ordering::Release);
        }
    }
}
