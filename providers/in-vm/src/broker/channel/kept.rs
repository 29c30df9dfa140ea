//! Sends and commits where there is a store.

use anymq_api::{
    Envelope, Result,
    spi::{DeliveryToken, SubscriptionId},
};

use super::{Channel, State, transaction::runs};
use crate::{
    broker::{discarded::Discarded, holding::Holding, keeper::Keeper},
    error,
    store::Change,
};

impl Channel {
    /// What cannot be reached is passed over; the others go in one piece.
    pub(super) fn send_batch_kept(&self, keeper: &Keeper, mut envelopes: Vec<Envelope>) -> Result<()> {
        let mut outcome = Ok(());
        envelopes.retain(|envelope| {
            let reached = self.broker().check_reachable(&envelope.headers().destination);
            let is_reached = reached.is_ok();
            outcome = std::mem::replace(&mut outcome, Ok(())).and(reached);
            is_reached
        });
        let sent = self.broker().send_kept(keeper, envelopes, Vec::new(), self.origin());
        outcome.and(sent)
    }

    /// The store hears of the whole transaction at once. Where that fails, nothing is done and the sends are dropped.
    pub(super) fn commit_kept(
        &self,
        keeper: &Keeper,
        state: &mut State,
        acknowledged: &[DeliveryToken],
        discarded: &mut Discarded,
    ) -> Result<()> {
        let sends = state.transaction.as_mut().map(std::mem::take).unwrap_or_default();
        let leaving = state.claim(acknowledged);
        let sent = self.broker().send_kept(keeper, sends, leaving, self.origin());
        if let Err(cause) = sent {
            state.unclaim(acknowledged);
            return Err(error::not_committed(cause));
        }
        state.accept(self.broker(), acknowledged, discarded);
        Ok(())
    }
}

impl State {
    fn holding(&self, id: SubscriptionId) -> Option<&Holding> {
        self.holdings.get(self.search(id).ok()?)
    }

    fn claim(&self, acknowledged: &[DeliveryToken]) -> Vec<Change> {
        let mut changes = Vec::new();
        for (id, tags) in runs(acknowledged) {
            if let Some(holding) = self.holding(id) {
                holding.claim(tags, &mut changes);
            }
        }
        changes
    }

    fn unclaim(&self, acknowledged: &[DeliveryToken]) {
        for (id, tags) in runs(acknowledged) {
            if let Some(holding) = self.holding(id) {
                holding.unclaim(tags);
            }
        }
    }
}
