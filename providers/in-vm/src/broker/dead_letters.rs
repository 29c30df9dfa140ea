//! What is given up: it goes to the dead letters, with the reason.

use std::sync::Arc;

use anymq_api::{Address, Envelope, Headers, Message, spi::RejectReason};

use super::{Broker, destinations::Target, entry::Entry};

/// Why it was given up: `rejected` or `max-deliveries`.
const REASON: &str = "JMS_anymq_dead_letter_reason";
/// How often it was handed to an application.
const ATTEMPTS: &str = "JMS_anymq_dead_letter_attempts";
/// Where it was, for example `queue:orders`.
const ORIGIN: &str = "JMS_anymq_dead_letter_origin";

impl Broker {
    /// Moves rejected messages to the dead letters. What is rejected there is dropped. Called without any lock.
    pub(super) fn bury(&self, rejected: Vec<(Entry, RejectReason)>) {
        for (entry, reason) in rejected {
            if entry.envelope.headers.destination == self.dead_letters {
                continue;
            }
            let mut letter = Arc::new(dead(&entry, &self.dead_letters, word(reason)));
            loop {
                // Only a broker that was shut down has no place for it.
                let target = self.destinations.write().find_or_create(&self.dead_letters);
                let Ok(Target::Queue(queue)) = target else { return };
                match queue.put(letter) {
                    Ok(()) => break,
                    Err(retired) => letter = retired,
                }
            }
        }
    }
}

fn word(reason: RejectReason) -> &'static str {
    match reason {
        RejectReason::MaxDeliveries => "max-deliveries",
        _ => "rejected",
    }
}

fn dead(entry: &Entry, address: &Address, reason: &str) -> Envelope {
    let Headers { destination, .. } = &entry.envelope.headers;
    let mut headers = entry.envelope.headers.clone();
    let mut properties = entry.envelope.message.properties().clone();
    properties.set_from_wire(REASON, reason);
    properties.set_from_wire(ATTEMPTS, i32::try_from(entry.deliveries).unwrap_or(i32::MAX));
    properties.set_from_wire(ORIGIN, destination.to_string());
    headers.destination = address.clone();
    headers.expiration = None;
    // It is due.
    headers.delivery_time = headers.timestamp;
    let message: Message = entry.envelope.message.clone();
    Envelope::new(headers, message.with_properties(properties))
}
