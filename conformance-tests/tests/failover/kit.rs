//! Connections whose links can be cut, and whose broker can be out of reach.

use std::{
    sync::{
        Arc,
        atomic::{AtomicBool, AtomicU64, Ordering},
    },
    time::Duration,
};

use anymq_amqp::AmqpProvider;
use anymq_api::{
    AckMode, ConnectOptions, Connection, ConnectionFactory, Consumer, Error, ErrorKind, Event, Events, Message,
    Producer, Queue, Received, ReconnectPolicy, Result, Session,
    kernel::{FactoryOptions, factory},
    spi::{BrokerUrl, ConnectSpec, Driver, DriverConnection, EventSink, Provider},
};
use anymq_conformance::{
    broker::RabbitMq,
    link::{CuttableDriver, Link, Linked, TcpProxy},
};
use anymq_in_vm::InVmDriver;
use async_trait::async_trait;

pub(crate) const WAIT: Duration = Duration::from_secs(20);

/// Whether the broker can be reached.
#[derive(Clone, Debug, Default)]
pub(crate) struct Reach(Arc<State>);

#[derive(Debug, Default)]
struct State {
    refusing: AtomicBool,
    attempts: AtomicU64,
}

impl Reach {
    pub(crate) fn refuse(&self) {
        self.0.refusing.store(true, Ordering::Release);
    }

    pub(crate) fn allow(&self) {
        self.0.refusing.store(false, Ordering::Release);
    }

    pub(crate) fn attempts(&self) -> u64 {
        self.0.attempts.load(Ordering::Acquire)
    }

    /// Until it was tried again and again in vain.
    pub(crate) async fn tried(&self, times: u64) {
        let before = self.attempts();
        until(|| self.attempts() >= before + times).await;
    }
}

#[derive(Debug)]
struct Reachable {
    inner: Arc<dyn Driver>,
    reach: Reach,
}

#[async_trait]
impl Driver for Reachable {
    fn name(&self) -> &'static str {
        self.inner.name()
    }

    fn version(&self) -> &'static str {
        self.inner.version()
    }

    fn target(&self) -> Option<String> {
        Some("here".to_owned())
    }

    async fn connect(&self, spec: ConnectSpec, events: Arc<dyn EventSink>) -> Result<Arc<dyn DriverConnection>> {
        self.reach.0.attempts.fetch_add(1, Ordering::AcqRel);
        if self.reach.0.refusing.load(Ordering::Acquire) {
            return Err(Error::new(ErrorKind::ConnectionLost, "refused"));
        }
        self.inner.connect(spec, events).await
    }
}

pub(crate) struct World {
    pub(crate) factory: Arc<dyn ConnectionFactory>,
    pub(crate) link: Arc<dyn Link>,
    pub(crate) reach: Reach,
}

pub(crate) fn policy() -> ReconnectPolicy {
    ReconnectPolicy::new()
        .with_delay(Duration::from_millis(1))
        .with_max_delay(Duration::from_millis(20))
}

/// Where a story takes place.
pub(crate) enum Place {
    InVm,
    RabbitMq(Box<RabbitMq>),
}

impl Place {
    /// Whether a stalled answer means that the request was carried out before the cut.
    pub(crate) fn is_exact(&self) -> bool {
        matches!(self, Self::InVm)
    }

    /// A queue that no other story uses.
    pub(crate) fn queue(name: &str) -> Result<Queue> {
        Queue::new(format!("failover.{name}"))
    }

