//! The broker, through the public traits, beside the model.

use std::{
    num::NonZeroU32,
    sync::{
        Arc,
        atomic::{AtomicI64, Ordering},
    },
    time::Duration,
};

use anymq_api::{
    AckMode, Clock, ConnectOptions, Connection, ConnectionFactory, Consumer, ConsumerOptions, Destination, ErrorKind,
    Message, Priority, Producer, Queue, Received, RedeliveryPolicy, Result, SendOptions, Session, Timestamp, Topic,
    kernel::{FactoryOptions, factory},
};
use anymq_in_vm::InVmBroker;

use super::{
    model::Model,
    op::{
        COLORS, CONNECTIONS, CONSUMERS, Consume, Kind, Mode, NAMES, Place, QUEUES, SELECTORS, SESSIONS, Send, TOPICS,
    },
    receive::Seen,
};

#[derive(Debug, Default)]
pub(crate) struct Hand(AtomicI64);

impl Hand {
    pub(crate) fn set(&self, millis: i64) {
        self.0.store(millis, Ordering::Relaxed);
    }
}

impl Clock for Hand {
    fn now(&self) -> Timestamp {
        Timestamp::from_millis(self.0.load(Ordering::Relaxed))
    }
}

pub(crate) struct Opened {
    pub(crate) session: Arc<dyn Session>,
    pub(crate) producer: Arc<dyn Producer>,
    /// As the model's session holds them.
    pub(crate) held: Vec<Received>,
}

pub(crate) struct World {
    pub(crate) broker: InVmBroker,
    pub(crate) factory: Arc<dyn ConnectionFactory>,
    pub(crate) hand: Arc<Hand>,
    pub(crate) connections: Vec<Arc<dyn Connection>>,
    pub(crate) sessions: Vec<Option<Opened>>,
    pub(crate) consumers: Vec<Option<Arc<dyn Consumer>>>,
    pub(crate) model: Model,
    pub(crate) sent: u32,
}

pub(crate) fn client_of(session: usize) -> usize {
    session % CONNECTIONS
}

/// The kind of error, if it is one.
pub(crate) fn kind<T>(outcome: &Result<T>) -> Option<ErrorKind> {
    outcome.as_ref().err().map(anymq_api::Error::kind)
}

pub(crate) fn expect<T>(what: &str, outcome: &Result<T>, wanted: Option<ErrorKind>) -> Result<(), String> {
    if kind(outcome) == wanted {
        return Ok(());
    }
    let outcome = outcome.as_ref().map(drop);
    Err(format!("{what}: expected {wanted:?}, got {outcome:?}"))
}

fn destination(place: Place) -> Box<dyn Destination> {
    match place {
        Place::Queue(queue) => Box::new(Queue::new(QUEUES[queue]).unwrap()),
        Place::Topic(topic) => Box::new(Topic::new(TOPICS[topic]).unwrap()),
    }
}

pub(crate) fn ack_mode(mode: Mode) -> AckMode {
    match mode {
        Mode::Auto => AckMode::Auto,
        Mode::DupsOk => AckMode::DupsOk,
        Mode::Client => AckMode::Client,
        Mode::Individual => AckMode::Individual,
        Mode::Transacted => AckMode::Transacted,
    }
}

pub(crate) fn seen(received: &Received) -> Seen {
    let letter = received.properties().string("JMS_anymq_dead_letter_attempts");
    Seen {
        id: received.as_text().unwrap().parse().unwrap(),
        redelivered: received.redelivered(),
        count: received.delivery_count(),
        letter: letter.map(|attempts| attempts.parse().unwrap()),
    }
}

pub(crate) async fn connect(factory: &dyn ConnectionFactory, client: usize, limit: Option<u32>) -> Arc<dyn Connection> {
    let mut options = ConnectOptions::new().with_client_id(format!("client-{client}"));
    if let Some(limit) = limit.and_then(NonZeroU32::new) {
        options = options.with_redelivery(RedeliveryPolicy::new().with_max_deliveries(limit));
    }
    let connection = factory.create_connection_with(options).await.unwrap();
    connection.start().await.unwrap();
    connection
}

