//! Handing over: the only place where a message leaves an inbox for the application.

use tokio::time::Instant;

use super::{Deliveries, Dispatch, FollowUp, HandOver, LAZY, Phase, Running, State, Taken};
use crate::{
    AckMode, DeliveryInfo, Error, ErrorKind, Result,
    kernel::{
        inbox::Inbox,
        ledger::{Attempted, Ledger},
    },
    spi::{Outcome, SubscriptionId},
};

impl Deliveries {
    /// For a consumer that asks. When there is nothing, one that `waits` is woken by the next arrival.
    #[inline]
    pub(crate) fn take(&self, id: SubscriptionId, waits: bool) -> Result<Taken> {
        let mut state = self.state.lock();
        let state = &mut *state;
        if state.phase != Phase::Open {
            return ended(state.phase);
        }
        let State { consumers, owed, .. } = state;
        let Some(inbox) = consumers.get_mut(&id) else {
            return Err(Error::closed("consumer"));
        };
        if inbox.closing {
            return Ok(Taken::Closed);
        }
        if inbox.listener.is_some() {
            return Err(listened());
        }
        // What was delivered by a lost link can never be settled, and nothing follows it.
        if let Some(error) = &state.failure {
            return Err(error.clone());
        }
        if self.is_full(&state.ledger) {
            return Err(too_many());
        }
        let mut follow_up = FollowUp::default();
        let next = if state.started {
            self.next_live(inbox, waits, owed, &mut follow_up)
        } else {
            None
        };
        let Some(entry) = next else {
            let mut until = inbox.held_until().filter(|_| state.started);
            if let Some(error) = inbox.ended.as_ref().filter(|_| until.is_none()) {
                if follow_up.is_empty() {
                    return Err(error.clone());
                }
                // First what was found on the way is settled; who waits then looks again, at once.
                until = Some(Instant::now());
            }
            if !follow_up.is_empty()
                && let Some(grant) = inbox.refill()
            {
                follow_up.grant(grant);
            }
            if !state.lazy.is_empty() {
                follow_up.settle_lazy(state);
            }
            return Ok(Taken::Nothing(follow_up, until));
        };
        if let Some(grant) = inbox.refill() {
            follow_up.grant(grant);
        }
        let accepted = self.mode == AckMode::Auto && inbox.accept(&entry.delivery);
        Ok(Taken::Message(self.hand_over(state, entry, accepted, follow_up)))
    }

    /// For the dispatcher.
    pub(crate) fn next_for_listener(&self) -> Dispatch {
        let mut state = self.state.lock();
        let state = &mut *state;
        if state.phase != Phase::Open {
            return Dispatch::Closed;
        }
        if !state.started || state.failure.is_some() || self.is_full(&state.ledger) {
            return Dispatch::Nothing(None);
        }
        if !state.parked.is_empty() {
            state.unpark();
        }
        while let Some(id) = state.turns.pop_front() {
            let State { consumers, owed, .. } = &mut *state;
            let Some(inbox) = consumers.get_mut(&id) else {
                continue;
            };
            inbox.scheduled = false;
            let Some(listener) = inbox.listener.clone().filter(|_| !inbox.closing) else {
                continue;
            };
            let mut follow_up = FollowUp::default();
            let next = self.next_live(inbox, false, owed, &mut follow_up);
            if let Some(grant) = inbox.refill() {
                follow_up.grant(grant);
            }
            let Some(entry) = next else {
                if let Some(until) = inbox.held_until() {
                    state.park(id, until);
                }
                if follow_up.is_empty() {
                    continue;
                }
                return Dispatch::Again(follow_up);
            };
            state.schedule(id);
            let hand_over = keep(state, entry, follow_up);
            state.running = Some(Running {
                consumer: id,
                delivery: hand_over.info.id,
            });
            return Dispatch::Message {
                consumer: id,
                listener,
                hand_over,
            };
        }
        Dispatch::Nothing(state.next_parked())
    }

