mod ending;

use std::{collections::VecDeque, sync::Arc, time::Duration};

use anymq_api::{
    Result,
    spi::{Delivery, DeliveryToken, SubscriptionId, Unsettled},
};
use futures_util::{FutureExt as _, StreamExt as _, future::join};
use lapin::{
    Consumer,
    options::{BasicConsumeOptions, BasicQosOptions},
    types::{FieldTable, ShortString},
};
use tokio::{
    sync::{mpsc, oneshot},
    time::Instant,
};

use super::{feed::Feed, source::Source};
use crate::{
    codec::{self, Incoming},
    dead_letters::Delivered,
    inbound::Inbound,
    ledger::Window,
    link::{EPOCH, Link},
    session::Shared,
    topology::Topology,
};

/// What a subscription's handle asks of its forwarder. An answer goes out after the last push.
pub(crate) enum Order {
    Stop(oneshot::Sender<Result<()>>),
    Close(oneshot::Sender<Result<()>>),
}

/// How long settlements may take that are on their way together with the credit that uncovered a full window.
const SOON: Duration = Duration::from_millis(1);

/// How long a full window is left alone while the application still has messages at hand.
const LATER: Duration = Duration::from_millis(20);

/// How often a queue is asked for that would expire: thrice as often as needed.
const REFRESH: Duration = Duration::from_secs(20);

/// How many deliveries are taken before they are pushed.
const BATCH: usize = 128;

/// Brings a subscription's deliveries from the broker to its sink.
///
/// The broker counts unsettled deliveries for each consumer tag, credit counts those not handed to the application.
/// While settlements keep up with hand-overs, one tag lives on: what is settled makes room for as much. When the window
/// is full of unsettled deliveries and credit is left, the tag is cancelled, which leaves its deliveries valid, and
/// another is opened for the credit that is left.
pub(crate) struct Forwarder {
    pub(crate) link: Arc<Link>,
    pub(crate) shared: Arc<Shared>,
    pub(crate) inbound: Arc<Inbound>,
    pub(crate) feed: Arc<Feed>,
    pub(crate) id: SubscriptionId,
    pub(crate) prefetch: u32,
    pub(crate) orders: mpsc::UnboundedReceiver<Order>,
    pub(crate) state: State,
}

/// What only the forwarder itself knows.
#[derive(Default)]
pub(crate) struct State {
    open: Option<Open>,
    /// Received and not pushed.
    buffer: VecDeque<Delivery>,
    patience: Option<Patience>,
    /// How many consumer tags were used.
    tags: u64,
    /// Nothing will come any more.
    ended: bool,
}

/// A consumer tag.
struct Open {
    window: Arc<Window>,
    consumer: Consumer,
    tag: ShortString,
}

/// Until when a full window is left alone, unless something is settled before.
struct Patience {
    until: Instant,
    progress: u64,
}

impl Forwarder {
    /// Ends when the subscription is closed or abandoned.
    pub(crate) async fn run(mut self, mut source: Source) {
        let mut refreshed = Instant::now();
        while !self.feed.is_abandoned() {
            self.feed.push(&mut self.state.buffer);
            self.adjust(&source).await;
            let until = self.state.patience.as_ref().map(|patience| patience.until);
            tokio::select! {
                biased;
                order = self.orders.recv() => match order {
                    Some(Order::Stop(reply)) => {
                        self.stop(&source).await;
                        let _ = reply.send(Ok(()));
                    }
                    Some(Order::Close(reply)) => {
                        self.finish(&source).await;
                        let _ = reply.send(source.close().await);
                        self.return_rest(&source).await;
                        return;
                    }
                    None => break,
                },
                () = self.feed.news() => {}
                received = next(&mut self.state.open) => self.receive(received, &source),
                () = tokio::time::sleep_until(until.unwrap_or_else(Instant::now)), if until.is_some() => {
                    self.lose_patience(&source).await;
                }
                // A stopped subscription has no consumer that would keep its queue.
                () = tokio::time::sleep_until(refreshed + REFRESH), if source.expires() => {
                    source.refresh().await;
                    refreshed = Instant::now();
                }
            }
        }
        // Nobody waits for the outcome, and the source sees to its queue by itself.
        self.finish(&source).await;
        self.return_rest(&source).await;
    }

    /// Opens a window when credit wants one, and watches over a full one.
    async fn adjust(&mut self, source: &Source) {
        let state = &mut self.state;
        let full = state.open.as_ref().is_some_and(|open| open.window.is_exhausted());
        let waiting = state.open.is_none() || full || !state.buffer.is_empty();
        let credit = self.feed.credit(waiting);
        if credit == 0 || state.ended {
            state.patience = None;
            return;
        }
        match &state.open {
            None => self.open(credit, source).await,
            Some(open) if full => {
                let progress = open.window.progress();
                // With that much credit left, nearly everything is handed over, and the application waits.
                let patience = if credit >= self.prefetch.div_ceil(2) {
                    SOON
                } else {
                    LATER
                };
                state.patience.get_or_insert_with(|| Patience {
                    until: Instant::now() + patience,
                    progress,
                });
            }
            Some(_) => state.patience = None,
        }
    }

