use anymq_api::{Address, Envelope, spi::RejectReason};

/// Why it was given up: `rejected` or `max-deliveries`.
const REASON: &str = "JMS_anymq_dead_letter_reason";
/// How often it was handed to an application.
const ATTEMPTS: &str = "JMS_anymq_dead_letter_attempts";
/// Where it was sent, for example `queue:orders`.
const ORIGIN: &str = "JMS_anymq_dead_letter_origin";

/// What is sent to `queue` in the place of a message that is given up: the same with the reason, how often it was handed out,
/// and where it was sent.
pub fn dead_letter(dead: &Envelope, attempts: u32, reason: RejectReason, queue: &Address) -> Envelope {
    let message = dead.message().clone();
    let mut properties = message.properties().clone();
    properties.set_from_wire(REASON, name(reason));
    properties.set_from_wire(ATTEMPTS, i32::try_from(attempts).unwrap_or(i32::MAX));
    let mut headers = dead.headers().clone();
    properties.set_from_wire(ORIGIN, headers.destination.to_string());
    headers.destination = queue.clone();
    // To be read whenever somebody comes.
    headers.expiration = None;
    headers.delivery_time = headers.timestamp;
    Envelope::new(headers, message.with_properties(properties))
}

fn name(reason: RejectReason) -> &'static str {
    match reason {
        RejectReason::MaxDeliveries => "max-deliveries",
        _ => "rejected",
    }
}

#[cfg(test)]
mod tests {
    use anymq_api::{Headers, Message, PropertyValue, Timestamp};

    use super::*;

    #[test]
    fn a_letter_tells_what_became_of_it() {
        let mut headers = Headers::new("topic:prices".parse().unwrap());
        headers.timestamp = Some(Timestamp::from_millis(1_000));
        headers.delivery_time = Some(Timestamp::from_millis(2_000));
        headers.expiration = Some(Timestamp::from_millis(3_000));
        let message = Message::text("poison").with_property("table", 7).unwrap();
        let queue = "queue:DLQ".parse().unwrap();
        let letter = dead_letter(&Envelope::new(headers, message), 4, RejectReason::MaxDeliveries, &queue);
        assert_eq!(
            (&letter.headers().destination, letter.headers().expiration),
            (&queue, None)
        );
        assert_eq!(letter.headers().delivery_time, letter.headers().timestamp);
        let properties = letter.message().properties();
        assert_eq!(properties.string(REASON).as_deref(), Some("max-deliveries"));
        assert_eq!(properties.string(ORIGIN).as_deref(), Some("topic:prices"));
        assert_eq!(properties.get(ATTEMPTS), Some(&PropertyValue::I32(4)));
        assert_eq!(properties.get("table"), Some(&PropertyValue::I32(7)));
    }
}
