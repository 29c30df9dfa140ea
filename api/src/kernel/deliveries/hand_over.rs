//! Handing over: the only place where a message leaves an inbox for the application.

use std::sync::Arc;

use super::{Deliveries, Dispatch, HandOver, LAZY, Phase, Running, Settlements, State, Taken};
use crate::{
    AckMode, DeliveryInfo, Error, ErrorKind, Result,
    kernel::{
        Clock,
        inbox::{Grant, Inbox},
        ledger::{Attempted, Ledger},
    },
    spi::{Outcome, Settlement, SubscriptionId},
};

impl Deliveries {
    /// For a consumer that asks. When there is nothing, one that `waits` is woken by the next arrival.
    pub(crate) fn take(&self, id: SubscriptionId, waits: bool) -> Result<Taken> {
        let mut state = self.state.lock();
        let state = &mut *state;
        match state.phase {
            Phase::Open => {}
            Phase::Draining => return Ok(Taken::Closed),
            Phase::Closed => return Err(Error::closed("session")),
        }
        let Some(inbox) = state.consumers.get_mut(&id) else {
            return Err(Error::closed("consumer"));
        };
        if inbox.closing {
            return Ok(Taken::Closed);
        }
        if inbox.listener.is_some() {
            return Err(Error::new(
                ErrorKind::IllegalState,
                "a listener is set on this consumer",
            ));
        }
        // What was delivered by a lost link can never be settled, and nothing follows it.
        if let Some(error) = &state.failure {
            return Err(error.clone());
        }
        let mut expired = Vec::new();
        let next = if state.started {
            next_live(inbox, &*self.clock, waits, &mut expired)
        } else {
            None
        };
        let Some(entry) = next else {
            if let Some(error) = &inbox.ended {
                return Err(error.clone());
            }
            expired.append(&mut state.lazy);
            let grant = if expired.is_empty() { None } else { inbox.refill() };
            return Ok(Taken::Nothing { expired, grant });
        };
        if self.is_full(&state.ledger) {
            inbox.put_back(entry);
            return Err(Error::new(
                ErrorKind::ResourceAllocation,
                "too many messages are received and not acknowledged",
            ));
        }
        let grant = inbox.refill();
        Ok(Taken::Message(self.hand_over(state, entry, expired, grant, false)))
    }

    /// For the dispatcher.
    pub(crate) fn next_for_listener(&self) -> Dispatch {
        let mut state = self.state.lock();
        let state = &mut *state;
        if state.phase != Phase::Open {
            return Dispatch::Closed;
        }
        if !state.started || state.failure.is_some() || self.is_full(&state.ledger) {
            return Dispatch::Nothing;
        }
        while let Some(id) = state.turns.pop_front() {
            let Some(inbox) = state.consumers.get_mut(&id) else {
                continue;
            };
            inbox.scheduled = false;
            let Some(listener) = inbox.listener.clone().filter(|_| !inbox.closing) else {
                continue;
            };
            let mut expired = Vec::new();
            let next = next_live(inbox, &*self.clock, false, &mut expired);
            let grant = inbox.refill();
            let Some(entry) = next else {
                if expired.is_empty() {
                    continue;
                }
                return Dispatch::Again { expired, grant };
            };
            state.schedule(id);
            let hand_over = self.hand_over(state, entry, expired, grant, true);
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
        Dispatch::Nothing
    }

    fn is_full(&self, ledger: &Ledger) -> bool {
        self.max_unsettled.is_some_and(|limit| ledger.len() >= limit as usize)
    }

    /// Counts the hand-over, and puts it into the ledger unless it is acknowledged by itself.
    fn hand_over(
        &self,
        state: &mut State,
        mut entry: Attempted,
        expired: Vec<Settlement>,
        grant: Option<Grant>,
        to_listener: bool,
    ) -> HandOver {
        state.last_delivery += 1;
        entry.attempts += 1;
        let info = DeliveryInfo {
            id: state.last_delivery,
            redelivered: entry.delivery.redelivered || entry.attempts > 1,
            count: entry.delivery.count.saturating_add(entry.attempts - 1),
        };
        let mut settlements = Settlements {
            expired,
            accepted: None,
        };
        let envelope = match self.mode {
            AckMode::Auto if !to_listener => {
                settlements.accepted = Some(entry.settle(Outcome::Accept));
                entry.delivery.envelope
            }
            AckMode::DupsOk if !to_listener => {
                state.lazy.push(entry.settle(Outcome::Accept));
                if state.lazy.len() >= LAZY {
                    settlements.expired.append(&mut state.lazy);
                }
                entry.delivery.envelope
            }
            // Settled by the application, or when the listener has returned.
            _ => {
                let envelope = Arc::clone(&entry.delivery.envelope);
                state.ledger.insert(info.id, entry);
                envelope
            }
        };
        HandOver {
            envelope,
            info,
            settlements,
            grant,
        }
    }
}

/// The first entry that has not expired; the expired ones before it are dropped.
fn next_live(inbox: &mut Inbox, clock: &dyn Clock, waits: bool, expired: &mut Vec<Settlement>) -> Option<Attempted> {
    loop {
        let entry = inbox.pop(waits)?;
        match entry.delivery.envelope.headers.expiration {
            Some(expiration) if expiration <= clock.now() => expired.push(entry.settle(Outcome::Accept)),
            _ => return Some(entry),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::kernel::SystemClock;

    #[test]
    fn a_lost_link_fails_who_asks() {
        let deliveries = Deliveries::new(AckMode::Auto, true, None, Arc::new(SystemClock));
        let (id, _) = deliveries.register(1);
        assert!(matches!(deliveries.take(id, true), Ok(Taken::Nothing { .. })));
        deliveries.fail(&ErrorKind::ConnectionLost.into());
        let outcome = deliveries.take(id, true).map(drop);
        assert_eq!(outcome.map_err(|error| error.kind()), Err(ErrorKind::ConnectionLost));
    }
}
