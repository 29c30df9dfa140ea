//! Messages that were published and are not confirmed.

use std::{
    collections::HashMap,
    pin::Pin,
    sync::{
        Arc,
        atomic::{AtomicUsize, Ordering},
    },
    task::{Context, Poll},
};

use anymq_api::{Address, Error, ErrorKind, MessageId, Retry};
use bytes::Bytes;
use futures_util::{Future, StreamExt as _, stream::FuturesUnordered};
use lapin::{BasicProperties, Channel, Confirmation, message::BasicReturnMessage, options::BasicPublishOptions};

use super::{
    command::{Outgoing, Ticket},
    lost::{self, Lost},
    returns::{Carried, Confirmed, Fate, Returns},
};
use crate::{
    codec::{send_mark, with_send_mark},
    error::error,
    link::Link,
    name::Route,
};

type Landed = (u64, lapin::Result<Confirmation>);
type Flight = Pin<Box<dyn Future<Output = Landed> + Send>>;

/// The messages under way on one channel.
#[derive(Default)]
pub(crate) struct Flights {
    airborne: FuturesUnordered<Flight>,
    sends: HashMap<u64, Sent>,
    by_id: HashMap<MessageId, u64>,
    returns: Returns,
    unwritten: Arc<AtomicUsize>,
    last: u64,
    /// What the channel's end took along, until all of it is known.
    lost: Lost,
    /// Whether the broker refused one.
    has_refused: bool,
}

struct Sent {
    address: Address,
    ticket: Ticket,
    /// Of the body, in bytes.
    size: usize,
}

/// A message whose frames have not reached the socket.
struct Unwritten(Arc<AtomicUsize>);

impl Unwritten {
    fn new(count: &Arc<AtomicUsize>) -> Self {
        count.fetch_add(1, Ordering::AcqRel);
        Self(Arc::clone(count))
    }
}

impl Drop for Unwritten {
    fn drop(&mut self) {
        self.0.fetch_sub(1, Ordering::AcqRel);
    }
}

impl Flights {
    pub(crate) fn is_empty(&self) -> bool {
        self.airborne.is_empty()
    }

    /// Whether the broker refused a message on this channel, which it may go on doing.
    pub(crate) fn has_refused(&self) -> bool {
        self.has_refused
    }

    /// Publishes. The client library takes number and frames of a message in the first poll, so the order of these calls
    /// is the order on the wire, and nothing has to be waited for in between.
    pub(crate) async fn launch(
        &mut self,
        channel: &Arc<Channel>,
        link: &Link,
        outgoing: Outgoing,
    ) -> Result<(), Error> {
        let Outgoing {
            address,
            route,
            properties,
            payload,
            ticket,
            ..
        } = outgoing;
        self.last += 1;
        let number = self.last;
        let properties = if route.mandatory {
            self.mark(number, ticket.message_id.as_ref(), properties)
        } else {
            properties
        };
        let size = payload.len();
        let unwritten = Unwritten::new(&self.unwritten);
        let mut flight: Flight = Box::pin(fly(Arc::clone(channel), number, route, properties, payload, unwritten));
        self.sends.insert(number, Sent { address, ticket, size });
        match futures_util::poll!(&mut flight) {
            Poll::Ready((_, Err(cause))) if !lost::never_left(&cause) => {
                let mut failure = link.error(cause);
                if failure.retry() == Retry::Safe {
                    failure = failure.with_retry(Retry::MayDuplicate);
                }
                self.finish(number, Err(failure.clone()));
                Err(failure)
            }
            Poll::Ready(landed) => {
                self.airborne.push(Box::pin(std::future::ready(landed)));
                Ok(())
            }
            Poll::Pending => {
                self.airborne.push(flight);
                Ok(())
            }
        }
    }

    /// Makes a return of this send recognisable: by its id, unless it has none or shares it.
    fn mark(&mut self, number: u64, id: Option<&MessageId>, properties: BasicProperties) -> BasicProperties {
        match id {
            Some(id) if properties.message_id().is_some() && !self.by_id.contains_key(id) => {
                self.by_id.insert(id.clone(), number);
                properties
            }
            _ => with_send_mark(properties, number),
        }
    }

    /// Waits for confirmations, and takes all that have completed: none completed before any of them is left out.
    pub(crate) async fn landed(&mut self) -> Vec<Landed> {
        std::future::poll_fn(|context| self.poll_landed(context)).await
    }

    /// Waits until every message has reached the socket; gives back what landed meanwhile.
    pub(crate) async fn written(&mut self) -> Vec<Landed> {
        let mut all = Vec::new();
        std::future::poll_fn(|context| {
            if let Poll::Ready(mut landed) = self.poll_landed(context) {
                all.append(&mut landed);
            }
            if self.unwritten.load(Ordering::Acquire) == 0 {
                Poll::Ready(())
            } else {
                Poll::Pending
            }
        })
        .await;
        all
    }

