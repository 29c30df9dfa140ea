//! How often, and how soon, a message comes again.

use tokio::time::Instant;

use super::ledger::Attempted;
use crate::{
    RedeliveryPolicy,
    spi::{Outcome, RejectReason, Settlement},
};

/// A connection's policy as its deliveries ask it; there is none where it would change nothing.
///
/// Delays are measured by tokio's clock, which never goes back: the injected [`Clock`](super::Clock) tells wall-clock
/// time, and a message must not be held because somebody sets that. Tests pause tokio's clock.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Redelivery {
    policy: RedeliveryPolicy,
    max_deliveries: u32,
}

impl Redelivery {
    pub(crate) fn new(policy: &RedeliveryPolicy) -> Option<Self> {
        let changes = policy.max_deliveries.is_some() || !policy.delay_after(1).is_zero();
        changes.then(|| Self {
            policy: *policy,
            max_deliveries: policy.max_deliveries.map_or(u32::MAX, Into::into),
        })
    }

    /// It was delivered as often as it may be.
    pub(crate) fn is_over(&self, entry: &Attempted) -> bool {
        deliveries(entry) >= self.max_deliveries
    }

    /// When it may be handed out again.
    pub(crate) fn due(&self, entry: &Attempted) -> Option<Instant> {
        let delay = self.policy.delay_after(deliveries(entry));
        if delay.is_zero() {
            return None;
        }
        Instant::now().checked_add(delay)
    }
}

/// How often it was delivered so far, by the broker and from the ledger. The arrival itself counts when it is handed
/// over.
fn deliveries(entry: &Attempted) -> u32 {
    entry.delivery.count.saturating_sub(1).saturating_add(entry.attempts)
}

impl Attempted {
    /// Given up: it was delivered too often.
    pub(crate) fn give_up(&self) -> Settlement {
        self.settle(Outcome::Reject {
            attempts: self.attempts,
            reason: RejectReason::MaxDeliveries,
        })
    }
}
