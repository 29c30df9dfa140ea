//! Where messages wait for their delivery time: for each length of time a queue, whose messages the broker passes on when
//! they have been in it for so long.

mod length;
mod onward;

pub(crate) use self::onward::Onward;

use std::time::Duration;

use anymq_api::{ErrorKind, Headers, Result, Timestamp};
use lapin::types::{AMQPValue, FieldTable, ShortString};

use self::length::rounded_up;
use crate::{codec, error::error, name::Route};

/// Before the names of delay queues, and of the exchanges that lead to them.
pub(crate) const PREFIX: &str = "anymq.delay.";

/// How long a classic delay queue outlives its last declaration, beside its own length. The broker deletes it then,
/// whatever it holds, so nobody publishes to it later than [`RENEWAL`] after he declared it.
const LEASE: Duration = Duration::from_secs(600);

/// After how long it is declared again before its next use.
const RENEWAL: Duration = Duration::from_secs(300);

/// How long a quorum queue is used. `RabbitMQ` counts its time from the first declaration: neither another one nor a
/// message prolongs it. So there is one for each such part of all time, and its name tells which.
const TERM: Duration = Duration::from_secs(4 * 3_600);

/// How long a quorum queue outlives its term, beside its own length: for clocks that differ, and for messages that could not
/// be passed on because the broker was down.
const AFTERWARDS: Duration = Duration::from_secs(12 * 3_600);

/// A delay queue: how long it holds messages, and where they go then.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct DelayQueue {
    length: Duration,
    onward: Onward,
    /// Of the queue, and of the exchange that leads to a classic one whatever the routing key is.
    pub(crate) name: ShortString,
}

impl DelayQueue {
    /// For a message that is published `now` and due in `left`.
    pub(crate) fn of(left: Duration, now: Timestamp, onward: Onward) -> Result<Self> {
        let length = rounded_up(left)?;
        let millis = length.as_millis();
        let name = match &onward {
            Onward::Exchange(target) if target.as_str().is_empty() => format!("{PREFIX}{millis}"),
            Onward::Exchange(target) => format!("{PREFIX}{millis}.{target}"),
            Onward::Queue(target) => format!("{PREFIX}quorum.{millis}.{}.{target}", term(now)),
        };
        let name = ShortString::try_new(name).map_err(|_| {
            let detail = "the name of the queue or exchange is too long for a delivery delay";
            error(ErrorKind::InvalidDestination, detail)
        })?;
        Ok(Self { length, onward, name })
    }

    /// Whether it is a quorum queue, which gives up nothing that its target did not take.
    pub(crate) fn is_quorum(&self) -> bool {
        matches!(self.onward, Onward::Queue(_))
    }

    /// How a message gets there.
    pub(crate) fn route(&self, key: ShortString) -> Route {
        let (exchange, key) = if self.is_quorum() {
            ("".into(), self.name.clone())
        } else {
            (self.name.clone(), key)
        };
        Route {
            exchange,
            key,
            mandatory: true,
        }
    }

    /// How long it may be published to after it was declared.
    pub(crate) fn lease(&self) -> Duration {
        if self.is_quorum() { TERM } else { RENEWAL }
    }

    pub(crate) fn arguments(&self) -> FieldTable {
        let millis = |time: Duration| AMQPValue::LongLongInt(i64::try_from(time.as_millis()).unwrap_or(i64::MAX));
        let text = |text: &str| AMQPValue::LongString(text.into());
        let mut table = FieldTable::default();
        table.insert("x-message-ttl".into(), millis(self.length));
        match &self.onward {
            Onward::Exchange(target) => {
                table.insert("x-expires".into(), millis(self.length + LEASE));
                table.insert("x-dead-letter-exchange".into(), text(target.as_str()));
            }
            Onward::Queue(target) => {
                table.insert("x-expires".into(), millis(self.length + TERM + AFTERWARDS));
                table.insert("x-queue-type".into(), text("quorum"));
                table.insert("x-dead-letter-exchange".into(), text(""));
                table.insert("x-dead-letter-routing-key".into(), text(target.as_str()));
                table.insert("x-dead-letter-strategy".into(), text("at-least-once"));
                // The broker wants it for that.
                table.insert("x-overflow".into(), text("reject-publish"));
            }
        }
        table
    }
}

