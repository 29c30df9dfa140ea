use std::{
    collections::BTreeSet,
    num::NonZeroU32,
    sync::{
        Arc,
        atomic::{AtomicU64, Ordering},
    },
    time::Duration,
};

use anymq_api::{
    AckMode, Address, Capabilities, Capability, ConnectOptions, Connection, ConnectionFactory, Consumer,
    ConsumerOptions, Destination, DestinationKind, ErrorKind, Message, Producer, Queue, Received, Session, Topic,
};
use parking_lot::Mutex;

use super::Failure;
use crate::{
    checklist::Place,
    harness::{Harness, Timing},
    poll,
};

/// Destination names are unique over all runs against a broker, so that no two ever meet.
static NAMES: AtomicU64 = AtomicU64::new(1);

/// What a case works with: one run of one id, on one place, with one prefetch.
#[derive(Debug)]
pub struct Context {
    harness: Arc<dyn Harness>,
    capabilities: Capabilities,
    place: Option<Place>,
    prefetch: Option<NonZeroU32>,
    run: String,
    connections: Mutex<Vec<Arc<dyn Connection>>>,
    lasting: Mutex<Lasting>,
}

/// What outlives the connections of a run: each client may have a subscription of each name.
#[derive(Debug, Default)]
struct Lasting {
    clients: BTreeSet<Option<String>>,
    names: BTreeSet<String>,
}

impl Context {
    pub(crate) fn new(
        harness: Arc<dyn Harness>,
        capabilities: Capabilities,
        place: Option<Place>,
        prefetch: Option<NonZeroU32>,
        run: &str,
    ) -> Self {
        Self {
            harness,
            capabilities,
            place,
            prefetch,
            run: run.to_owned(),
            connections: Mutex::default(),
            lasting: Mutex::default(),
        }
    }

    /// The provider's harness.
    pub fn harness(&self) -> &dyn Harness {
        &*self.harness
    }

    /// How long to wait.
    pub fn timing(&self) -> Timing {
        self.harness.timing()
    }

    /// Whether the provider declares a capability.
    pub fn supports(&self, capability: Capability) -> bool {
        self.capabilities.supports(capability)
    }

    /// Everything that the provider declares.
    pub fn capabilities(&self) -> &Capabilities {
        &self.capabilities
    }

    /// On which kind of destination this run is; queues (or topics, where there are no queues) when the id names none.
    pub fn place(&self) -> Place {
        match self.place {
            Some(place) => place,
            None if self.supports(Capability::Queues) => Place::Queue,
            None => Place::Topic,
        }
    }

    /// Whether messages wait for a consumer here: true of queues and durable subscriptions, once they exist.
    pub fn is_queue(&self) -> bool {
        self.place() == Place::Queue
    }

    /// The prefetch of this run; the provider's default when `None`.
    pub fn prefetch(&self) -> Option<NonZeroU32> {
        self.prefetch
    }

    /// A name that nobody else uses.
    pub fn name(&self) -> String {
        let number = NAMES.fetch_add(1, Ordering::Relaxed);
        format!("{}.{}.{number}", self.run.to_lowercase(), std::process::id())
    }

    /// A fresh destination of this run's place.
    pub fn destination(&self) -> Address {
        let kind = match self.place() {
            Place::Queue => DestinationKind::Queue,
            Place::Topic | Place::Durable => DestinationKind::Topic,
        };
        self.address(kind)
    }

    /// A fresh address of any kind.
    pub fn address(&self, kind: DestinationKind) -> Address {
        Address::new(kind, self.name()).unwrap_or_else(|error| unreachable!("names made here are valid: {error}"))
    }

    /// A fresh queue.
    pub fn queue(&self) -> Queue {
        Queue::try_from(self.address(DestinationKind::Queue)).unwrap_or_else(|error| unreachable!("{error}"))
    }

    /// A fresh topic.
    pub fn topic(&self) -> Topic {
        Topic::try_from(self.address(DestinationKind::Topic)).unwrap_or_else(|error| unreachable!("{error}"))
    }

    /// The provider's connection factory. Connections made with it directly are the case's to close.
    pub fn factory(&self) -> Arc<dyn ConnectionFactory> {
        self.harness.factory()
    }

    /// The options of this run's connections: its prefetch, and a client identifier where durable subscriptions need
    /// one.
    pub fn connect_options(&self) -> ConnectOptions {
        let mut options = ConnectOptions::new();
        options.prefetch = self.prefetch;
        if self.place() == Place::Durable {
            options = options.with_client_id(self.name());
        }
        options
    }

