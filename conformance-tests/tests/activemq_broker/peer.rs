//! A client of the broker.

use std::net::{Ipv4Addr, SocketAddr};
use std::time::Duration;

use anymq_conformance::broker::ActiveMq;
use anymq_conformance::stomp::{StompClient, StompFrame};

pub(crate) const LIMIT: Duration = Duration::from_secs(60);

/// Waits for what must come.
pub(crate) async fn within<T>(what: impl Future<Output = T>) -> T {
    tokio::time::timeout(LIMIT, what).await.expect("in time")
}

pub(crate) fn address(broker: &ActiveMq) -> SocketAddr {
    SocketAddr::from((Ipv4Addr::LOCALHOST, broker.port()))
}

/// A connection of the user who may do everything.
pub(crate) async fn connect(broker: &ActiveMq) -> StompClient {
    let connecting = StompClient::connect(address(broker), "guest", "guest");
    within(connecting).await.unwrap()
}

/// A message that outlives the broker.
pub(crate) fn send(destination: &str, text: &str) -> StompFrame {
    StompFrame::new("SEND")
        .with("destination", destination)
        .with("persistent", "true")
        .with_body(text)
}

/// Takes each message as acknowledged when it is sent.
pub(crate) fn subscribe(destination: &str) -> StompFrame {
    StompFrame::new("SUBSCRIBE")
        .with("id", destination)
        .with("destination", destination)
}

/// The text of the next message.
pub(crate) async fn receive(client: &mut StompClient) -> String {
    let frame = within(client.receive()).await.unwrap();
    assert_eq!(frame.command, "MESSAGE", "{frame:?}");
    String::from_utf8(frame.body).unwrap()
}