    /// The window stayed full: leave it, so that the next one is opened.
    async fn lose_patience(&mut self, source: &Source) {
        let Some(patience) = self.state.patience.take() else {
            return;
        };
        // What is settled meanwhile makes room for deliveries, which a tag that is cancelled would cut off.
        let stuck = |window: &Window| window.is_exhausted() && window.progress() == patience.progress;
        self.cancel_if(stuck, source).await;
    }

    async fn open(&mut self, credit: u32, source: &Source) {
        let size = u16::try_from(credit).unwrap_or(u16::MAX);
        match self.consume(size, source).await {
            Ok((consumer, tag)) => {
                self.state.open = Some(Open {
                    window: Arc::new(Window::new(size.into())),
                    consumer,
                    tag,
                });
            }
            Err(cause) => self.fail(cause),
        }
    }

    async fn consume(&mut self, size: u16, source: &Source) -> Result<(Consumer, ShortString)> {
        if self.inbound.transacted {
            // A refusal would end the transaction's channel.
            Topology::check_consumable(&self.link, &source.queue).await?;
        }
        self.state.tags += 1;
        // In the order of their names a quorum queue takes back what they held.
        let tag: ShortString = format!("anymq-{}-{:010}", self.id.0, self.state.tags).into();
        let channel = &self.inbound.channel;
        let _turn = self.inbound.turn.lock().await;
        let qos = channel.basic_qos(size, BasicQosOptions::default());
        let options = BasicConsumeOptions::default();
        let consuming = channel.basic_consume(source.queue.clone(), tag.clone(), options, FieldTable::default());
        // In this order, and answered in one turn.
        let (qos, consumer) = join(qos, consuming).await;
        let consumer = qos
            .and(consumer)
            .map_err(|cause| self.inbound.error(&self.link, cause))?;
        Ok((consumer, tag))
    }

    fn receive(&mut self, received: Option<lapin::Result<lapin::message::Delivery>>, source: &Source) {
        let mut received = Some(received);
        let mut left = BATCH;
        while let Some(item) = received.take() {
            match item {
                Some(Ok(delivery)) => self.take_in(delivery, source),
                Some(Err(cause)) => return self.fail(self.inbound.error(&self.link, cause)),
                None => return self.vanish(source),
            }
            left -= 1;
            if left > 0
                && let Some(open) = &mut self.state.open
            {
                received = open.consumer.next().now_or_never();
            }
        }
    }

    fn take_in(&mut self, delivery: lapin::message::Delivery, source: &Source) {
        let Some(open) = &self.state.open else { return };
        let tag = delivery.delivery_tag;
        self.inbound.ledger.lock().receive(tag, self.id, &open.window);
        let Incoming {
            envelope,
            earlier_deliveries,
            delayed_since,
        } = codec::decode(&delivery.properties, delivery.data, &source.destination);
        if delayed_since.is_some_and(|since| !source.is_older(since)) {
            self.shared.drop_one(&self.inbound, self.id, tag);
            return;
        }
        let count = match earlier_deliveries {
            Some(earlier) => earlier.saturating_add(1),
            None => 1 + u32::from(delivery.redelivered),
        };
        if source.buries {
            let envelope = envelope.clone();
            self.inbound.ledger.lock().keep(tag, Delivered { envelope, count });
        }
        self.state.buffer.push_back(Delivery {
            envelope,
            token: DeliveryToken {
                epoch: EPOCH,
                subscription: self.id,
                tag,
            },
            redelivered: delivery.redelivered,
            count,
            local: source.is_local(&delivery.properties),
        });
    }

    /// The broker refused to go on.
    fn fail(&mut self, error: anymq_api::Error) {
        self.state.ended = true;
        self.state.open = None;
        // The loss of the link is told for all at once.
        if !self.link.is_up() {
            self.inbound.fail(&error);
        } else if self.inbound.channel.status().connected() {
            self.feed.end(error, Unsettled::Kept);
        } else {
            // With its channel: what it delivered is in the queue again.
            self.inbound.fail(&error);
            self.state.buffer.clear();
            self.feed.end(error, Unsettled::TakenBack);
        }
    }

    /// The deliveries ended, though nobody cancelled them.
    fn vanish(&mut self, source: &Source) {
        self.state.ended = true;
        self.state.open = None;
        if !self.link.is_up() {
            // Tells of the loss, should nobody have.
            self.link.ended();
        } else if self.inbound.channel.status().connected() {
            self.feed.end(source.vanished(), Unsettled::Kept);
        }
    }
}

/// The next delivery of the open window; never, where none is open.
async fn next(open: &mut Option<Open>) -> Option<lapin::Result<lapin::message::Delivery>> {
    match open {
        Some(open) => open.consumer.next().await,
        None => std::future::pending().await,
    }
}
