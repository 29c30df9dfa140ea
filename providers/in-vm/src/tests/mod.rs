//! Tests against the SPI, with a sink that records. No runtime is needed: every future of this driver is ready at once.

mod accepting;
mod broker_limit;
mod connection;
mod durable;
mod figures;
mod limit;
mod order;
mod queue;
pub(crate) mod recording;
mod release;
mod selective;
mod shortcut;
mod store;
mod stress;
mod temporary;
mod time;
mod topic;
mod transaction;
mod users;

use std::{
    pin::pin,
    sync::Arc,
    task::{Context, Poll, Waker},
    time::Duration,
};

use anymq_api::{
    Address, Envelope, ErrorKind, Headers, Message, Result,
    spi::{
        BrowseSpec, ConnectSpec, Delivery, DeliveryToken, Driver, DriverConnection, DriverSession, DriverSubscription,
        Outcome, RejectReason, SessionSpec, Settlement, SubscribeSpec, SubscriptionId,
    },
};

use crate::{BrokerStats, InVmBroker, InVmDriver};
use recording::{EventLog, Inbox};

const REJECT: Outcome = Outcome::Reject {
    attempts: 1,
    reason: RejectReason::Rejected,
};
const DEADLINE: Duration = Duration::from_secs(1);

/// The outcome of a future that must be ready.
fn now<F: Future>(future: F) -> F::Output {
    match pin!(future).poll(&mut Context::from_waker(Waker::noop())) {
        Poll::Ready(outcome) => outcome,
        Poll::Pending => panic!("an in-VM future is pending"),
    }
}

fn address(text: &str) -> Address {
    text.parse().unwrap()
}

fn envelope(to: &str, text: &str) -> Envelope {
    let message = Message::text(text.to_owned());
    Envelope::new(Headers::new(address(to)), message)
}

fn connect_as(driver: &InVmDriver, client_id: Option<&str>) -> Result<Arc<dyn DriverConnection>> {
    let mut spec = ConnectSpec::new(1);
    spec.client_id = client_id.map(str::to_owned);
    now(driver.connect(spec, Arc::new(EventLog::default())))
}

fn connect(broker: &InVmBroker) -> Arc<dyn DriverConnection> {
    connect_as(&broker.driver(), None).unwrap()
}

fn session(connection: &Arc<dyn DriverConnection>) -> Arc<dyn DriverSession> {
    now(connection.open_session(SessionSpec::new(false))).unwrap()
}

fn transacted(connection: &Arc<dyn DriverConnection>) -> Arc<dyn DriverSession> {
    now(connection.open_session(SessionSpec::new(true))).unwrap()
}

fn send(session: &Arc<dyn DriverSession>, to: &str, texts: &[&str]) {
    for text in texts {
        now(session.send(envelope(to, text))).unwrap();
    }
}

/// A subscription with its inbox.
struct Subscribed {
    inbox: Arc<Inbox>,
    subscription: Arc<dyn DriverSubscription>,
}

fn try_subscribe(session: &Arc<dyn DriverSession>, id: u32, from: &str) -> Result<Subscribed> {
    let inbox = Arc::new(Inbox::default());
    let spec = SubscribeSpec::new(SubscriptionId(id), address(from), 100);
    let subscription = now(session.subscribe(spec, inbox.clone()))?;
    Ok(Subscribed { inbox, subscription })
}

fn subscribe_with(session: &Arc<dyn DriverSession>, spec: SubscribeSpec) -> Result<Subscribed> {
    let inbox = Arc::new(Inbox::default());
    let subscription = now(session.subscribe(spec, inbox.clone()))?;
    subscription.grant_credit(100);
    Ok(Subscribed { inbox, subscription })
}

fn send_envelope(session: &Arc<dyn DriverSession>, to: &str, text: &str, change: impl FnOnce(&mut Headers)) {
    now(session.send(envelope(to, text).with_headers(change))).unwrap();
}

/// With a property `color`, or one of another name.
fn send_with(session: &Arc<dyn DriverSession>, to: &str, text: &str, property: (&str, &str)) {
    let colored = |message: Message| message.with_property(property.0, property.1).unwrap();
    now(session.send(envelope(to, text).with_message(colored))).unwrap();
}

fn browse(connection: &Arc<dyn DriverConnection>, from: &str, selector: Option<&str>) -> Vec<String> {
    let mut spec = BrowseSpec::new(address(from));
    spec.selector = selector.map(str::to_owned);
    let mut browser = now(connection.browse(spec)).unwrap();
    let next = || now(browser.next()).unwrap();
    let seen = std::iter::from_fn(next);
    seen.map(|envelope| envelope.message().as_text().unwrap().to_owned())
        .collect()
}

fn subscribe(session: &Arc<dyn DriverSession>, id: u32, from: &str, credit: u32) -> Subscribed {
    let subscribed = try_subscribe(session, id, from).unwrap();
    subscribed.subscription.grant_credit(credit);
    subscribed
}

fn settle(session: &Arc<dyn DriverSession>, deliveries: &[Delivery], outcome: Outcome) {
    let settlements: Vec<_> = deliveries
        .iter()
        .map(|delivery| Settlement {
            token: delivery.token,
            outcome,
        })
        .collect();
    now(session.settle(&settlements)).unwrap();
}

fn tokens(deliveries: &[Delivery]) -> Vec<DeliveryToken> {
    deliveries.iter().map(|delivery| delivery.token).collect()
}

fn texts(deliveries: &[Delivery]) -> Vec<&str> {
    deliveries
        .iter()
        .map(|delivery| delivery.envelope.message().as_text().unwrap())
        .collect()
}

fn kind<T>(outcome: Result<T>) -> Option<ErrorKind> {
    outcome.err().map(|error| error.kind())
}

fn assert_nothing_left(broker: &InVmBroker) {
    assert_eq!(broker.stats(), BrokerStats::default());
}
