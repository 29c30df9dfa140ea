use std::{num::NonZeroUsize, sync::Arc};

use anymq_api::{Address, Clock, Destination, Queue, Result};

use super::{
    Broker, BrokerLimit, BrokerOptions, BrokerStats, DestinationStats, QueueLimit, User, registry, restoring::Opened,
};
use crate::{InVmDriver, error, store::Store};

/// A hold on one in-VM broker: to embed one, to look into one, or to end one.
///
/// Dropping a handle ends nothing. A broker made by [`new`](Self::new) lives as long as any handle, driver or
/// connection of it; a [`named`](Self::named) one until it is shut down.
///
/// ```
/// use anymq_in_vm::InVmBroker;
///
/// let shop = InVmBroker::named("handle-doc");
/// assert_eq!(shop.name(), Some("handle-doc"));
/// assert_eq!(shop.stats().ready, 0);
/// shop.shutdown();
/// ```
#[derive(Clone, Debug)]
pub struct InVmBroker(Arc<Broker>);

impl InVmBroker {
    /// A new broker that no URL leads to.
    #[expect(clippy::new_without_default, reason = "each call makes another broker")]
    pub fn new() -> Self {
        Self::builder().build()
    }

    /// Makes a broker that no URL leads to, with choices.
    pub fn builder() -> InVmBrokerBuilder {
        InVmBrokerBuilder(BrokerOptions::default())
    }

    /// The broker behind `vm://name`, made now if there is none.
    pub fn named(name: &str) -> Self {
        Self(registry::open(name))
    }

    /// Its name; none when no URL leads to it.
    pub fn name(&self) -> Option<&str> {
        self.0.name.as_deref()
    }

    /// A driver that connects to this very broker, also after another one has got its name.
    pub fn driver(&self) -> InVmDriver {
        InVmDriver::embedded(Arc::clone(&self.0))
    }

    /// What it holds at present.
    pub fn stats(&self) -> BrokerStats {
        self.0.stats()
    }

    /// What each queue and each subscription to a topic holds and has seen, sorted by address and name; durable
    /// subscriptions also while nobody consumes. Empty once the broker was shut down. Each is exact; between one and the
    /// next, messages may move.
    pub fn destinations(&self) -> Vec<DestinationStats> {
        self.0.destination_stats(None)
    }

    /// As [`destinations`](Self::destinations), of one queue, or of the subscriptions to one topic. Empty when there is
    /// none at present.
    pub fn destinations_at(&self, address: &Address) -> Vec<DestinationStats> {
        self.0.destination_stats(Some(address))
    }

    /// Sees to what is due when the broker has a [clock of its own](InVmBrokerBuilder::with_clock): delayed messages are
    /// delivered, expired ones dropped. With the system's clock that happens by itself, and this changes nothing.
    pub fn run_due(&self) {
        self.0.run_due();
    }

    /// Ends it: every connection loses its link, every message is gone, but for what a [store](InVmBrokerBuilder::with_store)
    /// keeps, and connecting by a driver of it fails with
    /// [`ErrorKind::ConnectionLost`](anymq_api::ErrorKind::ConnectionLost). Its name is free: whoever connects to
    /// `vm://name` next gets a new broker. Doing it again does nothing.
    pub fn shutdown(&self) {
        self.0.shut_down();
    }
}

/// The choices of a broker that is embedded.
///
/// ```
/// use anymq_api::Queue;
/// use anymq_in_vm::InVmBroker;
///
/// let broker = InVmBroker::builder().with_dead_letters(&Queue::new("given-up")?).build();
/// assert_eq!(broker.name(), None);
/// # Ok::<(), anymq_api::Error>(())
/// ```
#[derive(Clone, Debug)]
#[must_use]
pub struct InVmBrokerBuilder(BrokerOptions);

impl InVmBrokerBuilder {
    /// Sets where rejected messages go, instead of the queue `DLQ`.
    pub fn with_dead_letters(mut self, queue: &Queue) -> Self {
        self.0.dead_letters = queue.address().clone();
        self
    }

    /// Judges delays and expirations by this clock. Nothing happens by itself then: whoever moves the clock calls
    /// [`InVmBroker::run_due`].
    pub fn with_clock(mut self, clock: Arc<dyn Clock>) -> Self {
        self.0.clock = Some(clock);
        self
    }

    /// Bounds what may wait in each queue and subscription. Unbounded otherwise.
    pub fn with_queue_limit(mut self, limit: QueueLimit) -> Self {
        self.0.queue_limit = Some(limit);
        self
    }

    /// Bounds what may wait in all queues and subscriptions together. Unbounded otherwise.
    pub fn with_limit(mut self, limit: BrokerLimit) -> Self {
        self.0.limit = Some(limit);
        self
    }

    /// Keeps persistent messages and durable subscriptions in a store, and begins with what it holds; it is read here.
    /// Messages of temporary destinations, of subscriptions that are not durable, and non-persistent ones are kept in
    /// memory as ever. One store serves one broker at a time; [`InVmBroker::shutdown`], or the end of the last handle,
    /// driver and connection of one that has no name, frees it for the next.
    ///
    /// # Errors
    /// Those of the store; and [`ErrorKind::Configuration`](anymq_api::ErrorKind::Configuration) for what no broker has
    /// written, such as messages of an unknown subscription.
    pub fn with_store(mut self, store: Arc<dyn Store>) -> Result<Self> {
        self.0.store = Some(Opened::new(store)?);
        Ok(self)
    }

    /// Bounds the size of a message, in bytes as [`Message::size`](anymq_api::Message::size) counts them. Sending a larger
    /// one fails with [`ErrorKind::ResourceAllocation`](anymq_api::ErrorKind::ResourceAllocation). Unbounded otherwise.
    ///
    /// ```
    /// use std::num::NonZeroUsize;
    /// use anymq_in_vm::InVmBroker;
    ///
    /// let size = const { NonZeroUsize::new(1024 * 1024).unwrap() };
    /// let broker = InVmBroker::builder().with_max_message_size(size).build();
    /// ```
    pub fn with_max_message_size(mut self, bytes: NonZeroUsize) -> Self {
        self.0.max_message_size = Some(bytes);
        self
    }

    /// Admits a user, and nobody without a user name and password any more.
    pub fn with_user(mut self, user: User) -> Self {
        self.0.users.add(user);
        self
    }

    /// Makes the broker behind `vm://name`.
    ///
    /// # Errors
    /// [`ErrorKind::IllegalState`](anymq_api::ErrorKind::IllegalState) when there is a broker of this name already.
    pub fn build_named(mut self, name: &str) -> Result<InVmBroker> {
        self.0.name = Some(name.to_owned());
        let broker = Broker::new(self.0);
        if registry::add(name, &broker) {
            Ok(InVmBroker(broker))
        } else {
            Err(error::name_taken(name))
        }
    }

    /// Makes the broker.
    pub fn build(self) -> InVmBroker {
        InVmBroker(Broker::new(self.0))
    }
}
