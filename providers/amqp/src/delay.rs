//! Where messages wait for their delivery time: for each length of time a queue, whose messages the broker passes on when
//! they have been in it for so long.

use std::time::{Duration, Instant};

use anymq_api::{Error, ErrorKind, Headers, Result, Timestamp};
use lapin::types::{AMQPValue, FieldTable, ShortString};

use crate::{codec, error::error, name::Route};

/// Before the names of delay queues, and of the exchanges that lead to them.
pub(crate) const PREFIX: &str = "anymq.delay.";

/// How long a delay queue outlives its last declaration, beside its own length. The broker deletes it then, whatever it
/// holds, so nobody publishes to it later than [`RENEWAL`] after he declared it.
const LEASE: Duration = Duration::from_secs(600);

/// After how long it is declared again before its next use.
const RENEWAL: Duration = Duration::from_secs(300);

/// The broker takes no longer times than 2^32 - 1 ms, and the lease is part of them.
const LONGEST: Duration = Duration::from_secs(49 * DAY);

const MINUTE: u64 = 60;
const HOUR: u64 = 60 * MINUTE;
const DAY: u64 = 24 * HOUR;

/// Up to which length delays are rounded up to multiples of what. The fewer lengths, the fewer queues.
const STEPS: [(Duration, Duration); 7] = [
    (Duration::from_secs(1), Duration::from_millis(10)),
    (Duration::from_secs(10), Duration::from_millis(50)),
    (Duration::from_secs(MINUTE), Duration::from_millis(250)),
    (Duration::from_secs(10 * MINUTE), Duration::from_secs(1)),
    (Duration::from_secs(HOUR), Duration::from_secs(10)),
    (Duration::from_secs(DAY), Duration::from_secs(MINUTE)),
    (LONGEST, Duration::from_secs(HOUR)),
];

/// A delay queue: how long it holds messages, and to which exchange they go then, with the routing keys that they came
/// with.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct DelayQueue {
    length: Duration,
    target: ShortString,
    /// Of the queue, and of the exchange that leads to it whatever the routing key is.
    pub(crate) name: ShortString,
}

impl DelayQueue {
    /// For a message that is due in `left`, and then goes to the exchange `target`.
    pub(crate) fn of(left: Duration, target: &ShortString) -> Result<Self> {
        let length = rounded_up(left)?;
        let millis = length.as_millis();
        let name = if target.as_str().is_empty() {
            format!("{PREFIX}{millis}")
        } else {
            format!("{PREFIX}{millis}.{target}")
        };
        let name = ShortString::try_new(name).map_err(|_| {
            let detail = "the exchange's name is too long for a delivery delay";
            error(ErrorKind::InvalidDestination, detail)
        })?;
        Ok(Self {
            length,
            target: target.clone(),
            name,
        })
    }

    pub(crate) fn arguments(&self) -> FieldTable {
        let millis = |time: Duration| AMQPValue::LongLongInt(i64::try_from(time.as_millis()).unwrap_or(i64::MAX));
        let mut table = FieldTable::default();
        table.insert("x-message-ttl".into(), millis(self.length));
        table.insert("x-expires".into(), millis(self.length + LEASE));
        let target = AMQPValue::LongString(self.target.as_str().into());
        table.insert("x-dead-letter-exchange".into(), target);
        table
    }
}

/// Whether a queue that was declared then may still be published to.
pub(crate) fn is_fresh(declared: Instant) -> bool {
    declared.elapsed() < RENEWAL
}

/// When a message is to be delivered, if that is later than it is sent.
///
/// # Errors
/// `InvalidArgument` when the broker cannot hold it for so long.
pub(crate) fn due(headers: &Headers, route: &Route) -> Result<Option<Timestamp>> {
    // The kernel knows no such instant: it is further off than any.
    if headers.timestamp.is_some() && headers.delivery_time.is_none() {
        return Err(too_long());
    }
    let due = codec::due(headers);
    if let Some(due) = due {
        DelayQueue::of(due.saturating_since(Timestamp::now()), &route.exchange)?;
    }
    Ok(due)
}

fn rounded_up(left: Duration) -> Result<Duration> {
    let Some((_, step)) = STEPS.iter().find(|(bound, _)| left <= *bound) else {
        return Err(too_long());
    };
    let steps = left.as_nanos().div_ceil(step.as_nanos()).max(1);
    // No more than there are of the smallest step in the longest delay.
    Ok(*step * u32::try_from(steps).unwrap_or(u32::MAX))
}

fn too_long() -> Error {
    error(ErrorKind::InvalidArgument, "the delivery delay is longer than 49 days")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn length(left: Duration) -> Duration {
        DelayQueue::of(left, &"".into()).unwrap().length
    }

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
            assert_eq!(length(left), expected, "{left:?}");
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
            let error = DelayQueue::of(left, &"".into()).unwrap_err();
            assert_eq!(error.kind(), ErrorKind::InvalidArgument);
        }
        assert!((LONGEST + LEASE).as_millis() < u128::from(u32::MAX));
        let long: ShortString = "x".repeat(255).into();
        let error = DelayQueue::of(Duration::from_secs(1), &long).unwrap_err();
        assert_eq!(error.kind(), ErrorKind::InvalidDestination);
    }

    #[test]
    fn a_queue_passes_on_to_its_own_exchange() {
        let queue = DelayQueue::of(Duration::from_secs(2), &"anymq.topic".into()).unwrap();
        assert_eq!(queue.name.as_str(), "anymq.delay.2000.anymq.topic");
        let arguments = queue.arguments();
        let get = |name: &str| arguments.inner().get(name).cloned();
        assert_eq!(get("x-message-ttl"), Some(AMQPValue::LongLongInt(2_000)));
        assert_eq!(get("x-expires"), Some(AMQPValue::LongLongInt(602_000)));
        let target = AMQPValue::LongString("anymq.topic".into());
        assert_eq!(get("x-dead-letter-exchange"), Some(target));
        let plain = DelayQueue::of(Duration::from_secs(2), &"".into()).unwrap();
        assert_eq!(plain.name.as_str(), "anymq.delay.2000");
    }
}
