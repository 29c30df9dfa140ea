//! What is declared at the broker. Declarations go over a channel of their own, because a refused one ends its channel.

mod delays;
mod turn;

use std::{
    collections::{HashMap, HashSet},
    future::Future,
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
    },
};

use anymq_api::{Address, DestinationKind, Error, ErrorKind, Result};
use lapin::{
    Channel, ExchangeKind,
    options::{ExchangeDeclareOptions, QueueBindOptions, QueueDeclareOptions, QueueDeleteOptions},
    types::{FieldTable, ShortString},
};
use parking_lot::Mutex;

use self::delays::Delays;
use crate::{
    error::{error, reply_code},
    link::Link,
    name::{Route, TOPICS, invalid},
    options::{Binding, QueueOptions, TopicOptions},
};

/// What of it this connection knows to exist.
#[derive(Default)]
pub(crate) struct Topology {
    channel: tokio::sync::Mutex<Option<Channel>>,
    /// By name, with what each was declared with.
    queues: Mutex<HashMap<String, Vec<QueueOptions>>>,
    /// Queues that were found with other arguments than ours, and so may be of any kind.
    found: Mutex<HashSet<String>>,
    topics: AtomicBool,
    /// Other exchanges than the one that all topics share, with the kinds that addresses declare them as.
    exchanges: Mutex<HashMap<String, Vec<String>>>,
    delays: Delays,
    temporary: Mutex<HashSet<Address>>,
}

impl Topology {
    /// Whether messages can be published to it without declaring anything first.
    pub(crate) fn knows(&self, address: &Address) -> bool {
        match address.kind() {
            DestinationKind::Queue => self.knows_queue(address),
            DestinationKind::TemporaryQueue => true,
            DestinationKind::Topic | DestinationKind::TemporaryTopic => self.knows_exchange(address),
        }
    }

    fn knows_queue(&self, address: &Address) -> bool {
        let Ok(options) = QueueOptions::of(address) else {
            return false;
        };
        let queues = self.queues.lock();
        queues.get(address.name()).is_some_and(|known| known.contains(&options))
    }

    fn knows_exchange(&self, address: &Address) -> bool {
        match address.option("exchange") {
            None => self.topics.load(Ordering::Acquire),
            Some(exchange) => {
                let exchanges = self.exchanges.lock();
                let kinds = exchanges.get(exchange);
                kinds.is_some_and(|kinds| kinds.iter().any(|kind| kind == declared_as(address)))
            }
        }
    }

    fn learn(&self, address: &Address, options: QueueOptions) {
        let mut queues = self.queues.lock();
        let known = queues.entry(address.name().to_owned()).or_default();
        if !known.contains(&options) {
            known.push(options);
        }
    }

    /// Opens the channel for declarations, as long as there is one to be had.
    pub(crate) async fn open(link: &Link) -> Result<()> {
        let mut slot = link.topology.channel.lock().await;
        *slot = Some(link.open_channel().await?);
        Ok(())
    }

    /// It may be gone: declare it again before the next use.
    pub(crate) fn forget(&self, address: &Address) {
        self.queues.lock().remove(address.name());
        self.found.lock().remove(address.name());
        self.delays.forget();
    }

    /// The broker ended a channel, perhaps over an exchange that is gone.
    pub(crate) fn forget_exchanges(&self) {
        self.topics.store(false, Ordering::Release);
        self.exchanges.lock().clear();
        self.delays.forget();
    }

    /// Declares what publishing to `address` needs.
    pub(crate) async fn ensure(link: &Arc<Link>, address: &Address) -> Result<()> {
        if link.topology.knows(address) {
            return Ok(());
        }
        if address.kind().is_topic() {
            return Self::declare_exchange(link, address).await;
        }
        match Self::declare_queue(link, address).await {
            // Another connection's own queue, where it waits for replies.
            Err(error) if error.code() == Some("405") && address.options().next().is_none() => {
                link.topology.learn(address, QueueOptions::default());
                Ok(())
            }
            outcome => outcome,
        }
    }

