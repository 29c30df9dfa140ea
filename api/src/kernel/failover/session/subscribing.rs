//! Subscriptions, and their being listed so that they are made again.

use std::sync::{Arc, atomic::Ordering};

use super::FailoverSession;
use crate::{Error, Result, kernel::failover::subscription::FailoverSubscription, spi::DriverSubscription};

impl FailoverSession {
    pub(super) async fn subscribed(&self, subscription: &Arc<FailoverSubscription>) -> Result<()> {
        loop {
            let (gate, _) = self.shared.up().await?;
            let Some(up) = self.up().filter(|up| up.generation == gate.generation) else {
                if self.closed.load(Ordering::Acquire) {
                    return Err(Error::closed("session"));
                }
                self.shared.until_down(gate.generation).await;
                continue;
            };
            match subscription.subscribe(&gate, &*up.inner).await {
                Ok(()) if self.list(subscription, up.generation) => return Ok(()),
                Ok(()) => {}
                Err(error) if self.shared.asks_again(up.generation, &error).await => {}
                Err(error) => return Err(error),
            }
        }
    }

    /// So that it is made again. Not when the link that it was made over is lost: nobody would make it again for this
    /// outage.
    fn list(&self, subscription: &Arc<FailoverSubscription>, generation: u32) -> bool {
        let mut subscriptions = self.subscriptions.lock();
        let is_up = self.shared.is_up(generation);
        if is_up {
            subscriptions.retain(|other| other.strong_count() > 0);
            subscriptions.push(Arc::downgrade(subscription));
        }
        is_up
    }
}

/// Leaves no subscription behind that nobody got.
pub(super) struct Attempt {
    pub(super) subscription: Arc<FailoverSubscription>,
    pub(super) succeeded: bool,
}

impl Drop for Attempt {
    fn drop(&mut self) {
        if !self.succeeded {
            self.subscription.abandon();
        }
    }
}
