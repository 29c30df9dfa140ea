mod broker;
mod feed;
mod forwarder;
mod hold;
mod identity;
mod lock;
mod mark;
mod membership;
mod named;
mod source;
mod terms;

pub(crate) use feed::Feed;
pub(crate) use hold::Hold;
pub(crate) use membership::unsubscribe;
pub(crate) use named::Named;

use std::{fmt, sync::Arc};

use anymq_api::{
    Address, Result,
    spi::{DeliverySink, Done, DriverSubscription, SubscribeSpec},
};
use tokio::sync::{mpsc, oneshot};

use self::{
    forwarder::{Forwarder, Order, State},
    source::Source,
};
use crate::{inbound::Inbound, link::Link, session::Shared};

/// A subscription: a handle on the task that forwards its deliveries.
pub(crate) struct AmqpSubscription {
    destination: Address,
    feed: Arc<Feed>,
    orders: mpsc::UnboundedSender<Order>,
}

impl AmqpSubscription {
    pub(crate) async fn open(
        link: &Arc<Link>,
        shared: &Arc<Shared>,
        spec: SubscribeSpec,
        sink: Arc<dyn DeliverySink>,
    ) -> Result<Self> {
        let feed = Arc::new(Feed::new(sink));
        let source = Source::open(link, &spec, &feed).await?;
        let inbound = match shared.transaction() {
            Some(inbound) => {
                inbound.usable(link)?;
                inbound
            }
            None => Arc::new(Inbound::new(link.open_channel().await?, false)),
        };
        let (orders, ordered) = mpsc::unbounded_channel();
        shared.register(spec.id, Arc::clone(&inbound), Arc::clone(&feed));
        if shared.is_abandoned() {
            feed.abandon();
        }
        let forwarder = Forwarder {
            link: Arc::clone(link),
            shared: Arc::clone(shared),
            inbound,
            feed: Arc::clone(&feed),
            id: spec.id,
            prefetch: spec.prefetch,
            orders: ordered,
            state: State::default(),
        };
        tokio::spawn(forwarder.run(source));
        Ok(Self {
            destination: spec.destination,
            feed,
            orders,
        })
    }

    fn order(&self, order: impl FnOnce(oneshot::Sender<Result<()>>) -> Order) -> Done<()> {
        self.feed.revoke();
        let (reply, outcome) = oneshot::channel();
        if self.orders.send(order(reply)).is_err() {
            return Done::ok();
        }
        // Unanswered, because it was abandoned meanwhile: nothing is pushed any more.
        Done::pending(async move { outcome.await.unwrap_or(Ok(())) })
    }
}

impl DriverSubscription for AmqpSubscription {
    fn grant_credit(&self, credit: u32) {
        self.feed.grant(credit);
    }

    fn stop_delivery(&self) -> Done<()> {
        self.order(Order::Stop)
    }

    fn close(&self) -> Done<()> {
        self.order(Order::Close)
    }

    fn abandon(&self) {
        self.feed.abandon();
    }
}

impl fmt::Debug for AmqpSubscription {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("AmqpSubscription")
            .field("destination", &self.destination)
            .finish_non_exhaustive()
    }
}

impl Drop for AmqpSubscription {
    fn drop(&mut self) {
        self.feed.abandon();
    }
}
