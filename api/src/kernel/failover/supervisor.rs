//! The one task of a connection that makes its link again.

use std::{
    collections::hash_map::RandomState,
    hash::BuildHasher,
    sync::{Arc, Weak},
    time::Duration,
};

use tokio::sync::watch;

use super::{
    hosts::{Host, Refusals},
    link::Status,
    shared::{Made, Shared},
};
use crate::{Error, ErrorKind, ReconnectPolicy, ReconnectRounds, Result, kernel::dispatch::catch_panic};

/// How often in a row every host may refuse for good: one that is starting may do so for a moment.
const FINAL_ROUNDS: u32 = 3;

/// Ends with the connection.
pub(super) fn start(shared: &Arc<Shared>) {
    let status = shared.status.subscribe();
    tokio::spawn(supervise(Arc::downgrade(shared), status));
}

async fn supervise(shared: Weak<Shared>, mut status: watch::Receiver<Status>) {
    loop {
        let is_news = |status: &Status| !matches!(status, Status::Up(_));
        match status.wait_for(is_news).await.as_deref() {
            Ok(Status::Down) => {}
            _ => return,
        }
        let Some(shared) = shared.upgrade() else { return };
        let mut over = shared.status.subscribe();
        tokio::select! {
            biased;
            _ = over.wait_for(|status| matches!(status, Status::Over(_))) => return,
            fought = catch_panic(shared.fight()) => if let Err(panic) = fought {
                shared.give_up(panic.into_error("reconnect"));
            }
        }
    }
}

impl Shared {
    /// One outage, to its end or to that of the policy.
    async fn fight(self: &Arc<Self>) {
        if let Some(lost) = self.latest() {
            lost.abandon();
        }
        let mut final_rounds = 0;
        let mut last = None;
        for round in 1.. {
            if !is_allowed(&self.policy, round) || final_rounds == FINAL_ROUNDS {
                let error = last.unwrap_or_else(|| Error::new(ErrorKind::ConnectionLost, "reconnecting is off"));
                return self.give_up(error);
            }
            tokio::time::sleep(jittered(self.policy.delay_before(round))).await;
            match self.round().await {
                Ok(generation) => return self.tidy_up(generation),
                Err(refusals) => {
                    final_rounds = if refusals.are_final() { final_rounds + 1 } else { 0 };
                    let error = refusals.into_error();
                    tracing::debug!(%error, round, "reconnecting");
                    last = Some(error);
                }
            }
        }
    }

    /// Every host once.
    async fn round(self: &Arc<Self>) -> Result<u32, Refusals> {
        let mut refusals = Refusals::default();
        for host in &self.hosts {
            match self.attempt(host).await {
                Ok(generation) => return Ok(generation),
                Err(error) => refusals.push(error),
            }
        }
        Err(refusals)
    }

    async fn attempt(self: &Arc<Self>, host: &Host) -> Result<u32> {
        let attempt = Attempt {
            made: self.make(host).await?,
            succeeded: false,
        };
        self.take_over(attempt).await.map_err(|error| host.name(error))
    }

    async fn take_over(&self, mut attempt: Attempt) -> Result<u32> {
        let made = &attempt.made;
        let restored = self.restore(made).await?;
        restored.take_over(made);
        self.publish(made)?;
        let generation = made.gate.generation;
        self.tell_restored(made);
        made.gate.tell_early(|event| self.tell(event));
        restored.go_on(made, self);
        self.tell_up(made);
        attempt.succeeded = self.is_up(generation);
        if attempt.succeeded {
            Ok(generation)
        } else {
            Err(Error::new(ErrorKind::ConnectionLost, "the new link was lost at once"))
        }
    }

    /// Sees to subscriptions that the broker could not make again at once, as long as this link is up.
    fn tidy_up(self: &Arc<Self>, generation: u32) {
        if self.has_missing(generation) {
            tokio::spawn(tidy(
                Arc::downgrade(self),
                self.status.subscribe(),
                self.policy,
                generation,
            ));
        }
    }
}

async fn tidy(shared: Weak<Shared>, mut status: watch::Receiver<Status>, policy: ReconnectPolicy, generation: u32) {
    for round in 1.. {
        let other = status.wait_for(|status| !matches!(status, Status::Up(up) if *up == generation));
        if tokio::time::timeout(jittered(policy.delay_before(round)), other)
            .await
            .is_ok()
        {
            return;
        }
        let Some(shared) = shared.upgrade() else { return };
        if !shared.retry_subscriptions(generation).await {
            return;
        }
    }
}

/// A link that is given up unless it came up.
struct Attempt {
    made: Made,
    succeeded: bool,
}

impl Drop for Attempt {
    fn drop(&mut self) {
        if !self.succeeded {
            self.made.give_up();
        }
    }
}

fn is_allowed(policy: &ReconnectPolicy, round: u32) -> bool {
    match policy.rounds.unwrap_or_default() {
        ReconnectRounds::Off => false,
        ReconnectRounds::AtMost(rounds) => round <= rounds.get(),
        ReconnectRounds::Forever => true,
    }
}

/// Between the half and the whole.
fn jittered(delay: Duration) -> Duration {
    // As random as the standard library is, which is enough to tell clients apart.
    let random = u32::try_from(RandomState::new().hash_one(delay) >> 32).unwrap_or_default();
    delay.mul_f64(0.5 + f64::from(random) / f64::from(u32::MAX) / 2.0)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn delays_differ_and_stay_within_bounds() {
        let delay = Duration::from_secs(1);
        let waits: Vec<_> = (0..100).map(|_| jittered(delay)).collect();
        assert!(waits.iter().all(|wait| (delay / 2..=delay).contains(wait)));
        assert!(waits.iter().any(|wait| *wait != waits[0]));
        assert_eq!(jittered(Duration::ZERO), Duration::ZERO);
    }
}
