//! How long delay queues hold messages: the fewer lengths, the fewer queues.

use std::time::Duration;

use anymq_api::{ErrorKind, Result};

use crate::error::error;

/// The broker takes no longer times than 2^32 - 1 ms, and what a queue outlives its messages by is part of them.
pub(super) const LONGEST: Duration = Duration::from_secs(49 * DAY);

const MINUTE: u64 = 60;
const HOUR: u64 = 60 * MINUTE;
const DAY: u64 = 24 * HOUR;

/// Up to which length delays are rounded up to multiples of what.
const STEPS: [(Duration, Duration); 7] = [
    (Duration::from_secs(1), Duration::from_millis(10)),
    (Duration::from_secs(10), Duration::from_millis(50)),
    (Duration::from_secs(MINUTE), Duration::from_millis(250)),
    (Duration::from_secs(10 * MINUTE), Duration::from_secs(1)),
    (Duration::from_secs(HOUR), Duration::from_secs(10)),
    (Duration::from_secs(DAY), Duration::from_secs(MINUTE)),
    (LONGEST, Duration::from_secs(HOUR)),
];

pub(super) fn rounded_up(left: Duration) -> Result<Duration> {
    let Some((_, step)) = STEPS.iter().find(|(bound, _)| left <= *bound) else {
        let detail = "the delivery delay is longer than 49 days";
        return Err(error(ErrorKind::InvalidArgument, detail));
    };
    let steps = left.as_nanos().div_ceil(step.as_nanos()).max(1);
    // No more than there are of the smallest step in the longest delay.
    Ok(*step * u32::try_from(steps).unwrap_or(u32::MAX))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn delays_are_rounded_up_to_few_lengths() {
        let (ms, s) = (Duration::from_millis, Duration::from_secs);
        for (left, expected) in [
            (Duration::from_nanos(1), ms(10)),
            (ms(10), ms(10)),
            (ms(11), ms(20)),
            (ms(999), s(1)),
            (ms(1_001), ms(1_050)),
            (ms(10_001), ms(10_250)),
            (ms(60_001), s(61)),
            (s(599), s(599)),
            (s(601), s(610)),
            (s(HOUR), s(HOUR)),
            (s(HOUR + 1), s(HOUR + MINUTE)),
            (s(DAY + 1), s(DAY + HOUR)),
            (LONGEST, LONGEST),
        ] {
            assert_eq!(rounded_up(left).unwrap(), expected, "{left:?}");
        }
    }

    #[test]
    fn there_is_a_bound_to_the_lengths() {
        let mut all = 0;
        let mut from = Duration::ZERO;
        for (to, step) in STEPS {
            all += (to.as_nanos() - from.as_nanos()) / step.as_nanos();
            from = to;
        }
        assert_eq!(all, 3_852);
    }

    #[test]
    fn what_the_broker_cannot_hold_that_long_is_refused() {
        for left in [LONGEST + Duration::from_nanos(1), Duration::MAX] {
            let error = rounded_up(left).unwrap_err();
            assert_eq!(error.kind(), ErrorKind::InvalidArgument);
        }
    }
}