    fn poll_landed(&mut self, context: &mut Context<'_>) -> Poll<Vec<Landed>> {
        let mut landed = Vec::new();
        while let Poll::Ready(Some(one)) = self.airborne.poll_next_unpin(context) {
            landed.push(one);
        }
        if landed.is_empty() {
            Poll::Pending
        } else {
            Poll::Ready(landed)
        }
    }

    /// Answers whoever waits for what landed; gives back the failure of the channel, if that has ended.
    pub(crate) fn settle(&mut self, landed: Vec<Landed>, link: &Link) -> Option<Error> {
        let mut confirmed = Vec::with_capacity(landed.len());
        for (number, outcome) in landed {
            match outcome {
                Ok(Confirmation::Ack(returned)) => confirmed.push(self.confirmed(number, false, returned)),
                Ok(Confirmation::Nack(returned)) => {
                    self.has_refused = true;
                    confirmed.push(self.confirmed(number, true, returned));
                }
                Ok(Confirmation::NotRequested) => self.finish(number, Ok(())),
                Err(cause) => {
                    let size = self.sends.get(&number).map_or(0, |sent| sent.size);
                    self.lost.add(number, size, cause);
                }
            }
        }
        // With the channel gone, nothing outstanding does not mean that nothing was missed.
        let outstanding = if self.lost.is_empty() {
            self.airborne.len()
        } else {
            usize::MAX
        };
        for (number, fate) in self.returns.confirm(&confirmed, outstanding) {
            self.fulfil(number, fate, link);
        }
        let failure = link.error(self.lost.cause()?);
        if self.airborne.is_empty() || !self.lost.is_with_the_channel() {
            self.give_up(&failure, link);
        }
        Some(failure)
    }

    /// The channel is gone, and with it all confirmations.
    fn give_up(&mut self, failure: &Error, link: &Link) {
        let mut lost = std::mem::take(&mut self.lost);
        for number in self.returns.give_up() {
            lost.add_confirmed(number);
        }
        let is_refused = link.is_up() && failure.kind() != ErrorKind::ConnectionLost && self.airborne.is_empty();
        for (number, retry) in lost.verdicts(failure, is_refused) {
            self.finish(number, Err(failure.clone().with_retry(retry)));
        }
    }

    fn confirmed(&self, send: u64, refused: bool, returned: Option<BasicReturnMessage>) -> Confirmed {
        let carried = returned.map_or(Carried::Nothing, |message| {
            self.find(&message.properties).map_or(Carried::Unknown, Carried::Return)
        });
        Confirmed { send, refused, carried }
    }

    fn find(&self, properties: &BasicProperties) -> Option<u64> {
        if let Some(number) = send_mark(properties) {
            return Some(number);
        }
        let id = MessageId::parse(properties.message_id().as_ref()?.as_str()).ok()?;
        self.by_id.get(&id).copied()
    }

    fn fulfil(&mut self, number: u64, fate: Fate, link: &Link) {
        match fate {
            Fate::Taken => self.finish(number, Ok(())),
            Fate::Refused => {
                let refusal = error(ErrorKind::ResourceAllocation, "the broker did not take the message");
                self.finish(number, Err(refusal.with_retry(Retry::Safe)));
            }
            Fate::Returned => {
                if let Some(sent) = self.sends.get(&number) {
                    link.topology.forget(&sent.address);
                }
                let refusal = error(ErrorKind::InvalidDestination, "there is no such queue").with_code(312);
                self.finish(number, Err(refusal));
            }
        }
    }

    fn finish(&mut self, number: u64, outcome: Result<(), Error>) {
        let Some(Sent { address, ticket, .. }) = self.sends.remove(&number) else {
            return;
        };
        if let Some(id) = &ticket.message_id
            && self.by_id.get(id) == Some(&number)
        {
            self.by_id.remove(id);
        }
        match outcome {
            Ok(()) => ticket.succeed(),
            Err(error) => ticket.fail(error.with_resource(address)),
        }
    }
}

async fn fly(
    channel: Arc<Channel>,
    number: u64,
    route: Route,
    properties: BasicProperties,
    payload: Bytes,
    unwritten: Unwritten,
) -> Landed {
    let options = BasicPublishOptions {
        mandatory: route.mandatory,
        ..BasicPublishOptions::default()
    };
    let published = channel
        .basic_publish(route.exchange, route.key, options, &payload, properties)
        .await;
    drop((payload, unwritten));
    match published {
        Ok(confirmation) => (number, confirmation.await),
        Err(cause) => (number, Err(cause)),
    }
}
