//! What a send decides: the headers of Jakarta Messaging 3.1, section 3.4.11.

use crate::Clock;
use crate::{Address, Envelope, Headers, Message, MessageId, SendOptions};

/// Joins message and headers; the caller's message is shared, never changed.
#[inline]
pub(crate) fn stamp(
    message: Message,
    destination: Address,
    options: &SendOptions,
    clock: &dyn Clock,
    make_id: impl FnOnce() -> MessageId,
) -> Envelope {
    let now = clock.now();
    let timestamp = (!options.disable_timestamp).then_some(now);
    // Counted from the send call, not from a commit or the arrival. An instant that cannot be represented is never.
    let ttl = options.ttl.filter(|ttl| !ttl.is_zero());
    let expiration = ttl.and_then(|ttl| now.checked_add(ttl));
    let delivery_time = match options.delay.filter(|delay| !delay.is_zero()) {
        Some(delay) => now.checked_add(delay),
        None => timestamp,
    };
    let (delivery_mode, priority) = (options.delivery_mode, options.priority);
    let message_id = (!options.disable_message_id).then(make_id);
    Envelope::stamped(message, || Headers {
        destination,
        message_id,
        timestamp,
        delivery_mode,
        priority,
        expiration,
        delivery_time,
    })
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;
    use crate::{DestinationKind, Timestamp};

    #[derive(Debug)]
    struct At(i64);

    impl Clock for At {
        fn now(&self) -> Timestamp {
            Timestamp::from_millis(self.0)
        }
    }

    fn headers(options: &SendOptions) -> Headers {
        let destination = Address::new(DestinationKind::Queue, "q").unwrap();
        let make_id = || MessageId::parse("ID:1").unwrap();
        stamp(Message::empty(), destination, options, &At(1000), make_id)
            .headers()
            .clone()
    }

    #[test]
    fn times_count_from_the_send() {
        let options = SendOptions::new()
            .with_ttl(Duration::from_secs(2))
            .with_delay(Duration::from_secs(1));
        let headers = headers(&options);
        assert_eq!(headers.timestamp, Some(Timestamp::from_millis(1000)));
        assert_eq!(headers.expiration, Some(Timestamp::from_millis(3000)));
        assert_eq!(headers.delivery_time, Some(Timestamp::from_millis(2000)));
    }

    #[test]
    fn a_zero_or_huge_ttl_never_expires() {
        for ttl in [Duration::ZERO, Duration::MAX] {
            assert_eq!(headers(&SendOptions::new().with_ttl(ttl)).expiration, None);
        }
    }

    #[test]
    fn hints_leave_id_and_timestamp_out() {
        let options = SendOptions::new()
            .with_disable_message_id(true)
            .with_disable_timestamp(true);
        let headers = headers(&options);
        assert_eq!((headers.message_id, headers.timestamp), (None, None));
    }
}