    /// Declares a queue, whatever is known of it. One that exists with other arguments, or that may not be declared, is
    /// used as it is, unless the address asks for what it is not.
    pub(crate) async fn declare_queue(link: &Arc<Link>, address: &Address) -> Result<()> {
        let (name, options) = (queue_name(address)?, QueueOptions::of(address)?);
        let arguments = options.clone().usually(link.queue_kind).arguments();
        let declared = if options.passive {
            Self::declare(link, name.clone(), passive()).await
        } else if options.is_lenient() {
            Self::declare_or_find(link, name.clone(), arguments).await
        } else {
            Self::declare_with(link, name.clone(), durable(), arguments).await
        };
        declared.map_err(|cause| link.error(cause).with_resource(address))?;
        if let Some(binding) = &options.binding {
            let bound = Self::bind(link, name, binding, address).await;
            bound.map_err(|cause| link.error(cause).with_resource(address))?;
        }
        link.topology.learn(address, options);
        Ok(())
    }

    async fn declare_or_find(link: &Arc<Link>, name: ShortString, arguments: FieldTable) -> lapin::Result<()> {
        let refusal = match Self::declare_with(link, name.clone(), durable(), arguments).await {
            Err(cause) if matches!(reply_code(&cause), Some(403 | 406)) => cause,
            outcome => return outcome,
        };
        Self::declare(link, name.clone(), passive())
            .await
            .map_err(|_| refusal)?;
        link.topology.found.lock().insert(name.to_string());
        Ok(())
    }

    async fn bind(link: &Arc<Link>, queue: ShortString, binding: &Binding, address: &Address) -> lapin::Result<()> {
        let exchange = binding.exchange.clone();
        let key = binding.key.clone().unwrap_or_else(|| address.name().into());
        let arguments = binding.arguments();
        let bound = Self::run(link, async move |channel: Channel| {
            let options = QueueBindOptions::default();
            channel.queue_bind(queue, exchange, key, options, arguments).await
        });
        bound.await
    }

    /// Whether a queue exists; another connection's exclusive one does.
    pub(crate) async fn exists(link: &Arc<Link>, address: &Address) -> Result<bool> {
        match Self::declare(link, queue_name(address)?, passive()).await {
            Ok(()) => Ok(true),
            Err(cause) => match reply_code(&cause) {
                Some(404) => Ok(false),
                Some(405) => Ok(true),
                _ => Err(link.error(cause)),
            },
        }
    }

    /// Whether this connection may consume from a queue.
    pub(crate) async fn check_consumable(link: &Arc<Link>, queue: &ShortString) -> Result<()> {
        let declared = Self::declare(link, queue.clone(), passive()).await;
        declared.map_err(|cause| link.error(cause))
    }

    /// Makes a subscription's own queue. It is not deleted with its last consumer, because a stopped subscription has
    /// none, but with the connection.
    pub(crate) async fn declare_subscription(link: &Arc<Link>, queue: &str, topic: &Address) -> Result<()> {
        Self::declare_exchange(link, topic).await?;
        let Route { exchange, key, .. } = Route::to(topic)?;
        let arguments = TopicOptions::of(topic)?.arguments();
        let queue = short(queue)?;
        let bound = Self::run(link, async move |channel: Channel| {
            channel
                .queue_declare(queue.clone(), exclusive(), FieldTable::default())
                .await?;
            let options = QueueBindOptions::default();
            channel.queue_bind(queue, exchange, key, options, arguments).await
        });
        bound.await.map_err(|cause| link.error(cause).with_resource(topic))
    }

    pub(crate) async fn create_temporary(link: &Arc<Link>, address: &Address) -> Result<()> {
        if address.kind().is_queue() {
            let declared = Self::declare(link, queue_name(address)?, exclusive()).await;
            declared.map_err(|cause| link.error(cause).with_resource(address))?;
        } else {
            Self::declare_exchange(link, address).await?;
        }
        link.topology.temporary.lock().insert(address.clone());
        Ok(())
    }

    pub(crate) async fn delete_temporary(link: &Arc<Link>, address: &Address) -> Result<()> {
        if !link.topology.temporary.lock().remove(address) {
            return Err(invalid(address, "this connection has no such temporary destination"));
        }
        if address.kind().is_queue() {
            return Self::delete_queue(link, address.name().to_owned()).await;
        }
        Ok(())
    }

    /// Whether it is a temporary destination of this connection.
    pub(crate) fn owns(&self, address: &Address) -> bool {
        self.temporary.lock().contains(address)
    }

