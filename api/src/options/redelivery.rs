use std::{num::NonZeroU32, time::Duration};

use super::growth::{Growth, LONGEST};

/// How often a message that failed comes again, and how soon: the delivery limit and the redelivery delay of a
/// connection's consumers.
///
/// A message fails when its listener fails, and comes back by `recover` and `rollback`, too. What is not given comes
/// from the factory's policy, and at last from the defaults below: without a limit, at once.
///
/// *The limit.* A message that was delivered [`max_deliveries`](Self::max_deliveries) times and comes back, or that
/// arrives with more deliveries behind it than that, is not handed out again: it is given up, once, to the provider's
/// dead letters, and what stands behind it flows on. Counted is what
/// [`Received::delivery_count`](crate::Received::delivery_count) tells, the provider's part of which may be rough: where
/// [`Capability::ExactRedelivery`](crate::Capability::ExactRedelivery) is not declared, a message that was only delivered
/// ahead to somebody counts, so a limit of one may give up what nobody has seen. A limit needs
/// [`Capability::DeadLetters`](crate::Capability::DeadLetters): where messages would be dropped instead, connecting is
/// refused.
///
/// *The delay.* A message that comes back within its session waits before it is handed out again. It stays first in
/// line, so its consumer waits with it and the order is kept; other consumers of the session go on. What goes back to
/// the broker, because its consumer or session ends, is the broker's to delay.
///
/// Not in JMS; `ActiveMQ` and Qpid offer the same.
///
/// ```
/// use std::{num::NonZeroU32, time::Duration};
/// use anymq_api::{ConnectOptions, RedeliveryPolicy};
///
/// // At most five deliveries, the four redeliveries after 1, 2, 4 and 5 seconds.
/// let policy = RedeliveryPolicy::new()
///     .with_max_deliveries(NonZeroU32::MIN.saturating_add(4))
///     .with_delay(Duration::from_secs(1))
///     .with_multiplier(2.0)
///     .with_max_delay(Duration::from_secs(5));
/// let options = ConnectOptions::new().with_redelivery(policy);
/// assert_eq!(options.redelivery, Some(policy));
/// let delays = [1, 2, 3, 4].map(|deliveries| policy.delay_after(deliveries).as_secs());
/// assert_eq!(delays, [1, 2, 4, 5]);
/// ```
#[derive(Clone, Copy, Debug, Default, PartialEq)]
#[non_exhaustive]
pub struct RedeliveryPolicy {
    /// How often a message is delivered at most; without a limit by default.
    pub max_deliveries: Option<NonZeroU32>,
    /// How long a message waits before its first redelivery; not at all by default.
    pub delay: Option<Duration>,
    /// By what each further delay is longer than the one before; 1 by default, and whatever is not a number from 1 on
    /// counts as 1.
    pub multiplier: Option<f64>,
    /// What no delay exceeds; 100 years by default.
    pub max_delay: Option<Duration>,
}

impl RedeliveryPolicy {
    /// Nothing chosen: without a limit, at once.
    pub const fn new() -> Self {
        Self {
            max_deliveries: None,
            delay: None,
            multiplier: None,
            max_delay: None,
        }
    }

    /// Sets how often a message is delivered at most; [`Capability::DeadLetters`](crate::Capability::DeadLetters).
    #[must_use]
    pub const fn with_max_deliveries(mut self, deliveries: NonZeroU32) -> Self {
        self.max_deliveries = Some(deliveries);
        self
    }

    /// Sets how long a message waits before its first redelivery.
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
            max_deliveries: self.max_deliveries.or(fallback.max_deliveries),
            delay: self.delay.or(fallback.delay),
            multiplier: self.multiplier.or(fallback.multiplier),
            max_delay: self.max_delay.or(fallback.max_delay),
        }
    }

    /// How long a message that was delivered `deliveries` times waits before it is delivered again.
    pub fn delay_after(&self, deliveries: u32) -> Duration {
        let growth = Growth {
            first: self.delay.unwrap_or_default(),
            multiplier: self.multiplier.unwrap_or(1.0),
            longest: self.max_delay.unwrap_or(LONGEST),
        };
        growth.after(deliveries.saturating_sub(1))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const SECOND: Duration = Duration::from_secs(1);

    #[test]
    fn delays_grow_up_to_the_longest() {
        let policy = RedeliveryPolicy::new().with_delay(SECOND).with_multiplier(1.5);
        let millis = [0, 1, 2, 3].map(|deliveries| policy.delay_after(deliveries).as_millis());
        assert_eq!(millis, [1000, 1000, 1500, 2250]);
        assert_eq!(policy.delay_after(u32::MAX), LONGEST);
        assert_eq!(policy.with_max_delay(SECOND * 2).delay_after(u32::MAX), SECOND * 2);
        assert_eq!(policy.with_max_delay(SECOND / 2).delay_after(1), SECOND / 2);
    }

    #[test]
    fn odd_values_do_no_harm() {
        for multiplier in [0.5, -3.0, f64::NAN, f64::INFINITY] {
            let policy = RedeliveryPolicy::new().with_delay(SECOND).with_multiplier(multiplier);
            assert_eq!(policy.delay_after(9), SECOND, "{multiplier}");
        }
        let policy = RedeliveryPolicy::new().with_multiplier(f64::MAX);
        assert_eq!(policy.delay_after(u32::MAX), Duration::ZERO);
        assert_eq!(policy.with_delay(Duration::MAX).delay_after(1), LONGEST);
    }
}
