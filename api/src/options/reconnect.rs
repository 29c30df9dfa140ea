use std::{num::NonZeroU32, time::Duration};

use super::growth::{Growth, LONGEST};

/// How often a lost link is made again before the connection gives up. A round tries every host once.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub enum ReconnectRounds {
    /// Not at all: the connection is lost with its link.
    Off,
    /// At most so many rounds for each outage.
    AtMost(NonZeroU32),
    /// Until the link is back or the connection is closed.
    #[default]
    Forever,
}

/// Whether, how often and how soon a connection makes its link again when it is lost.
///
/// Without a policy a connection to one broker ends with its link, and one that was given several hosts
/// (`failover:(…,…)`) reconnects for ever. What is not given comes from the factory's policy, and at last from the
/// defaults below.
///
/// While there is no link, [`Event::Interrupted`](crate::Event::Interrupted) until
/// [`Event::Restored`](crate::Event::Restored), everything goes on by itself: consumers, listeners, durable subscriptions
/// and temporary destinations are made again, `receive` goes on waiting, and a send waits for the new link as long as the
/// request time-out allows. What cannot be mended is told:
///
/// * What was delivered over the lost link cannot be acknowledged any more
///   ([`ConnectionLost`](crate::ErrorKind::ConnectionLost)) and comes again, marked as redelivered.
/// * A send whose confirmation was outstanding may have arrived:
///   [`Retry::MayDuplicate`](crate::Retry::MayDuplicate), with the message's id.
/// * A transaction ends with its link: [`TransactionRolledBack`](crate::ErrorKind::TransactionRolledBack), or
///   [`TransactionInDoubt`](crate::ErrorKind::TransactionInDoubt) when its commit was on the way.
///
/// An attempt takes at most the connect time-out, 10 s by default: a broker that accepts and then says nothing costs as
/// much before the next host is tried.
///
/// Before each round passes a delay that grows, of which a random part between the half and the whole is waited, so that
/// many clients do not come back in one instant.
///
/// Not in JMS; `ActiveMQ` and Qpid offer the same.
///
/// ```
/// use std::time::Duration;
/// use anymq_api::{ConnectOptions, ReconnectPolicy};
///
/// let policy = ReconnectPolicy::new()
///     .with_delay(Duration::from_millis(50))
///     .with_max_delay(Duration::from_millis(150));
/// let options = ConnectOptions::new().with_reconnect(policy);
/// assert_eq!(options.reconnect, Some(policy));
/// let delays = [1, 2, 3, 4].map(|round| policy.delay_before(round).as_millis());
/// assert_eq!(delays, [50, 100, 150, 150]);
/// ```
#[derive(Clone, Copy, Debug, Default, PartialEq)]
#[non_exhaustive]
pub struct ReconnectPolicy {
    /// How often each outage is fought; for ever by default.
    pub rounds: Option<ReconnectRounds>,
    /// What passes before the first round at most; 100 ms by default.
    pub delay: Option<Duration>,
    /// By what each further delay is longer than the one before; 2 by default, and whatever is not a number from 1 on
    /// counts as 1.
    pub multiplier: Option<f64>,
    /// What no delay exceeds; 30 s by default.
    pub max_delay: Option<Duration>,
}

impl ReconnectPolicy {
    /// Nothing chosen: for ever, with delays from 100 ms to 30 s.
    pub const fn new() -> Self {
        Self {
            rounds: None,
            delay: None,
            multiplier: None,
            max_delay: None,
        }
    }

    /// Sets how often each outage is fought.
    #[must_use]
    pub const fn with_rounds(mut self, rounds: ReconnectRounds) -> Self {
        self.rounds = Some(rounds);
        self
    }

    /// Sets what passes before the first round.
    #[must_use]
    pub const fn with_delay(mut self, delay: Duration) -> Self {
        self.delay = Some(delay);
        self
    }

    /// Sets by what each further delay is longer than the one before.
    #[must_use]
    pub const fn with_multiplier(mut self, multiplier: f64) -> Self {
        self.multiplier = Some(multiplier);
        self
    }

    /// Sets what no delay exceeds.
    #[must_use]
    pub const fn with_max_delay(mut self, delay: Duration) -> Self {
        self.max_delay = Some(delay);
        self
    }

    /// These choices, and `fallback`'s where there is none.
    #[must_use]
    pub fn or(self, fallback: &Self) -> Self {
        Self {
            rounds: self.rounds.or(fallback.rounds),
            delay: self.delay.or(fallback.delay),
            multiplier: self.multiplier.or(fallback.multiplier),
            max_delay: self.max_delay.or(fallback.max_delay),
        }
    }

    /// What passes at most before a round, counted from 1.
    pub fn delay_before(&self, round: u32) -> Duration {
        let growth = Growth {
            first: self.delay.unwrap_or(Duration::from_millis(100)),
            multiplier: self.multiplier.unwrap_or(2.0),
            longest: self.max_delay.unwrap_or(Duration::from_secs(30)).min(LONGEST),
        };
        growth.after(round.saturating_sub(1))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn delays_double_up_to_half_a_minute() {
        let policy = ReconnectPolicy::new();
        let delays = [0, 1, 2, 3, 9, 10, u32::MAX].map(|round| policy.delay_before(round).as_millis());
        assert_eq!(delays, [100, 100, 200, 400, 25_600, 30_000, 30_000]);
    }

    #[test]
    fn policies_are_joined_choice_by_choice() {
        let once = ReconnectPolicy::new().with_rounds(ReconnectRounds::AtMost(NonZeroU32::MIN));
        let slow = ReconnectPolicy::new().with_delay(Duration::from_secs(1));
        let both = once.with_delay(Duration::from_secs(1));
        assert_eq!([once.or(&slow), slow.or(&once)], [both; 2]);
    }
}
