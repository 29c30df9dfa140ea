//! What the broker says of itself.

use std::time::Duration;

use anymq_conformance::broker::{ActiveMq, ActiveMqHoldings, ActiveMqOptions};
use anymq_conformance::poll;
use anymq_conformance::stomp::{StompClient, StompFrame};
use tokio::net::TcpStream;

use crate::TEST;
use crate::common;
use crate::peer::{LIMIT, address, connect, send, subscribe, within};

const PAUSE: Duration = Duration::from_millis(20);

#[tokio::test]
async fn the_broker_tells_what_it_holds() {
    let Some(mut broker) = common::active_with(TEST, ActiveMqOptions::default()).await else {
        return;
    };
    assert_eq!(counts(&broker).await, (0, 0, 0));
    let mut first = connect(&broker).await;
    for text in ["one", "two"] {
        within(first.confirmed(send("/queue/held", text))).await.unwrap();
    }
    // Handed out, and held nevertheless.
    let unacknowledged = subscribe("/queue/held").with("ack", "client-individual");
    within(first.confirmed(unacknowledged)).await.unwrap();
    within(first.confirmed(subscribe("/topic/news"))).await.unwrap();
    within(first.confirmed(subscribe("/temp-queue/mine"))).await.unwrap();
    let mut second = subscriber(&broker).await;
    let durable = subscribe("/topic/news").with("activemq.subscriptionName", "durable");
    within(second.confirmed(durable)).await.unwrap();

    assert_eq!(counts(&broker).await, (2, 4, 1));
    let held = broker.holdings().await.unwrap();
    assert_eq!(of(&held, "queue://held"), Some((2, 1)));
    assert_eq!(of(&held, "topic://news"), Some((0, 2)));
    let temporary = held
        .destinations
        .iter()
        .filter(|known| known.name.starts_with("temp-queue://"));
    assert_eq!(temporary.count(), 1, "{held:?}");

    drop((first, second));
    only_the_durable_is_left(&broker).await;
    broker.kill().await.unwrap();
    broker.restart().await.unwrap();
    only_the_durable_is_left(&broker).await;
}

/// A connection with a client id.
async fn subscriber(broker: &ActiveMq) -> StompClient {
    let stream = TcpStream::connect(address(broker)).await.unwrap();
    let connect = StompFrame::connect("guest", "guest").with("client-id", "reader");
    within(StompClient::open(stream, &connect)).await.unwrap()
}

/// Connections, consumers and durable subscriptions.
async fn counts(broker: &ActiveMq) -> (usize, usize, usize) {
    let held = broker.holdings().await.unwrap();
    (held.connections, held.consumers, held.subscriptions)
}

fn of(held: &ActiveMqHoldings, name: &str) -> Option<(u64, u64)> {
    held.destination(name).map(|known| (known.messages, known.consumers))
}

/// The broker sees with some delay that a connection is gone.
async fn only_the_durable_is_left(broker: &ActiveMq) {
    let as_expected = async || (counts(broker).await == (0, 0, 1)).then_some(());
    let reached = poll::until(LIMIT, PAUSE, as_expected).await;
    let held = broker.holdings().await.unwrap();
    assert!(reached.is_ok(), "{held:?}");
    assert_eq!(of(&held, "queue://held"), Some((2, 0)));
    assert_eq!(of(&held, "topic://news"), Some((0, 1)));
    assert_eq!(held.destinations.len(), 2, "{held:?}");
}
