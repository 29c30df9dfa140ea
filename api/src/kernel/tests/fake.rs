//! A driver that does what a test says and keeps what it is told.

mod driver;
mod links;

use std::{collections::VecDeque, sync::Arc, time::Duration};

use parking_lot::Mutex;

use self::links::Links;
pub(super) use self::links::lost;
use crate::{
    Address, Capabilities, Capability, Clock, Connection, Consumer, DestinationKind, Envelope, Error, Headers, Limits,
    Message, Queue, Received, Result, Session, Support, Timestamp,
    kernel::{FactoryOptions, factory},
    options::{AckMode, ConnectOptions},
    spi::{Delivery, DeliverySink, DeliveryToken, Done, Outcome, SubscriptionId, Unsettled},
};

/// What a scan gives at one step.
pub(super) enum Step {
    Message(Envelope),
    Fails,
    /// After a while.
    Late(Duration, Envelope),
    Never,
}

#[derive(Default)]
struct State {
    capabilities: Capabilities,
    limits: Limits,
    /// The sends that came.
    sent: Vec<String>,
    sinks: Vec<(SubscriptionId, Arc<dyn DeliverySink>)>,
    tags: u64,
    settled: Vec<(u64, Outcome)>,
    committed: Vec<Vec<u64>>,
    commits: VecDeque<Error>,
    scan: VecDeque<Step>,
    scans: usize,
    /// Calls that are never answered.
    hanging: Vec<&'static str>,
    /// Calls that panic.
    panicking: Vec<&'static str>,
    granted: Vec<u32>,
    /// How often the connection was abandoned.
    abandoned: usize,
    /// Accepts deliveries in passing; they count as settled.
    notes: bool,
    /// Why links are lost while connecting returns.
    lost: Option<Error>,
    links: Links,
}

/// The broker's side of it.
#[derive(Clone, Default)]
pub(super) struct Fake(Arc<Mutex<State>>);

impl std::fmt::Debug for Fake {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Fake")
    }
}

/// Everything that the tests of the kernel ask for.
const ALL: &[Capability] = &[
    Capability::Queues,
    Capability::Topics,
    Capability::ClientAck,
    Capability::DupsOk,
    Capability::Transactions,
    Capability::Recover,
    Capability::Browser,
    Capability::DeadLetters,
    Capability::AsyncSend,
    Capability::DurableSubscriptions,
    Capability::TemporaryDestinations,
    Capability::Headers,
    Capability::Properties,
    Capability::TypedBodies,
];

impl Fake {
    pub(super) fn new() -> Self {
        let fake = Self::default();
        fake.0.lock().capabilities = Capabilities::none().with_all(ALL, Support::Native);
        fake
    }

    pub(super) fn declare(&self, capability: Capability, support: Support) {
        let mut state = self.0.lock();
        state.capabilities = state.capabilities.with(capability, support);
    }

    pub(super) fn limit_messages(&self, bytes: u64) {
        self.0.lock().limits.max_message_size = Some(bytes);
    }

    pub(super) async fn connect(&self, options: ConnectOptions) -> Result<Arc<dyn Connection>> {
        let options = FactoryOptions::new().with_connect(options).with_clock(Arc::new(Noon));
        factory(Arc::new(self.clone()), options).create_connection().await
    }

    pub(super) async fn session(&self, mode: AckMode, options: ConnectOptions) -> Arc<dyn Session> {
        let connection = self.connect(options).await.unwrap();
        connection.start().await.unwrap();
        connection.create_session(mode).await.unwrap()
    }

    /// From now on deliveries are accepted in passing.
    pub(super) fn accept_in_passing(&self) {
        self.0.lock().notes = true;
    }

    /// Loses the link of each connection before the kernel has it.
    pub(super) fn lose_early(&self, error: Error) {
        self.0.lock().lost = Some(error);
    }

    /// Delivers, to the consumer that was made as the `nth`, the message `text` for the `count`th time.
    pub(super) fn push(&self, nth: usize, text: &str, count: u32) {
        self.push_envelope(nth, envelope(text), count);
    }

