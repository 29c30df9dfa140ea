use std::{fmt::Debug, sync::Arc};

use async_trait::async_trait;

use crate::{
    AckMode, Browser, Consumer, ConsumerOptions, Destination, Producer, Result, TemporaryQueue, TemporaryTopic,
};

/// A context for sending and receiving: one order of sends, one acknowledgement mode, at most one transaction, one
/// listener at a time. JMS: `Session`.
///
/// Every method but `close` fails with [`ErrorKind::IllegalState`](crate::ErrorKind::IllegalState) once the session or
/// its connection is closed, and with [`ErrorKind::ConnectionLost`](crate::ErrorKind::ConnectionLost) when the link is
/// lost. It may be shared between tasks: concurrent calls are put in some order, and no message is lost by it.
///
/// ```
/// # async fn example() -> anymq::Result<()> {
/// use anymq::prelude::*;
///
/// let connection = anymq::connection_factory("vm://session-doc")?.create_connection().await?;
/// let session = connection.create_session(AckMode::Transacted).await?;
/// let orders = Queue::new("orders")?;
/// let producer = session.create_producer(&orders).await?;
/// producer.send(Message::text("one espresso")).await?;
/// session.commit().await?;
/// connection.close().await
/// # }
/// # tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap().block_on(example()).unwrap();
/// ```
#[async_trait]
pub trait Session: Debug + Send + Sync {
    /// The mode it was opened with. JMS: `getAcknowledgeMode`, `getTransacted`.
    ///
    /// # Errors
    /// [`ErrorKind::IllegalState`](crate::ErrorKind::IllegalState) when closed.
    fn ack_mode(&self) -> Result<AckMode>;

    /// A producer for one destination. JMS: `createProducer`.
    ///
    /// # Errors
    /// [`ErrorKind::InvalidDestination`](crate::ErrorKind::InvalidDestination) for a name that the provider cannot
    /// represent or a deleted temporary destination; [`ErrorKind::Unsupported`](crate::ErrorKind::Unsupported) for a
    /// kind that it lacks.
    ///
    /// # Cancel safety
    /// Dropping the future leaves nothing behind.
    async fn create_producer(&self, destination: &dyn Destination) -> Result<Arc<dyn Producer>>;

    /// A producer that names the destination with each send. JMS: `createProducer(null)`.
    ///
    /// # Errors
    /// Only those that all methods share.
    async fn create_anonymous_producer(&self) -> Result<Arc<dyn Producer>>;

    /// A consumer of a queue, or an unshared non-durable subscription of a topic. The subscription exists when this
    /// returns. JMS: `createConsumer`.
    ///
    /// # Errors
    /// As [`create_consumer_with`](Self::create_consumer_with).
    ///
    /// # Cancel safety
    /// Dropping the future leaves no consumer behind.
    async fn create_consumer(&self, destination: &dyn Destination) -> Result<Arc<dyn Consumer>>;

    /// As [`create_consumer`](Self::create_consumer), with options.
    ///
    /// # Errors
    /// [`ErrorKind::InvalidDestination`](crate::ErrorKind::InvalidDestination) also for another connection's temporary
    /// destination; [`ErrorKind::InvalidSelector`](crate::ErrorKind::InvalidSelector);
    /// [`ErrorKind::Unsupported`](crate::ErrorKind::Unsupported) for a kind or an option that the provider lacks.
    ///
    /// # Cancel safety
    /// As [`create_consumer`](Self::create_consumer).
    async fn create_consumer_with(
        &self,
        destination: &dyn Destination,
        options: ConsumerOptions,
    ) -> Result<Arc<dyn Consumer>>;

    /// An unshared durable subscription: it outlives its consumer. JMS: `createDurableConsumer`.
    ///
    /// # Errors
    /// As [`create_consumer_with`](Self::create_consumer_with);
    /// [`ErrorKind::IllegalState`](crate::ErrorKind::IllegalState) without a client identifier.
    ///
    /// # Cancel safety
    /// As [`create_consumer`](Self::create_consumer).
    async fn create_durable_consumer(
        &self,
        topic: &dyn Destination,
        name: &str,
        options: ConsumerOptions,
    ) -> Result<Arc<dyn Consumer>>;

    /// A shared non-durable subscription: each message goes to one of its consumers. JMS: `createSharedConsumer`.
    ///
    /// # Errors
    /// As [`create_consumer_with`](Self::create_consumer_with).
    ///
    /// # Cancel safety
    /// As [`create_consumer`](Self::create_consumer).
    async fn create_shared_consumer(
        &self,
        topic: &dyn Destination,
        name: &str,
        options: ConsumerOptions,
    ) -> Result<Arc<dyn Consumer>>;

