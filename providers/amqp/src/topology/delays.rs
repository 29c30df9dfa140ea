use std::{
    collections::HashMap,
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
    },
    time::{Duration, Instant},
};

use anymq_api::{Address, DestinationKind, Error, Result, Timestamp};
use lapin::{
    Channel, ExchangeKind,
    options::{ExchangeDeclareOptions, QueueBindOptions},
    types::{FieldTable, ShortString},
};
use parking_lot::Mutex;

use super::{Topology, durable, turn::declare_in_turn};
use crate::{
    delay::{DelayQueue, Onward},
    error::reply_code,
    link::Link,
    name::Route,
    options::QueueOptions,
};

/// What is known of delay queues.
#[derive(Default)]
pub(super) struct Delays {
    /// Until when each may be published to, as it is.
    known: Mutex<HashMap<ShortString, Instant>>,
    /// The broker's quorum queues hold nothing for a length of time: `RabbitMQ` before 3.10.
    only_classic: AtomicBool,
}

impl Delays {
    /// They may be gone.
    pub(super) fn forget(&self) {
        self.known.lock().clear();
    }

    fn knows(&self, queue: &DelayQueue) -> bool {
        let known = self.known.lock();
        known.get(&queue.name).is_some_and(|until| Instant::now() < *until)
    }

    fn learn(&self, queue: &DelayQueue, declared: Instant) {
        let mut known = self.known.lock();
        let now = Instant::now();
        known.retain(|_, until| now < *until);
        known.insert(queue.name.clone(), declared + queue.lease());
    }
}

impl Topology {
    /// Where a message goes that was delayed on its way to `address`.
    pub(crate) fn onward(link: &Link, address: &Address, route: &Route) -> Result<Onward> {
        let only_classic = link.topology.delays.only_classic.load(Ordering::Acquire);
        Ok(if !only_classic && link.topology.may_be_quorum(link, address)? {
            Onward::Queue(route.key.clone())
        } else {
            Onward::Exchange(route.exchange.clone())
        })
    }

    /// Whether an address is that of a quorum queue, or of one that is used as it is and not known.
    pub(crate) fn may_be_quorum(&self, link: &Link, address: &Address) -> Result<bool> {
        if address.kind() != DestinationKind::Queue {
            return Ok(false);
        }
        let options = QueueOptions::of(address)?.usually(link.queue_kind);
        let is_unknown = options.passive || self.found.lock().contains(address.name());
        Ok(options.is_quorum() || is_unknown)
    }

    /// The delay queue for a message that is due in `left`, declared often enough that the broker does not delete it while
    /// it holds anything.
    pub(crate) async fn delay(
        link: &Arc<Link>,
        address: &Address,
        route: &Route,
        left: Duration,
    ) -> Result<DelayQueue> {
        let queue = || DelayQueue::of(left, Timestamp::now(), Self::onward(link, address, route)?);
        let first = queue()?;
        match Self::ensure_delay(link, &first).await {
            Err(error) if first.is_quorum() && is_unknown_to_the_broker(&error) => {
                link.topology.delays.only_classic.store(true, Ordering::Release);
                let classic = queue()?;
                Self::ensure_delay(link, &classic).await.map(|()| classic)
            }
            outcome => outcome.map(|()| first),
        }
    }

    async fn ensure_delay(link: &Arc<Link>, queue: &DelayQueue) -> Result<()> {
        if link.topology.delays.knows(queue) {
            return Ok(());
        }
        let begun = Instant::now();
        if queue.is_quorum() {
            declare_in_turn(link, &queue.name, &queue.arguments()).await?;
        } else {
            let declared = match Self::declare_delay(link, queue).await {
                // It expired in the midst of it, and took the exchange with it.
                Err(cause) if reply_code(&cause) == Some(404) => Self::declare_delay(link, queue).await,
                outcome => outcome,
            };
            declared.map_err(|cause| link.error(cause))?;
        }
        link.topology.delays.learn(queue, begun);
        Ok(())
    }

    async fn declare_delay(link: &Arc<Link>, queue: &DelayQueue) -> lapin::Result<()> {
        let (name, arguments) = (queue.name.clone(), queue.arguments());
        let declared = Self::run(link, async move |channel: Channel| {
            let options = ExchangeDeclareOptions {
                durable: true,
                // It goes with its queue.
                auto_delete: true,
                ..ExchangeDeclareOptions::default()
            };
            let none = FieldTable::default;
            channel
                .exchange_declare(name.clone(), ExchangeKind::Fanout, options, none())
                .await?;
            channel.queue_declare(name.clone(), durable(), arguments).await?;
            let options = QueueBindOptions::default();
            channel.queue_bind(name.clone(), name, "".into(), options, none()).await
        });
        declared.await
    }
}

/// Whether the broker's quorum queues lack an argument, and not only this one differs in it.
fn is_unknown_to_the_broker(error: &Error) -> bool {
    error.code() == Some("406") && error.detail().contains("invalid arg")
}