    /// A new connection, not started; closed when the run ends.
    ///
    /// # Errors
    /// [`Failure`] when it cannot be made.
    #[track_caller]
    pub fn connect(&self) -> impl Future<Output = Result<Arc<dyn Connection>, Failure>> + '_ {
        self.connect_with(self.connect_options())
    }

    /// A new connection, not started, with options of the case's own; closed when the run ends.
    ///
    /// # Errors
    /// [`Failure`] when it cannot be made.
    pub async fn connect_with(&self, options: ConnectOptions) -> Result<Arc<dyn Connection>, Failure> {
        Ok(self.connect_by(&self.factory(), options).await?)
    }

    /// As [`connect_with`](Self::connect_with), by another factory.
    ///
    /// # Errors
    /// What the factory gives.
    pub async fn connect_by(
        &self,
        factory: &Arc<dyn ConnectionFactory>,
        options: ConnectOptions,
    ) -> anymq_api::Result<Arc<dyn Connection>> {
        let client = options.client_id.clone();
        let connection = factory.create_connection_with(options).await?;
        self.lasting.lock().clients.insert(client);
        self.connections.lock().push(Arc::clone(&connection));
        Ok(connection)
    }

    /// A new, started connection; closed when the run ends.
    ///
    /// # Errors
    /// [`Failure`] when it cannot be made.
    pub async fn started(&self) -> Result<Arc<dyn Connection>, Failure> {
        let connection = self.connect().await?;
        connection.start().await?;
        Ok(connection)
    }

    /// A consumer of this run's place: on a queue, a plain subscription, or a durable one named after the topic.
    ///
    /// # Errors
    /// [`Failure`] when it cannot be made.
    pub async fn consumer(
        &self,
        session: &Arc<dyn Session>,
        destination: &dyn Destination,
    ) -> Result<Arc<dyn Consumer>, Failure> {
        self.consumer_with(session, destination, ConsumerOptions::new()).await
    }

    /// As [`consumer`](Self::consumer), with options.
    ///
    /// # Errors
    /// [`Failure`] when it cannot be made.
    pub async fn consumer_with(
        &self,
        session: &Arc<dyn Session>,
        destination: &dyn Destination,
        options: ConsumerOptions,
    ) -> Result<Arc<dyn Consumer>, Failure> {
        Ok(match self.place() {
            Place::Durable => {
                let name = self.subscription_name(destination);
                self.note_subscription(&name);
                session.create_durable_consumer(destination, &name, options).await?
            }
            Place::Queue | Place::Topic => session.create_consumer_with(destination, options).await?,
        })
    }

    /// The name that [`consumer`](Self::consumer) gives to a durable subscription.
    pub fn subscription_name(&self, destination: &dyn Destination) -> String {
        format!("sub-{}", destination.address().name())
    }

    /// Makes the end of the run unsubscribe this name, for each of the run's clients.
    pub(crate) fn note_subscription(&self, name: &str) {
        self.lasting.lock().names.insert(name.to_owned());
    }

    /// A started connection with a session, and a consumer and a producer of one fresh destination.
    ///
    /// # Errors
    /// [`Failure`] when it cannot be made.
    pub async fn pair(&self, mode: AckMode) -> Result<Pair, Failure> {
        let connection = self.started().await?;
        self.pair_on(connection, mode).await
    }

    /// As [`pair`](Self::pair), on a given connection.
    ///
    /// # Errors
    /// [`Failure`] when it cannot be made.
    pub async fn pair_on(&self, connection: Arc<dyn Connection>, mode: AckMode) -> Result<Pair, Failure> {
        let destination = self.destination();
        let session = connection.create_session(mode).await?;
        let consumer = self.consumer(&session, &destination).await?;
        let producer = session.create_producer(&destination).await?;
        Ok(Pair {
            connection,
            session,
            destination,
            consumer,
            producer,
        })
    }

    /// The next message, which must come.
    ///
    /// # Errors
    /// [`Failure`] when none comes in time, or the consumer was closed.
    #[track_caller]
    pub fn receive<'a>(
        &'a self,
        consumer: &'a Arc<dyn Consumer>,
    ) -> impl Future<Output = Result<Received, Failure>> + 'a {
        let missing = Failure::new("no message came");
        async move { consumer.receive_timeout(self.timing().wait).await?.ok_or(missing) }
    }

    /// The next `count` messages, which must come.
    ///
    /// # Errors
    /// [`Failure`] when fewer come in time.
    #[track_caller]
    pub fn receive_many<'a>(
        &'a self,
        consumer: &'a Arc<dyn Consumer>,
        count: usize,
    ) -> impl Future<Output = Result<Vec<Received>, Failure>> + 'a {
        let at = Failure::new("");
        async move {
            let mut all = Vec::with_capacity(count);
            while all.len() < count {
                match consumer.receive_timeout(self.timing().wait).await? {
                    Some(received) => all.push(received),
                    None => return Err(at.with_text(format!("{} of {count} messages came", all.len()))),
                }
            }
            Ok(all)
        }
    }

    /// Waits the quiet time, in which nothing may come.
    ///
    /// # Errors
    /// [`Failure`] when something comes.
    #[track_caller]
    pub fn nothing<'a>(&'a self, consumer: &'a Arc<dyn Consumer>) -> impl Future<Output = Result<(), Failure>> + 'a {
        let at = Failure::new("");
        async move {
            match consumer.receive_timeout(self.timing().quiet).await? {
                None => Ok(()),
                Some(received) => Err(at.with_text(format!("{:?} came, and nothing should", text_of(&received)))),
            }
        }
    }

    /// Waits until `probe` is true, which it must become.
    ///
    /// # Errors
    /// [`Failure`] saying `what`, when it does not become true in time.
    #[track_caller]
    pub fn eventually<'a>(
        &'a self,
        what: &'a str,
        mut probe: impl FnMut() -> bool + Send + 'a,
    ) -> impl Future<Output = Result<(), Failure>> + Send + 'a {
        let failure = Failure::new(format!("not in time: {what}"));
        async move {
            let pause = Duration::from_millis(2);
            poll::until(self.timing().wait, pause, || std::future::ready(probe().then_some(())))
                .await
                .map_err(|_| failure)
        }
    }

    /// Waits for a future that must end in time.
    ///
    /// # Errors
    /// [`Failure`] saying `what` when it hangs.
    #[track_caller]
    pub fn in_time<'a, F: Future + Send + 'a>(
        &'a self,
        what: &'a str,
        future: F,
    ) -> impl Future<Output = Result<F::Output, Failure>> + Send + 'a {
        let failure = Failure::new(format!("it hangs: {what}"));
        async move {
            tokio::time::timeout(self.timing().wait, future)
                .await
                .map_err(|_| failure)
        }
    }

    /// Waits the quiet time, for what has no consumer to watch it.
    pub async fn quiet(&self) {
        tokio::time::sleep(self.timing().quiet).await;
    }

    /// Closes the run's connections, and deletes its durable subscriptions; what hangs or stays is a failure.
    pub(crate) async fn end(&self) -> Result<(), Failure> {
        let connections = std::mem::take(&mut *self.connections.lock());
        for connection in connections {
            let closing = tokio::time::timeout(self.timing().wait * 2, connection.close());
            closing
                .await
                .map_err(|_| Failure::new("closing the connection hangs"))??;
        }
        self.unsubscribe_all().await
    }

    async fn unsubscribe_all(&self) -> Result<(), Failure> {
        let Lasting { clients, names } = std::mem::take(&mut *self.lasting.lock());
        let durable = [Capability::DurableSubscriptions, Capability::SharedDurableSubscriptions];
        // Names that were only asked for, and refused, are nobody's.
        if names.is_empty() || !durable.iter().any(|&kind| self.supports(kind)) {
            return Ok(());
        }
        for client in &clients {
            // Without a client identifier there are shared ones only.
            if client.is_none() && !self.supports(Capability::SharedDurableSubscriptions) {
                continue;
            }
            let last = Mutex::new(None);
            // What the case dropped, without closing it, may be in use for a little longer.
            let attempt = async || match self.unsubscribe(client.as_deref(), &names).await {
                Ok(()) => Some(()),
                Err(error) => {
                    *last.lock() = Some(error);
                    None
                }
            };
            let done = poll::until(self.timing().wait, Duration::from_millis(50), attempt).await;
            done.map_err(|_| match last.into_inner() {
                Some(error) => Failure::new(format!("a durable subscription stays: {error}")),
                None => Failure::new("deleting a durable subscription hangs"),
            })?;
        }
        Ok(())
    }

    /// Deletes one client's subscriptions of these names, as far as it has any.
    async fn unsubscribe(&self, client: Option<&str>, names: &BTreeSet<String>) -> anymq_api::Result<()> {
        let mut options = ConnectOptions::new();
        options.client_id = client.map(ToOwned::to_owned);
        let connection = self.factory().create_connection_with(options).await?;
        let session = connection.create_session(AckMode::Auto).await;
        let mut outcome = session.as_ref().map(drop).map_err(Clone::clone);
        if let Ok(session) = session {
            for name in names {
                match session.unsubscribe(name).await {
                    Err(error) if error.kind() != ErrorKind::InvalidDestination => outcome = Err(error),
                    _ => {}
                }
            }
        }
        connection.close().await?;
        outcome
    }
}

/// What most cases begin with.
#[derive(Debug)]
pub struct Pair {
    /// Started.
    pub connection: Arc<dyn Connection>,
    /// In the mode asked for.
    pub session: Arc<dyn Session>,
    /// Fresh.
    pub destination: Address,
    /// Made before the producer, so that it gets what is sent.
    pub consumer: Arc<dyn Consumer>,
    /// To the same destination.
    pub producer: Arc<dyn Producer>,
}

impl Pair {
    /// Sends texts, in order.
    ///
    /// # Errors
    /// What sending gives.
    pub async fn send(&self, texts: &[&str]) -> anymq_api::Result<()> {
        for text in texts {
            self.producer.send(Message::text((*text).to_owned())).await?;
        }
        Ok(())
    }
}

/// The text of a message; the kind of another.
pub fn text_of(received: &Received) -> String {
    received
        .as_text()
        .map_or_else(|| format!("{:?}", received.kind()), ToOwned::to_owned)
}

/// The texts of messages.
pub fn texts_of(received: &[Received]) -> Vec<String> {
    received.iter().map(text_of).collect()
}
