//! Looking at a queue: the broker can only deliver and take back.

use std::{collections::VecDeque, sync::Arc};

use anymq_api::{
    Address, Capability, DestinationKind, Envelope, Error, Result,
    spi::{BrowseSpec, DriverBrowser},
};
use async_trait::async_trait;
use lapin::{
    Channel,
    options::{BasicGetOptions, BasicNackOptions},
    types::ShortString,
};

use crate::{
    codec::{self, Incoming},
    error::error,
    link::Link,
    name::invalid,
    topology::Topology,
};

/// How many messages are read ahead at most, and how many bytes of bodies.
const MOST: usize = 1000;
const MOST_BYTES: usize = 4 << 20;

/// A scan. What it has read stays hidden from others until it has come to the end of the queue, or is dropped; then all
/// goes back to its place at once. Of a queue that is not longer than what is read ahead that is before the first message
/// is shown.
pub(crate) struct Scan {
    link: Arc<Link>,
    destination: Address,
    queue: ShortString,
    /// Gone when there is nothing more to read.
    channel: Option<Channel>,
    /// The latest delivery.
    tag: Option<u64>,
    read: VecDeque<Envelope>,
    failure: Option<Error>,
}

impl Scan {
    pub(crate) async fn open(link: &Arc<Link>, spec: BrowseSpec) -> Result<Self> {
        if spec.selector.is_some() {
            return Err(Error::unsupported(Capability::QueueSelectors));
        }
        let destination = spec.destination;
        let queue = ShortString::try_new(destination.name())
            .map_err(|_| invalid(&destination, "the name is longer than 255 bytes"))?;
        if destination.kind() == DestinationKind::Queue {
            Topology::declare_queue(link, &destination).await?;
        }
        let mut scan = Self {
            link: Arc::clone(link),
            destination,
            queue,
            channel: Some(link.open_channel().await?),
            tag: None,
            read: VecDeque::new(),
            failure: None,
        };
        scan.read_ahead().await?;
        Ok(scan)
    }

    async fn read_ahead(&mut self) -> Result<()> {
        let mut bytes = 0;
        while self.read.len() < MOST && bytes < MOST_BYTES {
            let Some(channel) = &self.channel else { return Ok(()) };
            let got = channel
                .basic_get(self.queue.clone(), BasicGetOptions::default())
                .await
                .map_err(|cause| self.link.error(cause).with_resource(&self.destination))?;
            let Some(got) = got else { return self.give_back().await };
            let delivery = got.delivery;
            self.tag = Some(delivery.delivery_tag);
            bytes += delivery.data.len();
            let Incoming {
                envelope,
                earlier_deliveries,
                ..
            } = codec::decode(&delivery.properties, delivery.data, &self.destination);
            if earlier_deliveries.is_some() {
                self.give_back().await?;
                return Err(counted(&self.destination));
            }
            self.read.push_back(envelope);
        }
        Ok(())
    }

    /// Gives everything back; done when the broker has it.
    async fn give_back(&mut self) -> Result<()> {
        // Kept in its place until it is done, so that it is closed should nobody wait for it.
        let Some(channel) = &self.channel else { return Ok(()) };
        let mut outcome = Ok(());
        if let Some(tag) = self.tag {
            let options = BasicNackOptions {
                multiple: true,
                requeue: true,
            };
            outcome = channel.basic_nack(tag, options).await;
        }
        let closed = channel.close(200, "OK".into()).await;
        self.channel = None;
        outcome.and(closed).map_err(|cause| self.link.error(cause))
    }
}

/// In a quorum queue looking at a message counts as delivering it, up to its limit.
fn counted(destination: &Address) -> Error {
    let refusal = Error::unsupported(Capability::Browser);
    let detail = "the queue counts deliveries, and looking at it would use them up";
    error(refusal.kind(), detail).with_resource(destination)
}

#[async_trait]
impl DriverBrowser for Scan {
    async fn next(&mut self) -> Result<Option<Envelope>> {
        if self.read.is_empty() && self.failure.is_none() {
            self.failure = self.read_ahead().await.err();
        }
        match (self.read.pop_front(), &self.failure) {
            (Some(envelope), _) => Ok(Some(envelope)),
            (None, Some(failure)) => Err(failure.clone()),
            (None, None) => Ok(None),
        }
    }
}

impl Drop for Scan {
    fn drop(&mut self) {
        if let Some(channel) = self.channel.take() {
            self.link.retire(channel);
        }
    }
}
