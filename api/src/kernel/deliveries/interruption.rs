//! What becomes of deliveries when the link that they came by is lost, and the session lives on.

use super::{Deliveries, Phase, State};
use crate::{
    Error, ErrorKind,
    kernel::{
        failover::Interruption,
        inbox::{Grant, Inbox},
        ledger::Attempted,
    },
};

impl Deliveries {
    /// Nothing of the old link is handed out or settled any more: the broker delivers it again. What comes back is credit
    /// for the next link.
    pub(crate) fn interrupt(&self, interruption: &Interruption) -> Vec<Grant> {
        let mut state = self.state.lock();
        state.epoch = Some(interruption.epoch);
        let handed_over = state.ledger.forget_all();
        state.taken_back.remember(handed_over, &void(Some(&interruption.error)));
        state.lazy.clear();
        state.parked.clear();
        state.consumers.values_mut().for_each(Inbox::void);
        let mut grants = Vec::new();
        if state.started && state.phase == Phase::Open {
            grants.extend(state.consumers.values_mut().filter_map(Inbox::fill));
        }
        // Whoever was to wait for a message that has gone looks again.
        state.schedule_all();
        state.wake_receivers();
        drop(state);
        self.dispatch.notify_one();
        grants
    }
}

impl State {
    /// What was taken out of the ledger before the link was lost cannot go back there; whoever settles all the rest has to
    /// know.
    pub(super) fn remember_void(&mut self) {
        // Without its number, as only those modes put back that take all.
        self.taken_back.remember(vec![0], &void(None));
    }

    /// Whether it was delivered by a link that is lost.
    pub(super) fn is_void(&self, entry: &Attempted) -> bool {
        // Epochs go round: what is less than half a round behind is before.
        self.epoch
            .is_some_and(|epoch| entry.delivery.token.epoch.wrapping_sub(epoch) > u32::MAX / 2)
    }
}

fn void(cause: Option<&Error>) -> Error {
    let detail = "the link that delivered it was lost, and it comes again";
    match cause {
        None => Error::new(ErrorKind::ConnectionLost, detail),
        Some(cause) => {
            let detail = format!("{detail}: {}", cause.detail());
            Error::new(ErrorKind::ConnectionLost, detail).with_source(cause.clone())
        }
    }
}
