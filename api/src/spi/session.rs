use std::{fmt::Debug, sync::Arc, time::Duration};

use async_trait::async_trait;

use super::{DeliverySink, DeliveryToken, Done, DriverSubscription, Settlement, SubscribeSpec};
use crate::{Envelope, Result};

/// What the kernel asks of a new session.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct SessionSpec {
    /// Whether its sends and settlements form transactions.
    pub transacted: bool,
    /// Whether each delivery is settled before the next one is handed out, as in the automatic mode. Where a broker counts
    /// unsettled deliveries, such a session needs no more of them than its credit.
    pub settles_promptly: bool,
}

impl SessionSpec {
    /// A session with or without transactions.
    pub const fn new(transacted: bool) -> Self {
        Self {
            transacted,
            settles_promptly: false,
        }
    }

    /// The same, with this of its settlements.
    #[must_use]
    pub const fn with_prompt_settlements(mut self, prompt: bool) -> Self {
        self.settles_promptly = prompt;
        self
    }
}

/// One order of sends and settlements.
///
/// The plain functions submit: when they return, the work is enqueued in call order and will run to its end whether or
/// not anybody polls the [`Done`]. The kernel may call them from several tasks, but never with a lock held
/// that a sink takes. Nothing is retried by the driver.
#[async_trait]
pub trait DriverSession: Debug + Send + Sync {
    /// Ready when another send may be submitted: the only back-pressure. The kernel waits for it before each send, and
    /// may drop the waiter.
    fn ready(&self) -> Done<()>;

    /// Sends one message; done when the broker has taken it. In a transacted session, done when it is on its way, and
    /// visible to nobody before [`commit`](Self::commit).
    fn send(&self, envelope: Envelope) -> Done<()>;

    /// Sends several, in order; done when the broker has taken them all.
    fn send_batch(&self, envelopes: Vec<Envelope>) -> Done<()>;

    /// Opens a subscription without credit. It exists at the broker when this returns; `sink` is kept until the
    /// subscription is closed or abandoned. Dropping the future leaves no subscription behind.
    ///
    /// # Errors
    /// What the broker answers.
    async fn subscribe(&self, spec: SubscribeSpec, sink: Arc<dyn DeliverySink>) -> Result<Arc<dyn DriverSubscription>>;

    /// Settles deliveries of this session's subscriptions, closed ones included, in the order given. A token that is
    /// unknown (already settled, or of an older link) is ignored.
    ///
    /// In a transacted session only what is no part of the transaction comes this way: releases, what has expired and
    /// what was delivered too often. It takes effect at once or at the transaction's end, and then however that ends:
    /// a rollback does not undo it.
    fn settle(&self, settlements: &[Settlement]) -> Done<()>;

    /// Transacted: accepts `acknowledged` and makes the sends visible, atomically as far as the broker can; then the
    /// next transaction begins.
    ///
    /// What an error says: `TransactionRolledBack`, it was undone and the next transaction has begun, so the kernel
    /// delivers again what was received; `IllegalState` or [`Retry::Safe`](crate::Retry::Safe), nothing happened and the
    /// transaction is still open; anything else, nobody knows, which the kernel reports as `TransactionInDoubt`. What was
    /// received in doubt is not delivered again by this session; what the broker has not taken as accepted goes back
    /// when the session ends.
    fn commit(&self, acknowledged: &[DeliveryToken]) -> Done<()>;

    /// Transacted: undoes the sends. Deliveries are untouched: the kernel delivers them again itself.
    fn rollback(&self) -> Done<()>;

    /// Done when everything submitted before has reached the broker.
    fn flush(&self) -> Done<()>;

    /// Ends the session in order: an open transaction is undone, unsettled deliveries go back as
    /// [`ReleaseScope`](super::ReleaseScope) says. The kernel has closed its subscriptions before and gives up after
    /// `deadline`.
    ///
    /// # Errors
    /// What the broker answers; a lost link is no error.
    async fn close(&self, deadline: Duration) -> Result<()>;

    /// Ends the session at once, with its subscriptions, without waiting; for `Drop`, so possibly outside a runtime.
    /// Unsettled deliveries go back. Idempotent.
    fn abandon(&self);
}
