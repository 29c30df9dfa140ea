//! What the kernel asks.

use std::{
    sync::{Arc, Weak, atomic::Ordering},
    time::Duration,
};

use async_trait::async_trait;

use super::{FailoverSession, Up, sending::has_not_begun, subscribing::Attempt};
use crate::{
    Envelope, Error, ErrorKind, Result,
    kernel::{
        failover::{
            epoch, is_lost,
            line::Parcel,
            shared::not_begun,
            subscription::{FailoverSubscription, whether_lost_or_not},
            transaction::undone,
        },
        transaction::is_still_open,
    },
    spi::{DeliverySink, DeliveryToken, Done, DriverSession, DriverSubscription, Outcome, Settlement, SubscribeSpec},
};

impl FailoverSession {
    /// With what waits; tells over which link the sends of this one went, 0 when there are none.
    fn drop_transaction(&self) -> u32 {
        // Held, so that what goes out of the line does so before this or not at all.
        let mut line = self.line.lock();
        line.refuse(&undone());
        self.transaction.end()
    }

    /// What the transaction sent is gone, or goes with what waits.
    fn commit_undone(&self, up: Option<&Up>) -> Done<()> {
        let sent = self.drop_transaction();
        match up.filter(|up| up.generation == sent) {
            None => Done::ready(Err(undone())),
            Some(up) => {
                let undoing = whether_lost_or_not(up.inner.rollback());
                Done::pending(async move { undoing.await.and(Err(undone())) })
            }
        }
    }

    /// What a commit says. Where its link is lost, only after that is known: what was received, and what follows it, would
    /// come at once from what the lost link delivered, while the broker may have given it to others.
    fn committed(&self, generation: u32, outcome: Result<()>) -> Done<()> {
        match outcome {
            Err(error) if is_lost(&error) => {
                let shared = Arc::clone(&self.shared);
                Done::pending(async move {
                    shared.until_down(generation).await;
                    // No transaction outlives its link.
                    Err(if has_not_begun(&error) {
                        undone().with_source(error)
                    } else {
                        error
                    })
                })
            }
            Err(error) if is_still_open(&error) => {
                self.transaction.reopen(generation);
                Done::ready(Err(error))
            }
            outcome => Done::ready(outcome),
        }
    }
}

#[async_trait]
impl DriverSession for FailoverSession {
    fn ready(&self) -> Done<()> {
        let Some(up) = self.up() else {
            // Refused by the send, which says why.
            if self.spec.transacted && self.transaction.has_begun() {
                return Done::ok();
            }
            return self.admitted_later();
        };
        match up.inner.ready().into_ready() {
            Ok(Err(error)) if is_lost(&error) => self.admitted_later(),
            Ok(outcome) => Done::ready(outcome),
            Err(pending) => {
                let (shared, this) = (Arc::clone(&self.shared), Weak::clone(&self.this));
                Done::pending(async move {
                    match pending.await {
                        Err(error) if shared.asks_again(up.generation, &error).await => match this.upgrade() {
                            Some(session) => session.admitted().await,
                            None => Err(error),
                        },
                        outcome => outcome,
                    }
                })
            }
        }
    }

    fn send(&self, envelope: Envelope) -> Done<()> {
        self.send_parcel(Parcel::One(envelope))
    }

    fn send_batch(&self, envelopes: Vec<Envelope>) -> Done<()> {
        self.send_parcel(Parcel::Many(envelopes))
    }

    async fn subscribe(&self, spec: SubscribeSpec, sink: Arc<dyn DeliverySink>) -> Result<Arc<dyn DriverSubscription>> {
        let subscription = FailoverSubscription::new(spec, sink, Arc::clone(&self.shared));
        let mut attempt = Attempt {
            subscription: Arc::clone(&subscription),
            succeeded: false,
        };
        self.subscribed(&subscription).await?;
        attempt.succeeded = true;
        // Its credit comes through the kernel, which knows of it from now on.
        Ok(subscription)
    }

    fn settle(&self, settlements: &[Settlement]) -> Done<()> {
        let Some(up) = self.up() else {
            return Done::ready(settled_late(settlements.iter()));
        };
        let is_of_now = |it: &&Settlement| epoch::is_of(&it.token, up.nth);
        let late = settled_late(settlements.iter().filter(|it| !is_of_now(it)));
        let unmarked = |it: &Settlement| Settlement {
            token: epoch::unmarked(it.token),
            outcome: it.outcome,
        };
        let done = match settlements {
            [one] if is_of_now(&one) => up.inner.settle(&[unmarked(one)]),
            _ => {
                let current: Vec<_> = settlements.iter().filter(is_of_now).map(unmarked).collect();
                if current.is_empty() {
                    return Done::ready(late);
                }
                up.inner.settle(&current)
            }
        };
        match late {
            Ok(()) => done,
            Err(late) => Done::pending(async move { done.await.and(Err(late)) }),
        }
    }

    fn commit(&self, acknowledged: &[DeliveryToken]) -> Done<()> {
        let Some(up) = self.up() else {
            let is_empty = acknowledged.is_empty() && !self.transaction.has_begun() && self.line.lock().is_empty();
            return if is_empty { Done::ok() } else { self.commit_undone(None) };
        };
        let is_whole = acknowledged.iter().all(|token| epoch::is_of(token, up.nth));
        let is_sent = self.transaction.join(up.generation).is_ok() && self.line.lock().is_empty();
        if !is_whole || !is_sent {
            return self.commit_undone(Some(&up));
        }
        self.transaction.end();
        let acknowledged: Vec<_> = acknowledged.iter().map(|token| epoch::unmarked(*token)).collect();
        match up.inner.commit(&acknowledged).into_ready() {
            Ok(outcome) => self.committed(up.generation, outcome),
            Err(pending) => {
                let this = Weak::clone(&self.this);
                Done::pending(async move {
                    let outcome = pending.await;
                    match this.upgrade() {
                        Some(session) => session.committed(up.generation, outcome).await,
                        None => outcome,
                    }
                })
            }
        }
    }

    fn rollback(&self) -> Done<()> {
        let sent = self.drop_transaction();
        match self.up().filter(|up| sent == 0 || sent == up.generation) {
            Some(up) => whether_lost_or_not(up.inner.rollback()),
            None => Done::ok(),
        }
    }

    fn flush(&self) -> Done<()> {
        self.up()
            .map_or_else(|| Done::ready(Err(not_begun())), |up| up.inner.flush())
    }

    async fn close(&self, deadline: Duration) -> Result<()> {
        self.closed.store(true, Ordering::Release);
        self.line.lock().refuse(&Error::closed("session"));
        let Some(up) = self.up() else { return Ok(()) };
        match up.inner.close(deadline).await {
            Err(error) if is_lost(&error) => Ok(()),
            outcome => outcome,
        }
    }

    fn abandon(&self) {
        self.closed.store(true, Ordering::Release);
        self.line.lock().refuse(&Error::closed("session"));
        let inner = Arc::clone(&self.link.read().inner);
        inner.abandon();
    }
}

/// The broker takes back by itself what a lost link delivered; all else about it comes too late.
fn settled_late<'a>(mut settlements: impl Iterator<Item = &'a Settlement>) -> Result<()> {
    let has_lost = settlements.any(|it| !matches!(it.outcome, Outcome::Release { .. }));
    if !has_lost {
        return Ok(());
    }
    let detail = "it was delivered over a link that is lost, and comes again";
    Err(Error::new(ErrorKind::ConnectionLost, detail))
}
