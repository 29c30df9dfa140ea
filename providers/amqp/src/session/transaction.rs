//! Ending transactions.

use std::{sync::Arc, time::Instant};

use anymq_api::{Error, ErrorKind, Result, Retry, spi::SubscriptionId};
use lapin::Channel;

use super::{
    command::Outgoing,
    publisher::{Publisher, Transaction},
};
use crate::{
    error::error,
    ledger::{Answer, Frame},
    link::Link,
    name::invalid,
    topology::Topology,
};

impl Publisher {
    /// Accepts `tokens` and makes the sends visible, or undoes the transaction and says so.
    pub(crate) async fn commit(&mut self, tokens: Vec<(SubscriptionId, u64)>) -> Result<()> {
        let unsure = self.dispatch_held().await;
        self.written().await;
        let outcome = self.take_place(unsure, tokens).await;
        let Some((link, channel, transaction)) = self.transaction() else {
            return Err(not_transacted());
        };
        let Err(error) = outcome else {
            let replies = std::mem::take(&mut transaction.replies);
            transaction.begin();
            // Only what is committed is answered.
            self.dispatch_all(replies).await;
            return Ok(());
        };
        if !link.is_up() {
            return Err(error);
        }
        let error = match transaction.end_of_channel(link).await {
            Some(cause) if error.code().is_none() && error.kind() != ErrorKind::TransactionInDoubt => {
                rolled_back(cause)
            }
            _ => error,
        };
        // What it undoes is undone by the end of the channel as well.
        let _ = transaction.roll_back(link, channel).await;
        Err(error)
    }

    /// Nothing of it, if there is an obstacle; otherwise first what can be refused one by one.
    async fn take_place(&mut self, unsure: Vec<Outgoing>, tokens: Vec<(SubscriptionId, u64)>) -> Result<()> {
        let Some((link, _, transaction)) = self.transaction() else {
            return Err(not_transacted());
        };
        transaction.obstacle(link).await.map_err(rolled_back)?;
        let is_begun = !unsure.is_empty();
        self.confirm_each(unsure).await?;
        let Some((link, channel, transaction)) = self.transaction() else {
            return Err(not_transacted());
        };
        let committed = transaction.commit(link, channel, tokens).await;
        if is_begun {
            committed.map_err(in_doubt)
        } else {
            committed
        }
    }

    /// Gives back what closed consumers left, at once if the transaction has no sends; otherwise it waits for its end.
    pub(crate) async fn give_back(&mut self) -> Result<()> {
        let Some((link, channel, transaction)) = self.transaction() else {
            return Ok(());
        };
        if transaction.sends || !channel.status().connected() {
            return Ok(());
        }
        let _turn = transaction.inbound.turn.lock().await;
        transaction.settle_later(link, channel).await
    }

    pub(crate) async fn roll_back(&mut self) -> Result<()> {
        self.written().await;
        let Some((link, channel, transaction)) = self.transaction() else {
            return Err(not_transacted());
        };
        match transaction.roll_back(link, channel).await {
            // The broker undid it when it ended the channel.
            Err(_) if link.is_up() && !channel.status().connected() => Ok(()),
            outcome => outcome,
        }
    }
}

impl Transaction {
    fn begin(&mut self) {
        self.failure = None;
        self.temporary.clear();
        self.held.clear();
        self.replies.clear();
        self.begun = Instant::now();
        self.sends = false;
    }

    /// Why the broker ended the channel, if it did. Its consumers are told, and so is the link, but not of which channel.
    async fn end_of_channel(&self, link: &Link) -> Option<Error> {
        if self.inbound.channel.status().connected() {
            return None;
        }
        let known = self.inbound.check().err();
        match known.or_else(|| self.failure.clone().filter(|failure| failure.code().is_some())) {
            Some(cause) => Some(cause),
            None => link.refusal_since(self.begun).await,
        }
    }

    /// What is in the way of a commit. The broker itself would commit the rest, and give back what it cannot route.
    async fn obstacle(&self, link: &Arc<Link>) -> Result<()> {
        if !link.is_up() {
            return Err(link.ended());
        }
        self.inbound.usable(link)?;
        if let Some(failure) = &self.failure {
            return Err(failure.clone());
        }
        for queue in &self.temporary {
            if !link.topology.owns(queue) && !Topology::exists(link, queue).await? {
                return Err(invalid(queue, "the temporary queue is gone"));
            }
        }
        Ok(())
    }

    async fn commit(&self, link: &Link, channel: &Channel, tokens: Vec<(SubscriptionId, u64)>) -> Result<()> {
        let _turn = self.inbound.turn.lock().await;
        let plan = self.inbound.ledger.lock().plan(Answer::Accept, tokens);
        self.send(link, &plan.frames).await.map_err(rolled_back)?;
        let later = self.inbound.ledger.lock().take_later();
        self.send(link, &later).await.map_err(rolled_back)?;
        if let Err(cause) = channel.tx_commit().await {
            return Err(self.not_committed(link, cause));
        }
        self.inbound.ledger.lock().remove(&plan.tags);
        self.check_returned(channel).await
    }

    async fn roll_back(&mut self, link: &Link, channel: &Channel) -> Result<()> {
        self.begin();
        let _turn = self.inbound.turn.lock().await;
        channel
            .tx_rollback()
            .await
            .map_err(|cause| self.inbound.error(link, cause))?;
        self.settle_later(link, channel).await
    }

    /// Settles what is no part of the transaction, which must be empty. The caller has the turn.
    async fn settle_later(&self, link: &Link, channel: &Channel) -> Result<()> {
        let later = self.inbound.ledger.lock().take_later();
        if later.is_empty() {
            return Ok(());
        }
        self.send(link, &later).await?;
        let committed = channel.tx_commit().await;
        committed.map(drop).map_err(|cause| self.inbound.error(link, cause))
    }

    async fn send(&self, link: &Link, frames: &[Frame]) -> Result<()> {
        self.inbound.send(link, frames).await
    }

    /// A broker that ends the channel has undone the transaction; one that is gone may have committed it.
    fn not_committed(&self, link: &Link, cause: lapin::Error) -> Error {
        let error = self.inbound.error(link, cause);
        if link.is_up() {
            rolled_back(error)
        } else {
            error.with_retry(Retry::MayDuplicate)
        }
    }

    /// The broker returns what it could not route before it answers the commit, which stands.
    async fn check_returned(&self, channel: &Channel) -> Result<()> {
        let Ok(returned) = channel.wait_for_confirms().await else {
            return Ok(());
        };
        let Some(first) = returned.first() else {
            return Ok(());
        };
        let detail = format!(
            "committed, but for {} message(s) whose queue was deleted meanwhile, the first to `{}`",
            returned.len(),
            first.routing_key
        );
        Err(error(ErrorKind::InvalidDestination, detail).with_code(312))
    }
}

/// A part of the transaction took place, or perhaps did.
pub(super) fn in_doubt(cause: Error) -> Error {
    let detail = format!("a part of the transaction may have taken place: {}", cause.detail());
    let error = error(ErrorKind::TransactionInDoubt, detail);
    error.with_retry(Retry::MayDuplicate).with_source(cause)
}

pub(super) fn rolled_back(cause: Error) -> Error {
    let detail = format!("the transaction was undone: {}", cause.detail());
    let error = error(ErrorKind::TransactionRolledBack, detail);
    let error = match cause.code() {
        Some(code) => error.with_code(code),
        None => error,
    };
    error.with_source(cause)
}

fn not_transacted() -> Error {
    error(ErrorKind::IllegalState, "the session is not transacted")
}
