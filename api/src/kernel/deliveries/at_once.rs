//! The usual hand-over, for which nothing needs to be asked or told.

use super::{Deliveries, Phase};
use crate::{AckMode, DeliveryInfo, Envelope, kernel::inbox::Grant, spi::SubscriptionId};

impl Deliveries {
    /// For a consumer that asks: what [`take`](Self::take) gives it, where that is a message that needs no more than to
    /// be noted as accepted. Otherwise nothing is changed, and `take` knows what to do.
    ///
    /// Every message comes along here, in pieces: joined too early they are copied once more, which costs more than the
    /// rest.
    #[inline]
    pub(crate) fn take_at_once(&self, id: SubscriptionId) -> Option<(Envelope, DeliveryInfo, Option<Grant>)> {
        if self.mode != AckMode::Auto || self.redelivery.is_some() {
            return None;
        }
        let mut state = self.state.lock();
        let state = &mut *state;
        if state.phase != Phase::Open || !state.started || state.failure.is_some() || self.is_full(&state.ledger) {
            return None;
        }
        let inbox = state.consumers.get_mut(&id)?;
        if inbox.closing || inbox.listener.is_some() {
            return None;
        }
        let delivery = inbox.pop_accepted()?;
        state.last_delivery += 1;
        let info = DeliveryInfo {
            id: state.last_delivery,
            redelivered: delivery.redelivered,
            count: delivery.count,
        };
        Some((delivery.envelope, info, inbox.refill()))
    }
}