    pub(crate) fn world(&self, name: &str, options: ConnectOptions) -> World {
        let reach = Reach::default();
        let reachable = |inner| Reachable {
            inner,
            reach: reach.clone(),
        };
        match self {
            Self::InVm => {
                let inner = Arc::new(InVmDriver::new(format!("failover-{name}")));
                let Linked { factory, link } = CuttableDriver::new(reachable(inner)).linked(options);
                World { factory, link, reach }
            }
            Self::RabbitMq(broker) => {
                let proxy = TcpProxy::before(([127, 0, 0, 1], broker.port()).into()).expect("a port");
                let url = format!("amqp://guest:guest@{}", proxy.address());
                let url = BrokerUrl::parse(&url).expect("a URL");
                let driver = AmqpProvider.setup(&url).expect("a driver").driver;
                let options = FactoryOptions::new().with_connect(options.with_credentials("guest", "guest"));
                World {
                    factory: factory(Arc::new(reachable(driver)), options),
                    link: Arc::new(proxy),
                    reach,
                }
            }
        }
    }

    pub(crate) async fn ends(&self, name: &str, mode: AckMode) -> Result<Ends> {
        let world = self.world(name, ConnectOptions::new().with_reconnect(policy()));
        let connection = world.factory.create_connection().await?;
        connection.start().await?;
        let session = connection.create_session(mode).await?;
        let queue = Self::queue(name)?;
        Ok(Ends {
            producer: session.create_producer(&queue).await?,
            consumer: session.create_consumer(&queue).await?,
            events: connection.events()?,
            world,
            connection,
            session,
        })
    }
}

/// A connection that makes its link again, and one end of a queue each.
pub(crate) struct Ends {
    pub(crate) world: World,
    pub(crate) connection: Arc<dyn Connection>,
    pub(crate) session: Arc<dyn Session>,
    pub(crate) producer: Arc<dyn Producer>,
    pub(crate) consumer: Arc<dyn Consumer>,
    pub(crate) events: Events,
}

impl Ends {
    /// Cuts the link and waits for the next one.
    pub(crate) async fn cut(&mut self) {
        self.world.link.cut();
        self.restored().await;
    }

    /// Cuts the link, and there will be no other until the broker can be reached again.
    pub(crate) async fn cut_off(&mut self) {
        self.world.reach.refuse();
        self.world.link.cut();
        assert!(matches!(self.event().await, Event::Interrupted { .. }));
        self.world.reach.tried(2).await;
    }

    pub(crate) async fn restored(&mut self) {
        loop {
            match self.event().await {
                Event::Restored { .. } => return,
                Event::Interrupted { .. } | Event::AcknowledgeFailed { .. } => {}
                other => panic!("{other:?}"),
            }
        }
    }

    pub(crate) async fn event(&mut self) -> Event {
        let next = tokio::time::timeout(WAIT, self.events.next()).await;
        next.expect("an event in time").expect("an open stream")
    }

    pub(crate) async fn send(&self, text: &str) -> Result<()> {
        self.producer.send(Message::text(text)).await.map(drop)
    }

    pub(crate) async fn receive(&self) -> Received {
        receive(&*self.consumer).await
    }
}

pub(crate) async fn receive(consumer: &dyn Consumer) -> Received {
    let received = consumer.receive_timeout(WAIT).await;
    received.expect("a message").expect("a message in time")
}

/// The next message but those, flagged, whose acknowledgement a cut may have overtaken: not every broker answers them.
pub(crate) async fn receive_next(place: &Place, consumer: &dyn Consumer, settled: &[String]) -> Received {
    loop {
        let received = receive(consumer).await;
        let again = !place.is_exact() && received.redelivered() && settled.contains(&text(&received));
        if !again {
            return received;
        }
    }
}

pub(crate) fn text(received: &Received) -> String {
    received.as_text().unwrap_or_default().to_owned()
}

pub(crate) fn kind<T>(outcome: Result<T>) -> Result<(), ErrorKind> {
    outcome.map(drop).map_err(|error| error.kind())
}

pub(crate) async fn until(condition: impl Fn() -> bool) {
    let watching = async {
        while !condition() {
            tokio::time::sleep(Duration::from_millis(1)).await;
        }
    };
    tokio::time::timeout(WAIT, watching).await.expect("in time");
}
