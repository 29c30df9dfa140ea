//! What is given up: it goes to the dead letters, with the reason.

use anymq_api::{Address, Envelope, Headers, Message, spi::RejectReason};

use super::{Broker, destinations::Target, entry::Entry};
use crate::store::Change;

/// Why a message is given up, as its dead letter says.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Reason {
    Rejected,
    MaxDeliveries,
    Overflow,
}

/// A message on its way to the dead letters.
pub(super) struct GivenUp {
    pub(super) entry: Entry,
    pub(super) reason: Reason,
    /// What has the store forget it where it was.
    pub(super) leaving: Option<Change>,
}

impl From<RejectReason> for Reason {
    fn from(reason: RejectReason) -> Self {
        match reason {
            RejectReason::MaxDeliveries => Self::MaxDeliveries,
            _ => Self::Rejected,
        }
    }
}

impl Reason {
    fn name(self) -> &'static str {
        match self {
            Self::Rejected => "rejected",
            Self::MaxDeliveries => "max-deliveries",
            Self::Overflow => "overflow",
        }
    }
}

/// Why it was given up: `rejected`, `max-deliveries` or `overflow`.
const REASON: &str = "JMS_anymq_dead_letter_reason";
/// How often it was handed to an application.
const ATTEMPTS: &str = "JMS_anymq_dead_letter_attempts";
/// Where it was, for example `queue:orders`.
const ORIGIN: &str = "JMS_anymq_dead_letter_origin";

impl Broker {
    /// Moves rejected messages to the dead letters. What is rejected there, or has no room there, is dropped. Called
    /// without any lock.
    pub(super) fn bury(&self, given_up: impl IntoIterator<Item = GivenUp>) {
        for GivenUp { entry, reason, leaving } in given_up {
            if entry.envelope.headers().destination == self.dead_letters {
                self.forget(leaving);
            } else {
                self.bury_one(dead(&entry, &self.dead_letters, reason.name()), leaving.as_ref());
            }
        }
    }

    fn bury_one(&self, mut letter: Envelope, leaving: Option<&Change>) {
        loop {
            // Only a broker that was shut down has no place for it; a store still has it where it was.
            let target = self.destinations.write().find_or_create(&self.dead_letters);
            let Ok(Target::Queue(queue)) = target else { return };
            match queue.put_moved(letter, leaving.cloned()) {
                Ok(()) => return queue.take_overflow().into_iter().for_each(|it| self.forget(it.leaving)),
                Err(retired) => letter = retired,
            }
        }
    }

    fn forget(&self, leaving: Option<Change>) {
        if let Some(keeper) = self.keeper() {
            keeper.note(leaving.into_iter().collect());
        }
    }
}

fn dead(entry: &Entry, address: &Address, reason: &str) -> Envelope {
    let Headers { destination, .. } = entry.envelope.headers();
    let mut headers = entry.envelope.headers().clone();
    let mut properties = entry.envelope.message().properties().clone();
    properties.set_from_wire(REASON, reason);
    properties.set_from_wire(ATTEMPTS, i32::try_from(entry.deliveries).unwrap_or(i32::MAX));
    properties.set_from_wire(ORIGIN, destination.to_string());
    headers.destination = address.clone();
    headers.expiration = None;
    // It is due.
    headers.delivery_time = headers.timestamp;
    let message: Message = entry.envelope.message().clone();
    Envelope::new(headers, message.with_properties(properties))
}
