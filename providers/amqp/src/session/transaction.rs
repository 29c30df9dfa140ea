//! Ending transactions.

use std::sync::Arc;

use anymq_api::{Error, ErrorKind, Result, spi::SubscriptionId};
use lapin::Channel;

use super::publisher::{Publisher, Transaction};
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
        self.written().await;
        let Some((link, channel, transaction)) = self.transaction() else {
            return Err(not_transacted());
        };
        if let Err(cause) = transaction.obstacle(link).await {
            // What it undoes is undone by the end of the channel as well.
            let _ = transaction.roll_back(link, channel).await;
            return Err(rolled_back(cause));
        }
        let outcome = transaction.commit(link, channel, tokens).await;
        transaction.begin();
        outcome
    }

    pub(crate) async fn roll_back(&mut self) -> Result<()> {
        self.written().await;
        let Some((link, channel, transaction)) = self.transaction() else {
            return Err(not_transacted());
        };
        transaction.roll_back(link, channel).await
    }
}

impl Transaction {
    fn begin(&mut self) {
        self.failure = None;
        self.temporary.clear();
    }

    /// What is in the way of a commit. The broker itself would commit the rest, and give back what it cannot route.
    async fn obstacle(&self, link: &Arc<Link>) -> Result<()> {
        if !link.is_up() {
            return Err(link.ended());
        }
        self.inbound.check()?;
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
        let later = self.inbound.ledger.lock().take_later();
        if !later.is_empty() {
            self.send(link, &later).await?;
            channel
                .tx_commit()
                .await
                .map_err(|cause| self.inbound.error(link, cause))?;
        }
        Ok(())
    }

    async fn send(&self, link: &Link, frames: &[Frame]) -> Result<()> {
        self.inbound.send(link, frames).await
    }

    /// A broker that ends the channel has undone the transaction; one that is gone may have committed it.
    fn not_committed(&self, link: &Link, cause: lapin::Error) -> Error {
        let error = self.inbound.error(link, cause);
        if link.is_up() { rolled_back(error) } else { error }
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

fn rolled_back(cause: Error) -> Error {
    let detail = format!("the transaction was undone: {}", cause.detail());
    error(ErrorKind::TransactionRolledBack, detail).with_source(cause)
}

fn not_transacted() -> Error {
    error(ErrorKind::IllegalState, "the session is not transacted")
}
