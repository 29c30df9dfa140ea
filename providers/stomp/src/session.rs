mod committing;
mod dead_letters;
mod sending;
mod shared;
#[cfg(test)]
mod tests;
mod transaction;

use std::{fmt, sync::Arc, time::Duration};

use anymq_api::{
    Address, Capability, Envelope, Error, ErrorKind, Result,
    spi::{
        DeliverySink, DeliveryToken, Done, DriverSession, DriverSubscription, SessionSpec, Settlement, SubscribeSpec,
    },
};
use async_trait::async_trait;

use self::shared::{Open, Shared};
use crate::{error::error, link::Link, links::Links, subscription::Subscription};

/// A session: an order of frames on a link, which is its own or that of all sessions of a connection.
pub(crate) struct StompSession {
    shared: Arc<Shared>,
}

impl StompSession {
    /// Over a link that is shared.
    pub(crate) fn over(link: &Arc<Link>, spec: SessionSpec, dead_letters: Address) -> Self {
        Self {
            shared: Shared::new(Arc::clone(link), None, spec, dead_letters),
        }
    }

    /// Over a link of its own.
    pub(crate) async fn with_own_link(links: &Arc<Links>, spec: SessionSpec, dead_letters: Address) -> Result<Self> {
        Ok(Self {
            shared: Shared::new(links.open().await?, Some(links), spec, dead_letters),
        })
    }
}

#[async_trait]
impl DriverSession for StompSession {
    fn ready(&self) -> Done<()> {
        let needs_link = self.shared.needs_link();
        if !needs_link && self.shared.gate.has_room() {
            return Done::ok();
        }
        let shared = Arc::clone(&self.shared);
        Done::pending(async move {
            if needs_link {
                shared.usable_link().await?;
            }
            shared.gate.room().await;
            Ok(())
        })
    }

    fn send(&self, envelope: Envelope) -> Done<()> {
        match &self.shared.transaction {
            Some(open) => self.shared.send_within(envelope, open),
            None => self.shared.send(&envelope),
        }
    }

    fn send_batch(&self, envelopes: Vec<Envelope>) -> Done<()> {
        let sent: Vec<_> = envelopes.into_iter().map(|envelope| self.send(envelope)).collect();
        Done::pending(async move {
            let mut outcome = Ok(());
            for done in sent {
                outcome = outcome.and(done.await);
            }
            outcome
        })
    }

    async fn subscribe(&self, spec: SubscribeSpec, sink: Arc<dyn DeliverySink>) -> Result<Arc<dyn DriverSubscription>> {
        let id = spec.id;
        // Consumers that came and went without a message are not found otherwise.
        self.shared.tidy();
        let link = self.shared.usable_link().await?;
        let subscription = Subscription::open(&link, spec, self.shared.settles_promptly, sink).await?;
        if let Err(over) = self.shared.enter(id, &subscription) {
            drop(subscription.release());
            return Err(over);
        }
        Ok(subscription)
    }

    fn settle(&self, settlements: &[Settlement]) -> Done<()> {
        let link = self.shared.link();
        if !link.is_up() && !link.is_refused() {
            return Done::ready(Err(link.ended()));
        }
        for settlement in settlements {
            self.shared.settle(settlement);
        }
        self.shared.tidy();
        Done::ok()
    }

    fn commit(&self, acknowledged: &[DeliveryToken]) -> Done<()> {
        match &self.shared.transaction {
            Some(open) => self.shared.commit(open, acknowledged),
            None => Done::ready(Err(Error::unsupported(Capability::Transactions))),
        }
    }

    fn rollback(&self) -> Done<()> {
        self.shared.roll_back()
    }

    fn flush(&self) -> Done<()> {
        self.shared.link().flush()
    }

    async fn close(&self, deadline: Duration) -> Result<()> {
        let ending = async {
            self.shared.burials.done().await;
            // A lost link is no error: everything went back with it.
            let _ = self.shared.end().await;
            if self.shared.has_own_link() {
                let _ = self.shared.link().close(deadline).await;
            }
        };
        let ended = tokio::time::timeout(deadline, ending).await;
        ended.map_err(|_| error(ErrorKind::Timeout, "the session did not end in time"))
    }

    fn abandon(&self) {
        drop(self.shared.end());
        if self.shared.has_own_link() {
            self.shared.link().abandon();
        }
    }
}

impl fmt::Debug for StompSession {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("StompSession")
            .field("link", &self.shared.link())
            .field("transacted", &self.shared.transaction.is_some())
            .finish_non_exhaustive()
    }
}

impl Drop for StompSession {
    fn drop(&mut self) {
        self.abandon();
    }
}
