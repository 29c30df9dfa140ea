//! Commit and rollback: each runs to its end once submitted, and the next one waits for it.

use std::sync::Arc;

use tokio::sync::OwnedMutexGuard;

use super::{
    deliveries::{Unsettled, tokens},
    detach::{detached, within},
    ledger::Attempted,
    scope,
    session::SessionCore,
};
use crate::{AckMode, Error, ErrorKind, Result, Retry, spi::Done};

impl SessionCore {
    pub(crate) async fn commit(self: &Arc<Self>) -> Result<()> {
        let turn = self.begin_ending("commit").await?;
        let (Unsettled { entries, taken_back }, submission) = self.deliveries.take_ledger()?;
        let done = match taken_back {
            None => self.driver.commit(&tokens(&entries)),
            // What it received can only be undone, so it is all undone.
            Some(_) => self.driver.rollback(),
        };
        drop(submission);
        let finish = |session: &Self, outcome: Result<()>| {
            let outcome = outcome.and(taken_back.map_or(Ok(()), |cause| Err(undone(cause))));
            session.committed(entries, outcome)
        };
        self.end_with(done, turn, finish).await
    }

    pub(crate) async fn rollback(self: &Arc<Self>) -> Result<()> {
        let turn = self.begin_ending("rollback").await?;
        // Before the rollback, as releases may wait for the end of their transaction.
        self.settle_unreturned(self.deliveries.take_orphans());
        let done = self.driver.rollback();
        self.end_with(done, turn, Self::rolled_back).await
    }

    /// Waits for its turn and for the outstanding asynchronous sends.
    async fn begin_ending(&self, operation: &'static str) -> Result<OwnedMutexGuard<()>> {
        let refuse = |detail| Err(Error::new(ErrorKind::IllegalState, detail).with_operation(operation));
        self.usable()?;
        if self.mode != AckMode::Transacted {
            return refuse("the session is not transacted");
        }
        if scope::completing_producer(self.id).is_some() {
            return refuse("a completion listener cannot end its session's transaction");
        }
        let turn = Arc::clone(&self.transaction).lock_owned().await;
        self.over.or(self.completions.drained()).await;
        self.not_closed()?;
        Ok(turn)
    }

    /// Finishes at once when the outcome is known, otherwise in a task that outlives the caller's interest.
    async fn end_with(
        self: &Arc<Self>,
        done: Done<()>,
        turn: OwnedMutexGuard<()>,
        finish: impl FnOnce(&Self, Result<()>) -> Result<()> + Send + 'static,
    ) -> Result<()> {
        match done.into_ready() {
            Ok(outcome) => finish(self, outcome),
            Err(pending) => {
                let session = Arc::clone(self);
                detached(async move {
                    let outcome = within(session.connection.request_timeout, pending).await;
                    let outcome = finish(&session, outcome);
                    drop(turn);
                    outcome
                })
                .await
            }
        }
    }

    fn committed(&self, entries: Vec<Attempted>, outcome: Result<()>) -> Result<()> {
        let Err(error) = outcome else { return Ok(()) };
        let error = error.with_operation("commit").with_provider(self.connection.provider);
        match error.kind() {
            ErrorKind::TransactionRolledBack => {
                self.settle_unreturned(self.deliveries.redeliver(entries));
                Err(error)
            }
            // Nothing happened: the transaction is still open, and what it received still a part of it.
            _ if is_still_open(&error) => {
                self.deliveries.restore(entries);
                Err(error)
            }
            // Delivering again what may be accepted would double it. What is not goes back with the session.
            _ => {
                let detail = format!("nobody knows whether the commit took place: {}", error.detail());
                let doubt = Error::new(ErrorKind::TransactionInDoubt, detail).with_operation("commit");
                Err(doubt.with_provider(self.connection.provider).with_source(error))
            }
        }
    }

    /// What was received comes again, whatever became of the sends.
    fn rolled_back(&self, outcome: Result<()>) -> Result<()> {
        self.settle_unreturned(self.deliveries.recover());
        outcome.map_err(|error| error.with_operation("rollback").with_provider(self.connection.provider))
    }
}

/// Of a commit's error: whether nothing happened, and the transaction is as it was.
pub(super) fn is_still_open(error: &Error) -> bool {
    error.kind() == ErrorKind::IllegalState || error.retry() == Retry::Safe
}

/// The broker took back what the transaction received.
fn undone(cause: Error) -> Error {
    let detail = format!("the broker took back what was received: {}", cause.detail());
    Error::new(ErrorKind::TransactionRolledBack, detail).with_source(cause)
}
