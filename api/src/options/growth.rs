use std::time::Duration;

/// So that no arithmetic with instants can overflow: 100 years.
pub(super) const LONGEST: Duration = Duration::from_secs(100 * 365 * 24 * 60 * 60);

/// A delay that grows: `first`, then longer by `multiplier` each of `times`, never longer than `longest`.
#[derive(Clone, Copy)]
pub(super) struct Growth {
    pub(super) first: Duration,
    /// What is not a number from 1 on counts as 1.
    pub(super) multiplier: f64,
    pub(super) longest: Duration,
}

impl Growth {
    pub(super) fn after(self, times: u32) -> Duration {
        let longest = self.longest.min(LONGEST);
        let first = self.first.min(longest);
        if first.is_zero() {
            return Duration::ZERO;
        }
        let multiplier = Some(self.multiplier).filter(|m| m.is_finite() && *m >= 1.0);
        let exponent = i32::try_from(times).unwrap_or(i32::MAX);
        // Whatever is too long for a duration is longer than the longest, too.
        let delay = Duration::try_from_secs_f64(first.as_secs_f64() * multiplier.unwrap_or(1.0).powi(exponent));
        delay.unwrap_or(longest).min(longest)
    }
}