    pub(super) fn push_envelope(&self, nth: usize, envelope: Envelope, count: u32) {
        self.deliver(nth, envelope, count, false);
    }

    /// As [`push`](Self::push), for the first time, what the consumer's own connection published.
    pub(super) fn push_local(&self, nth: usize, text: &str) {
        self.deliver(nth, envelope(text), 1, true);
    }

    fn deliver(&self, nth: usize, envelope: Envelope, count: u32, local: bool) {
        let mut state = self.0.lock();
        state.tags += 1;
        let tag = state.tags;
        let (subscription, sink) = state.sinks[nth].clone();
        drop(state);
        let token = DeliveryToken {
            epoch: 0,
            subscription,
            tag,
        };
        sink.push(Delivery {
            envelope,
            token,
            redelivered: count > 1,
            count,
            local,
        });
    }

    /// Ends the subscription of the consumer that was made as the `nth`.
    pub(super) fn end(&self, nth: usize, error: Error) {
        let (_, sink) = self.0.lock().sinks[nth].clone();
        sink.ended(error, Unsettled::Kept);
    }

    /// What was settled since the last call; tags count the pushes from 1.
    pub(super) fn settled(&self) -> Vec<(u64, Outcome)> {
        std::mem::take(&mut self.0.lock().settled)
    }

    pub(super) fn committed(&self) -> Vec<Vec<u64>> {
        std::mem::take(&mut self.0.lock().committed)
    }

    pub(super) fn fail_commit(&self, error: Error) {
        self.0.lock().commits.push_back(error);
    }

    pub(super) fn scan(&self, steps: impl IntoIterator<Item = Step>) {
        self.0.lock().scan.extend(steps);
    }

    /// From now on `call` is never answered.
    pub(super) fn hang(&self, call: &'static str) {
        self.0.lock().hanging.push(call);
    }

    /// From now on `call` panics.
    pub(super) fn panic(&self, call: &'static str) {
        self.0.lock().panicking.push(call);
    }

    /// The credit that was granted, grant by grant.
    pub(super) fn granted(&self) -> Vec<u32> {
        self.0.lock().granted.clone()
    }

    pub(super) fn sent(&self) -> usize {
        self.0.lock().sent.len()
    }

    pub(super) fn abandoned(&self) -> usize {
        self.0.lock().abandoned
    }

    fn done(&self, call: &'static str) -> Done<()> {
        let mut state = self.0.lock();
        if let Some(answer) = state.links.answer(call) {
            return answer;
        }
        let (hangs, panics) = (state.hanging.contains(&call), state.panicking.contains(&call));
        drop(state);
        assert!(!panics, "{call}");
        if hangs {
            return Done::pending(std::future::pending());
        }
        Done::ok()
    }

    /// How many scans are open.
    pub(super) fn scans(&self) -> usize {
        self.0.lock().scans
    }
}

pub(super) fn queue() -> Queue {
    Queue::new("q").unwrap()
}

pub(super) fn envelope(text: &str) -> Envelope {
    let destination = Address::new(DestinationKind::Queue, "q").unwrap();
    Envelope::new(Headers::new(destination), Message::text(text))
}

pub(super) fn expired(text: &str) -> Envelope {
    envelope(text).with_headers(|headers| headers.expiration = Some(Timestamp::from_millis(1)))
}

pub(super) async fn consumer(session: &Arc<dyn Session>) -> Arc<dyn Consumer> {
    session.create_consumer(&queue()).await.unwrap()
}

/// The text of a message that must be there, and which delivery it is.
pub(super) fn told(received: Result<Option<Received>>) -> (String, u32) {
    let received = received.unwrap().unwrap();
    (received.as_text().unwrap().to_owned(), received.delivery_count())
}

/// A wall clock that stands still: delays must not depend on it.
#[derive(Debug)]
struct Noon;

impl Clock for Noon {
    fn now(&self) -> Timestamp {
        Timestamp::from_millis(43_200_000)
    }
}
