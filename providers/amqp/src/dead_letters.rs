//! Where messages go that are given up: a queue, to which they are published again with the reason, before the broker may
//! forget them.

use std::sync::Arc;

use anymq_api::{Address, Envelope, Error, ErrorKind, Headers, Result, spi::RejectReason};
use bytes::Bytes;
use lapin::{
    Channel, Confirmation,
    options::{BasicPublishOptions, ConfirmSelectOptions},
};

use crate::{codec, error::error, link::Link, name::Route, topology::Topology};

/// Why it was given up: `rejected` or `max-deliveries`.
const REASON: &str = "JMS_anymq_dead_letter_reason";
/// How often it was handed to an application.
const ATTEMPTS: &str = "JMS_anymq_dead_letter_attempts";
/// Where it was sent, for example `queue:orders`.
const ORIGIN: &str = "JMS_anymq_dead_letter_origin";

/// A connection's dead letters. They go over a channel of their own: what is given up in a transaction does not wait for
/// its end, nor depend on it.
pub(crate) struct DeadLetters {
    queue: Address,
    channel: tokio::sync::Mutex<Option<Channel>>,
}

/// A message as it was delivered.
#[derive(Clone, Debug)]
pub(crate) struct Delivered {
    pub(crate) envelope: Envelope,
    /// Which delivery it was, by the broker's count.
    pub(crate) count: u32,
}

impl DeadLetters {
    pub(crate) fn new(queue: Address) -> Self {
        Self {
            queue,
            channel: tokio::sync::Mutex::default(),
        }
    }

    pub(crate) fn queue(&self) -> &Address {
        &self.queue
    }

    /// The dead letter of a message that was handed out `attempts` times since it was delivered.
    pub(crate) fn letter(&self, dead: &Delivered, attempts: u32, reason: RejectReason) -> Envelope {
        let attempts = dead.count.saturating_sub(1).saturating_add(attempts);
        let message = dead.envelope.message().clone();
        let mut properties = message.properties().clone();
        properties.set_from_wire(REASON, name(reason));
        properties.set_from_wire(ATTEMPTS, i32::try_from(attempts).unwrap_or(i32::MAX));
        let Headers { destination, .. } = dead.envelope.headers();
        properties.set_from_wire(ORIGIN, destination.to_string());
        let mut headers = dead.envelope.headers().clone();
        headers.destination = self.queue.clone();
        // To be read whenever somebody comes.
        headers.expiration = None;
        headers.delivery_time = headers.timestamp;
        Envelope::new(headers, message.with_properties(properties))
    }

    /// Publishes a dead letter, and waits until the broker has taken it.
    pub(crate) async fn put(&self, link: &Arc<Link>, letter: &Envelope) -> Result<()> {
        let outcome = self.publish(link, letter).await;
        outcome.map_err(|error| error.with_operation("dead-letter").with_resource(&self.queue))
    }

    async fn publish(&self, link: &Arc<Link>, letter: &Envelope) -> Result<()> {
        let (properties, payload) = codec::encode(letter, link.frame_max())?;
        Topology::ensure(link, &self.queue).await?;
        let route = Route::to(&self.queue)?;
        let mut slot = self.channel.lock().await;
        let channel = match slot.take().filter(|channel| channel.status().connected()) {
            Some(channel) => channel,
            None => confirming(link).await?,
        };
        let taken = publish_on(&channel, route, properties, &payload).await;
        *slot = Some(channel);
        if matches!(taken.map_err(|cause| link.error(cause))?, Confirmation::Ack(None)) {
            return Ok(());
        }
        link.topology.forget(&self.queue);
        let detail = "the broker did not take a dead letter";
        Err(error(ErrorKind::ResourceAllocation, detail))
    }
}

async fn publish_on(
    channel: &Channel,
    route: Route,
    properties: lapin::BasicProperties,
    payload: &Bytes,
) -> lapin::Result<Confirmation> {
    let options = BasicPublishOptions {
        mandatory: true,
        ..BasicPublishOptions::default()
    };
    let published = channel.basic_publish(route.exchange, route.key, options, payload, properties);
    published.await?.await
}

async fn confirming(link: &Link) -> Result<Channel, Error> {
    let channel = link.open_channel().await?;
    let options = ConfirmSelectOptions::default();
    let confirming = channel.confirm_select(options).await;
    confirming.map_err(|cause| link.error(cause))?;
    Ok(channel)
}

fn name(reason: RejectReason) -> &'static str {
    match reason {
        RejectReason::MaxDeliveries => "max-deliveries",
        _ => "rejected",
    }
}

#[cfg(test)]
mod tests {
    use anymq_api::{Message, PropertyValue, Timestamp};

    use super::*;

    #[test]
    fn a_letter_tells_what_became_of_it() {
        let mut headers = Headers::new("topic:prices".parse().unwrap());
        headers.timestamp = Some(Timestamp::from_millis(1_000));
        headers.delivery_time = Some(Timestamp::from_millis(2_000));
        headers.expiration = Some(Timestamp::from_millis(3_000));
        let message = Message::text("poison").with_property("table", 7).unwrap();
        let dead = Delivered {
            envelope: Envelope::new(headers, message),
            count: 2,
        };
        let dead_letters = DeadLetters::new("queue:DLQ".parse().unwrap());
        let letter = dead_letters.letter(&dead, 3, RejectReason::MaxDeliveries);
        assert_eq!(letter.headers().destination, *dead_letters.queue());
        assert_eq!(letter.headers().expiration, None);
        assert_eq!(letter.headers().delivery_time, letter.headers().timestamp);
        let properties = letter.message().properties();
        let text = |text: &str| Some(PropertyValue::String(text.to_owned().into()));
        assert_eq!(properties.get(REASON).cloned(), text("max-deliveries"));
        assert_eq!(properties.get(ORIGIN).cloned(), text("topic:prices"));
        assert_eq!(properties.get(ATTEMPTS), Some(&PropertyValue::I32(4)));
        assert_eq!(properties.get("table"), Some(&PropertyValue::I32(7)));
        // On the wire, too.
        let (fields, payload) = codec::encode(&letter, 131_072).unwrap();
        let read = codec::decode(&fields, payload.to_vec(), dead_letters.queue());
        assert_eq!(read.envelope, letter);
    }
}
