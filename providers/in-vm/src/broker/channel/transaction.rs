//! What ends a transaction.

use anymq_api::{
    Address, Result,
    spi::{DeliveryToken, Outcome, SubscriptionId},
};

use super::{Channel, State};
use crate::{
    broker::{Broker, consumer::EPOCH, discarded::Discarded},
    error,
};

impl Channel {
    /// Acknowledges and sends. When a send cannot be done, as its temporary destination was deleted meanwhile, nothing
    /// is done and the sends are dropped.
    pub(crate) fn commit(&self, acknowledged: &[DeliveryToken]) -> Result<()> {
        let mut discarded = Discarded::default();
        let mut state = self.state.lock();
        state.check_open()?;
        if let Err(cause) = state.check_sends(self.broker()) {
            let undone = state.transaction.as_mut().map(std::mem::take);
            drop(state);
            drop(undone);
            return Err(cause);
        }
        let mut destinations = Vec::new();
        if self.broker().capacity().is_some() {
            destinations = state.destinations();
        }
        match self.broker().keeper() {
            Some(keeper) => self.commit_kept(keeper, &mut state, acknowledged, &mut discarded)?,
            None => self.commit_unkept(&mut state, acknowledged, &mut discarded),
        }
        drop(state);
        if let Some(capacity) = self.broker().capacity() {
            self.after_commit(&destinations, capacity);
        }
        Ok(())
    }

    fn commit_unkept(&self, state: &mut State, acknowledged: &[DeliveryToken], discarded: &mut Discarded) {
        state.accept(self.broker(), acknowledged, discarded);
        let State {
            routes, transaction, ..
        } = state;
        if let Some(sends) = transaction {
            // What is deleted from here on is deleted after the commit: its messages are gone, as they would be then.
            let _gone = routes.send_all(self.broker(), sends.drain(..), self.origin());
        }
    }

    pub(crate) fn rollback(&self) -> Result<()> {
        let mut state = self.state.lock();
        state.check_open()?;
        let undone = state.transaction.as_mut().map(std::mem::take);
        drop(state);
        undone.map(drop).ok_or_else(error::not_transacted)
    }
}

impl State {
    /// Whether all sends of the transaction can be done.
    fn check_sends(&self, broker: &Broker) -> Result<()> {
        let sends = self.transaction.as_ref().ok_or_else(error::not_transacted)?;
        sends
            .iter()
            .try_for_each(|envelope| broker.check_reachable(&envelope.headers().destination))
            .map_err(error::rolled_back)
    }

    /// Accepts what a transaction acknowledges.
    pub(super) fn accept(&mut self, broker: &Broker, acknowledged: &[DeliveryToken], discarded: &mut Discarded) {
        for (id, tags) in runs(acknowledged) {
            self.settle(broker, Some(id), tags.map(|tag| (tag, Outcome::Accept)), discarded);
        }
    }

    /// Where the transaction sends to.
    fn destinations(&self) -> Vec<Address> {
        let sends = self.transaction.iter().flatten();
        sends.map(|envelope| envelope.headers().destination.clone()).collect()
    }
}

/// The tags of each subscription in a row.
pub(super) fn runs(tokens: &[DeliveryToken]) -> impl Iterator<Item = (SubscriptionId, impl Iterator<Item = u64>)> {
    let runs = tokens.chunk_by(|a, b| a.subscription == b.subscription);
    runs.filter_map(|run| {
        let known = run.iter().filter(|it| it.epoch == EPOCH);
        Some((run.first()?.subscription, known.map(|it| it.tag)))
    })
}