/// Which part of all time it is.
fn term(now: Timestamp) -> u128 {
    now.saturating_since(Timestamp::from_millis(0)).as_millis() / TERM.as_millis()
}

/// When a message is to be delivered, if that is later than it is sent.
///
/// # Errors
/// `InvalidArgument` when the broker cannot hold it for so long.
pub(crate) fn due(headers: &Headers, onward: impl FnOnce() -> Result<Onward>) -> Result<Option<Timestamp>> {
    // The kernel knows no such instant: it is further off than any.
    if headers.timestamp.is_some() && headers.delivery_time.is_none() {
        return rounded_up(Duration::MAX).map(|_| None);
    }
    let due = codec::due(headers);
    if let Some(due) = due {
        let now = Timestamp::now();
        DelayQueue::of(due.saturating_since(now), now, onward()?)?;
    }
    Ok(due)
}

#[cfg(test)]
mod tests {
    use super::*;

    const NOW: Timestamp = Timestamp::from_millis(1_700_000_000_000);

    fn queue(left: Duration, onward: Onward) -> DelayQueue {
        DelayQueue::of(left, NOW, onward).unwrap()
    }

    #[test]
    fn no_time_is_longer_than_the_broker_takes() {
        assert!((length::LONGEST + LEASE).as_millis() < u128::from(u32::MAX));
        assert!((length::LONGEST + TERM + AFTERWARDS).as_millis() < u128::from(u32::MAX));
        assert!(RENEWAL < LEASE);
    }

    #[test]
    fn a_long_name_is_refused() {
        let long: ShortString = "x".repeat(255).into();
        for onward in [Onward::Exchange(long.clone()), Onward::Queue(long)] {
            let error = DelayQueue::of(Duration::from_secs(1), NOW, onward).unwrap_err();
            assert_eq!(error.kind(), ErrorKind::InvalidDestination);
        }
    }

    #[test]
    fn a_queue_passes_on_to_its_own_exchange() {
        let length = Duration::from_secs(2);
        let delay = queue(length, Onward::Exchange("anymq.topic".into()));
        assert_eq!(delay.name.as_str(), "anymq.delay.2000.anymq.topic");
        let arguments = delay.arguments();
        let get = |name: &str| arguments.inner().get(name).cloned();
        assert_eq!(get("x-message-ttl"), Some(AMQPValue::LongLongInt(2_000)));
        assert_eq!(get("x-expires"), Some(AMQPValue::LongLongInt(602_000)));
        let target = AMQPValue::LongString("anymq.topic".into());
        assert_eq!(get("x-dead-letter-exchange"), Some(target));
        assert_eq!(get("x-queue-type"), None);
        let route = delay.route("prices".into());
        assert_eq!((route.exchange, route.key.as_str()), (delay.name, "prices"));
        let plain = queue(length, Onward::Exchange("".into()));
        assert_eq!(plain.name.as_str(), "anymq.delay.2000");
    }

    #[test]
    fn a_quorum_queue_passes_on_to_its_own_queue_and_is_replaced_before_it_expires() {
        let length = Duration::from_secs(2);
        let onward = || Onward::Queue("orders".into());
        let delay = queue(length, onward());
        assert_eq!(delay.name.as_str(), "anymq.delay.quorum.2000.118055.orders");
        let arguments = delay.arguments();
        let get = |name: &str| arguments.inner().get(name).cloned();
        let text = |text: &str| Some(AMQPValue::LongString(text.into()));
        assert_eq!(get("x-dead-letter-routing-key"), text("orders"));
        assert_eq!(get("x-dead-letter-strategy"), text("at-least-once"));
        let lasts = (length + TERM + AFTERWARDS).as_millis();
        assert_eq!(
            get("x-expires"),
            Some(AMQPValue::LongLongInt(lasts.try_into().unwrap()))
        );
        let route = delay.route("orders".into());
        assert_eq!((route.exchange.as_str(), route.key), ("", delay.name.clone()));
        let later = Timestamp::from_millis(1_700_000_000_000 + 4 * 3_600_000);
        assert_ne!(DelayQueue::of(length, later, onward()).unwrap().name, delay.name);
    }
}
