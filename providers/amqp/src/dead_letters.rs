//! Where messages go that are given up: a queue, to which they are published again with the reason, before the broker may
//! forget them.

use std::sync::Arc;

use anymq_api::{Address, Envelope, Error, ErrorKind, Result, spi::RejectReason};
use bytes::Bytes;
use lapin::{
    Channel, Confirmation,
    options::{BasicPublishOptions, ConfirmSelectOptions},
};

use crate::{codec, error::error, link::Link, name::Route, topology::Topology};

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
        anymq_wire::dead_letter(&dead.envelope, attempts, reason, &self.queue)
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

#[cfg(test)]
mod tests {
    use anymq_api::{Headers, Message};

    use super::*;

    #[test]
    fn what_the_broker_counted_before_counts() {
        let dead = Delivered {
            envelope: Envelope::new(Headers::new("topic:prices".parse().unwrap()), Message::text("poison")),
            count: 2,
        };
        let dead_letters = DeadLetters::new("queue:DLQ".parse().unwrap());
        let letter = dead_letters.letter(&dead, 3, RejectReason::MaxDeliveries);
        let attempts = letter.message().properties().i32("JMS_anymq_dead_letter_attempts");
        assert_eq!(attempts.unwrap(), 4);
        // On the wire, too.
        let (fields, payload) = codec::encode(&letter, 131_072).unwrap();
        let read = codec::decode(&fields, payload.to_vec(), dead_letters.queue());
        assert_eq!(read.envelope, letter);
    }
}