    pub(crate) async fn delete_queue(link: &Arc<Link>, queue: String) -> Result<()> {
        let queue = short(&queue)?;
        let deleted = Self::run(link, async move |channel: Channel| {
            channel.queue_delete(queue, QueueDeleteOptions::default()).await
        });
        deleted.await.map(drop).map_err(|cause| link.error(cause))
    }

    /// What a topic is published to and bound to.
    pub(crate) async fn declare_exchange(link: &Arc<Link>, topic: &Address) -> Result<()> {
        if link.topology.knows_exchange(topic) {
            return Ok(());
        }
        let TopicOptions { binding, declare } = TopicOptions::of(topic)?;
        let (exchange, kind) = match binding {
            Some(binding) => (binding.exchange, declare),
            None => (TOPICS.into(), Some(ExchangeKind::Topic)),
        };
        let name = topic.option("exchange").map(ToOwned::to_owned);
        let declared = Self::run(link, async move |channel: Channel| {
            let options = ExchangeDeclareOptions {
                durable: true,
                // Of one that must exist, the kind does not matter.
                passive: kind.is_none(),
                ..ExchangeDeclareOptions::default()
            };
            let kind = kind.unwrap_or_default();
            channel
                .exchange_declare(exchange, kind, options, FieldTable::default())
                .await
        });
        declared.await.map_err(|cause| link.error(cause).with_resource(topic))?;
        if let Some(name) = name {
            let mut exchanges = link.topology.exchanges.lock();
            exchanges.entry(name).or_default().push(declared_as(topic).to_owned());
        } else {
            link.topology.topics.store(true, Ordering::Release);
        }
        Ok(())
    }

    async fn declare(link: &Arc<Link>, queue: ShortString, options: QueueDeclareOptions) -> lapin::Result<()> {
        Self::declare_with(link, queue, options, FieldTable::default()).await
    }

    async fn declare_with(
        link: &Arc<Link>,
        queue: ShortString,
        options: QueueDeclareOptions,
        arguments: FieldTable,
    ) -> lapin::Result<()> {
        let declared = Self::run(link, async move |channel: Channel| {
            channel.queue_declare(queue, options, arguments).await
        });
        declared.await.map(drop)
    }

    /// Does something on the channel for declarations. In a task of its own: if the caller goes away, an answer that
    /// ends the channel must not meet its next user, nor a channel that is being dropped.
    pub(crate) async fn run<T, F, Fut>(link: &Arc<Link>, operation: F) -> lapin::Result<T>
    where
        T: Send + 'static,
        F: FnOnce(Channel) -> Fut + Send + 'static,
        Fut: Future<Output = lapin::Result<T>> + Send,
    {
        let link = Arc::clone(link);
        let task = tokio::spawn(async move {
            let mut slot = link.topology.channel.lock().await;
            let channel = match slot.take().filter(|channel| channel.status().connected()) {
                Some(channel) => channel,
                None => link.new_channel().await?,
            };
            let outcome = operation(channel.clone()).await;
            *slot = if channel.status().connected() {
                Some(channel)
            } else {
                // At once, before sessions take the last one that there may be.
                link.new_channel().await.ok()
            };
            outcome
        });
        task.await
            .unwrap_or_else(|failure| Err(std::io::Error::other(failure).into()))
    }
}

/// The exchange's kind, as the address names it; empty when it must exist.
fn declared_as(topic: &Address) -> &str {
    topic.option("declare").unwrap_or_default()
}

fn durable() -> QueueDeclareOptions {
    QueueDeclareOptions {
        durable: true,
        ..QueueDeclareOptions::default()
    }
}

fn passive() -> QueueDeclareOptions {
    QueueDeclareOptions {
        passive: true,
        ..QueueDeclareOptions::default()
    }
}

fn exclusive() -> QueueDeclareOptions {
    QueueDeclareOptions {
        exclusive: true,
        ..QueueDeclareOptions::default()
    }
}

fn queue_name(address: &Address) -> Result<ShortString> {
    ShortString::try_new(address.name()).map_err(|_| invalid(address, "the name is longer than 255 bytes"))
}

fn short(name: &str) -> Result<ShortString> {
    ShortString::try_new(name).map_err(|failure| too_long(&failure))
}

fn too_long(failure: &dyn std::error::Error) -> Error {
    error(ErrorKind::InvalidDestination, failure.to_string())
}