    /// A shared durable subscription. JMS: `createSharedDurableConsumer`.
    ///
    /// # Errors
    /// As [`create_consumer_with`](Self::create_consumer_with).
    ///
    /// # Cancel safety
    /// As [`create_consumer`](Self::create_consumer).
    async fn create_shared_durable_consumer(
        &self,
        topic: &dyn Destination,
        name: &str,
        options: ConsumerOptions,
    ) -> Result<Arc<dyn Consumer>>;

    /// Deletes a durable subscription and what it holds. JMS: `unsubscribe`.
    ///
    /// # Errors
    /// [`ErrorKind::InvalidDestination`](crate::ErrorKind::InvalidDestination) for an unknown name;
    /// [`ErrorKind::IllegalState`](crate::ErrorKind::IllegalState) while it is in use;
    /// [`ErrorKind::Unsupported`](crate::ErrorKind::Unsupported) without durable subscriptions.
    async fn unsubscribe(&self, name: &str) -> Result<()>;

    /// Looks at a queue without removing anything; the empty selector is none. JMS: `createBrowser`.
    ///
    /// # Errors
    /// [`ErrorKind::Unsupported`](crate::ErrorKind::Unsupported) without
    /// [`Capability::Browser`](crate::Capability::Browser), and for a selector without
    /// [`Capability::QueueSelectors`](crate::Capability::QueueSelectors);
    /// [`ErrorKind::InvalidDestination`](crate::ErrorKind::InvalidDestination) for a topic, and as
    /// [`create_consumer_with`](Self::create_consumer_with);
    /// [`ErrorKind::InvalidSelector`](crate::ErrorKind::InvalidSelector).
    ///
    /// # Cancel safety
    /// Dropping the future leaves no browser behind.
    async fn create_browser(&self, queue: &dyn Destination, selector: Option<&str>) -> Result<Arc<dyn Browser>>;

    /// A queue that lives as long as the connection. JMS: `createTemporaryQueue`.
    ///
    /// # Errors
    /// [`ErrorKind::Unsupported`](crate::ErrorKind::Unsupported) without
    /// [`Capability::TemporaryDestinations`](crate::Capability::TemporaryDestinations).
    ///
    /// # Cancel safety
    /// A destination whose creation nobody waited for ends with the connection.
    async fn create_temporary_queue(&self) -> Result<TemporaryQueue>;

    /// A topic that lives as long as the connection. JMS: `createTemporaryTopic`.
    ///
    /// # Errors
    /// As [`create_temporary_queue`](Self::create_temporary_queue).
    ///
    /// # Cancel safety
    /// As [`create_temporary_queue`](Self::create_temporary_queue).
    async fn create_temporary_topic(&self) -> Result<TemporaryTopic>;

    /// Ends the transaction: its sends become visible, its receives are gone, the next one begins. JMS: `commit`.
    ///
    /// # Errors
    /// [`ErrorKind::IllegalState`](crate::ErrorKind::IllegalState) unless transacted, or from a completion listener of
    /// this session; [`ErrorKind::TransactionRolledBack`](crate::ErrorKind::TransactionRolledBack) when it was undone
    /// instead; [`ErrorKind::TransactionInDoubt`](crate::ErrorKind::TransactionInDoubt) when nobody knows, and then what
    /// was received is not delivered again by this session. After an error with [`Retry::Safe`](crate::Retry::Safe)
    /// the transaction is still open.
    ///
    /// # Cancel safety
    /// Once submitted it runs to its end; dropping the future gives up waiting, and the next call waits for the outcome.
    async fn commit(&self) -> Result<()>;

    /// Undoes the transaction: its sends vanish, its receives come again, flagged, in order, as often and as soon as the
    /// connection's [`RedeliveryPolicy`](crate::RedeliveryPolicy) allows. JMS: `rollback`.
    ///
    /// # Errors
    /// [`ErrorKind::IllegalState`](crate::ErrorKind::IllegalState) unless transacted, or from a completion listener of
    /// this session.
    ///
    /// # Cancel safety
    /// As [`commit`](Self::commit).
    async fn rollback(&self) -> Result<()>;

    /// Delivers again, flagged and in order, whatever was delivered and not acknowledged, as often and as soon as the
    /// connection's [`RedeliveryPolicy`](crate::RedeliveryPolicy) allows. JMS: `recover`.
    ///
    /// # Errors
    /// [`ErrorKind::IllegalState`](crate::ErrorKind::IllegalState) when transacted.
    ///
    /// # Cancel safety
    /// Takes effect in the poll that returns.
    async fn recover(&self) -> Result<()>;

    /// Closes the session and all that was made from it, as [`Connection::close`](crate::Connection::close) does.
    /// Whoever waits for one of its listeners or sends waits no longer than this. JMS: `close`.
    ///
    /// # Errors
    /// [`ErrorKind::IllegalState`](crate::ErrorKind::IllegalState) when called from a listener of this session.
    ///
    /// # Cancel safety
    /// Takes effect in the first poll and runs to its end; dropping the future gives up waiting.
    async fn close(&self) -> Result<()>;
}