impl World {
    pub(crate) async fn new(exact: bool) -> Self {
        let hand = Arc::new(Hand::default());
        let broker = InVmBroker::builder().with_clock(hand.clone()).build();
        let options = FactoryOptions::new().with_clock(hand.clone());
        let factory = factory(Arc::new(broker.driver()), options);
        // Where several consumers share, it is not known who gives up.
        let limits = vec![None, exact.then_some(3)];
        let mut connections = Vec::new();
        for (client, limit) in limits.iter().enumerate() {
            connections.push(connect(&*factory, client, *limit).await);
        }
        let model = Model {
            exact,
            now: 0,
            started: vec![true; CONNECTIONS],
            stores: Model::queues(),
            subscriptions: Vec::new(),
            seats: vec![None; CONSUMERS],
            sessions: (0..SESSIONS).map(|_| None).collect(),
            last_consumer: 0,
            limits,
        };
        Self {
            broker,
            factory,
            hand,
            connections,
            sessions: (0..SESSIONS).map(|_| None).collect(),
            consumers: vec![None; CONSUMERS],
            model,
            sent: 0,
        }
    }

    pub(crate) async fn subscribe(&self, session: &dyn Session, consume: &Consume) -> Result<Arc<dyn Consumer>> {
        let prefetch = NonZeroU32::new(consume.prefetch).unwrap();
        let options = ConsumerOptions::new()
            .with_selector(SELECTORS[consume.selector])
            .with_no_local(consume.no_local)
            .with_prefetch(prefetch);
        let on = |topic| destination(Place::Topic(topic));
        match consume.kind {
            Kind::Plain(place) => session.create_consumer_with(&*destination(place), options).await,
            Kind::Durable { topic, name } => {
                let topic = on(topic);
                session.create_durable_consumer(&*topic, NAMES[name], options).await
            }
            Kind::Shared { topic, name } => {
                let topic = on(topic);
                session.create_shared_consumer(&*topic, NAMES[name], options).await
            }
            Kind::SharedDurable { topic, name } => {
                let topic = on(topic);
                session
                    .create_shared_durable_consumer(&*topic, NAMES[name], options)
                    .await
            }
        }
    }

    pub(crate) async fn publish(&self, producer: &dyn Producer, send: &Send) -> Result<(), String> {
        let millis = |millis: u32| Duration::from_millis(u64::from(millis));
        let options = SendOptions::new()
            .with_priority(Priority::new(send.priority).unwrap())
            .with_delay(millis(send.delay))
            .with_ttl(millis(send.ttl));
        let mut message = Message::text(self.sent.to_string())
            .with_property("color", COLORS[send.color])
            .unwrap();
        if let Some(group) = send.group {
            let group = format!("group-{group}");
            message = message.with_property("JMSXGroupID", group).unwrap();
        }
        let outcome = producer.send_to_with(&*destination(send.to), message, options).await;
        expect("send", &outcome, None)
    }

    /// Compares the broker's counts with the model's.
    pub(crate) fn compare(&self) -> Result<(), String> {
        let (model, stats) = (&self.model, self.broker.stats());
        let handed: usize = (model.sessions.iter().flatten())
            .map(|session| session.held.len() + session.lazy.len())
            .sum();
        let ahead: usize = model
            .open_seats()
            .map(|seat| seat.inbox.len() + seat.landed.len())
            .sum();
        let waiting: usize = model.stores.iter().map(|store| store.waiting.len()).sum();
        let durable = |key: super::subscribing::Key| key.durable;
        let mut counts = vec![
            ("sessions", stats.sessions, model.sessions.iter().flatten().count()),
            ("consumers", stats.consumers, model.open_seats().count()),
            ("subscriptions", stats.subscriptions, model.subscriptions.len()),
            (
                "durable subscriptions",
                stats.durable_subscriptions,
                model
                    .subscriptions
                    .iter()
                    .filter(|it| it.key.is_some_and(durable))
                    .count(),
            ),
            (
                "delayed",
                stats.delayed,
                model.stores.iter().map(|store| store.delayed.len()).sum(),
            ),
        ];
        if model.exact {
            counts.push(("ready", stats.ready, waiting));
            counts.push(("unsettled", stats.unsettled, handed + ahead));
        }
        match counts.iter().find(|(_, real, wanted)| real != wanted) {
            Some((what, real, wanted)) => Err(format!("{what}: the broker counts {real}, the model {wanted}")),
            None => Ok(()),
        }
    }
}