    pub(super) fn is_full(&self, ledger: &Ledger) -> bool {
        self.max_unsettled.is_some_and(|limit| ledger.len() >= limit as usize)
    }

    /// The first entry that is wanted, and has neither expired nor been delivered too often; those before it are settled, outside a
    /// transaction as well: the application never sees them, so no rollback can ask for them.
    #[inline]
    fn next_live(&self, inbox: &mut Inbox, waits: bool, owed: &mut u64, follow_up: &mut FollowUp) -> Option<Attempted> {
        loop {
            let entry = inbox.pop(waits)?;
            let expiration = entry.delivery.envelope.headers().expiration;
            let expired = expiration.is_some_and(|expiration| expiration <= self.clock.now());
            if expired || !inbox.wants(&entry.delivery) {
                follow_up.settle(entry.settle(Outcome::Accept), owed);
            } else if self
                .redelivery
                .as_ref()
                .is_some_and(|redelivery| redelivery.is_over(&entry))
            {
                follow_up.settle(entry.give_up(), owed);
            } else {
                return Some(entry);
            }
        }
    }

    /// For a consumer that asked; in the automatic modes that is the end of it.
    #[inline]
    fn hand_over(
        &self,
        state: &mut State,
        mut entry: Attempted,
        is_accepted: bool,
        mut follow_up: FollowUp,
    ) -> HandOver {
        let mut accepted = None;
        match self.mode {
            AckMode::Auto if is_accepted => {}
            AckMode::Auto => {
                accepted = Some(entry.settle(Outcome::Accept));
                state.owe();
            }
            AckMode::DupsOk => {
                state.lazy.push(entry.settle(Outcome::Accept));
                if state.lazy.len() >= LAZY {
                    follow_up.settle_lazy(state);
                }
            }
            AckMode::Client | AckMode::Individual | AckMode::Transacted => return keep(state, entry, follow_up),
        }
        HandOver {
            info: state.count(&mut entry),
            envelope: entry.delivery.envelope,
            accepted,
            follow_up,
        }
    }
}

/// Hands over what stays in the ledger, until the application settles it or the listener has returned.
fn keep(state: &mut State, mut entry: Attempted, follow_up: FollowUp) -> HandOver {
    let info = state.count(&mut entry);
    let envelope = entry.delivery.envelope.clone();
    state.ledger.insert(info.id, entry);
    HandOver {
        envelope,
        info,
        accepted: None,
        follow_up,
    }
}

impl State {
    /// Counts a hand-over.
    #[inline]
    fn count(&mut self, entry: &mut Attempted) -> DeliveryInfo {
        self.last_delivery += 1;
        entry.attempts += 1;
        DeliveryInfo {
            id: self.last_delivery,
            redelivered: entry.delivery.redelivered || entry.attempts > 1,
            count: entry.delivery.count.saturating_add(entry.attempts - 1),
        }
    }
}

#[cold]
fn ended(phase: Phase) -> Result<Taken> {
    match phase {
        Phase::Closed => Err(Error::closed("session")),
        Phase::Open | Phase::Draining => Ok(Taken::Closed),
    }
}

#[cold]
fn listened() -> Error {
    Error::new(ErrorKind::IllegalState, "a listener is set on this consumer")
}

#[cold]
fn too_many() -> Error {
    Error::new(
        ErrorKind::ResourceAllocation,
        "too many messages are received and not acknowledged",
    )
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use super::*;
    use crate::SystemClock;

    #[test]
    fn a_lost_link_fails_who_asks() {
        let deliveries = Deliveries::new(AckMode::Auto, true, None, Arc::new(SystemClock));
        let (id, _) = deliveries.register(1, None);
        assert!(matches!(deliveries.take(id, true), Ok(Taken::Nothing { .. })));
        deliveries.fail(&ErrorKind::ConnectionLost.into());
        let outcome = deliveries.take(id, true).map(drop);
        assert_eq!(outcome.map_err(|error| error.kind()), Err(ErrorKind::ConnectionLost));
    }
}
