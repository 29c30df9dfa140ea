use std::{
    fmt,
    num::NonZeroI64,
    time::{Duration, SystemTime, UNIX_EPOCH},
};

use serde::{Deserialize, Serialize};

/// An instant of wall-clock time with millisecond precision, as JMS headers carry it.
#[derive(Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(from = "i64", into = "i64")]
// Milliseconds, and one more from the epoch on: zero is free, so an `Option` is no larger, and the order is the same.
pub struct Timestamp(NonZeroI64);

impl Timestamp {
    /// From milliseconds since 1970-01-01T00:00:00Z; `i64::MAX` is taken as one less.
    pub const fn from_millis(millis: i64) -> Self {
        let shifted = if millis < 0 { millis } else { millis.saturating_add(1) };
        match NonZeroI64::new(shifted) {
            Some(shifted) => Self(shifted),
            None => Self(NonZeroI64::MIN),
        }
    }

    /// Milliseconds since 1970-01-01T00:00:00Z.
    pub const fn as_millis(self) -> i64 {
        let shifted = self.0.get();
        if shifted < 0 { shifted } else { shifted - 1 }
    }

    /// The system clock's present time.
    pub fn now() -> Self {
        SystemTime::now().into()
    }

    /// This instant plus a duration; `None` when it is out of range, which for an expiration means never.
    pub fn checked_add(self, duration: Duration) -> Option<Self> {
        let millis = i64::try_from(duration.as_millis()).ok()?;
        self.as_millis().checked_add(millis).map(Self::from_millis)
    }

    /// How long it is from `earlier` to this instant; zero when `earlier` is later.
    pub fn saturating_since(self, earlier: Self) -> Duration {
        let millis = self.as_millis().saturating_sub(earlier.as_millis());
        Duration::from_millis(u64::try_from(millis).unwrap_or(0))
    }
}

impl From<SystemTime> for Timestamp {
    fn from(time: SystemTime) -> Self {
        let millis = match time.duration_since(UNIX_EPOCH) {
            // In 64 bits: this is on every message's way.
            Ok(after) => i64::try_from(after.as_secs())
                .unwrap_or(i64::MAX)
                .saturating_mul(1000)
                .saturating_add(i64::from(after.subsec_millis())),
            Err(before) => i64::try_from(before.duration().as_millis()).map_or(i64::MIN, |millis| -millis),
        };
        Self::from_millis(millis)
    }
}

impl From<i64> for Timestamp {
    /// As [`Timestamp::from_millis`].
    fn from(millis: i64) -> Self {
        Self::from_millis(millis)
    }
}

impl From<Timestamp> for i64 {
    /// As [`Timestamp::as_millis`].
    fn from(timestamp: Timestamp) -> Self {
        timestamp.as_millis()
    }
}

impl From<Timestamp> for SystemTime {
    /// The same instant, or the nearest one that the platform can represent.
    fn from(timestamp: Timestamp) -> Self {
        let distance = Duration::from_millis(timestamp.as_millis().unsigned_abs());
        let time = if timestamp.as_millis() >= 0 {
            UNIX_EPOCH.checked_add(distance)
        } else {
            UNIX_EPOCH.checked_sub(distance)
        };
        time.unwrap_or(UNIX_EPOCH)
    }
}

impl fmt::Debug for Timestamp {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Timestamp({} ms)", self.as_millis())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn system_time_round_trips() {
        for millis in [0, 1, -1, 1_700_000_000_123] {
            let timestamp = Timestamp::from_millis(millis);
            assert_eq!(Timestamp::from(SystemTime::from(timestamp)), timestamp);
        }
    }

    #[test]
    fn millis_round_trip_in_order_and_an_option_is_free() {
        let all = [i64::MIN, -2, -1, 0, 1, 2, i64::MAX - 1];
        let timestamps = all.map(Timestamp::from_millis);
        assert_eq!(timestamps.map(Timestamp::as_millis), all);
        assert!(timestamps.is_sorted());
        assert_eq!(size_of::<Option<Timestamp>>(), 8);
    }

    #[test]
    fn a_huge_ttl_never_wraps() {
        assert_eq!(Timestamp::from_millis(1).checked_add(Duration::MAX), None);
    }
}
