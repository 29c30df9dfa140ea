use super::State;
use crate::{kernel::inbox::Grant, spi::Settlement};

/// What the driver has to be told after a look into an inbox, once no lock is held. Mostly nothing, and every message
/// carries it, so it is one pointer.
#[derive(Default)]
#[must_use]
pub(crate) struct FollowUp(Option<Box<Errand>>);

#[derive(Default)]
pub(crate) struct Errand {
    /// Messages that expired, were filtered out or were delivered too often; what a dups-ok session held back.
    pub(crate) settlements: Vec<Settlement>,
    pub(crate) grant: Option<Grant>,
    /// Whether a closing session waits for it.
    pub(crate) owed: bool,
}

impl FollowUp {
    pub(crate) fn is_empty(&self) -> bool {
        self.0.is_none()
    }

    pub(crate) fn into_errand(self) -> Option<Box<Errand>> {
        self.0
    }

    #[cold]
    pub(super) fn settle(&mut self, settlement: Settlement, owed: &mut u64) {
        let errand = self.errand();
        errand.settlements.push(settlement);
        if !std::mem::replace(&mut errand.owed, true) {
            *owed += 1;
        }
    }

    /// Takes out what a dups-ok session held back.
    #[cold]
    pub(super) fn settle_lazy(&mut self, state: &mut State) {
        let errand = self.errand();
        errand.settlements.append(&mut state.lazy);
        if !std::mem::replace(&mut errand.owed, true) {
            state.owe();
        }
    }

    #[cold]
    pub(super) fn grant(&mut self, grant: Grant) {
        self.errand().grant = Some(grant);
    }

    fn errand(&mut self) -> &mut Errand {
        self.0.get_or_insert_default()
    }
}
