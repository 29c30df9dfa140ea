//! A bare STOMP client, as other programs at the same broker are.

use std::net::SocketAddr;

use anymq_api::{Address, BoxError, Destination, DestinationKind};
use tokio::net::TcpStream;

use crate::{
    harness::ForeignKind,
    stomp::{StompClient, StompFrame},
};

/// Sends one message as the user guest, and waits until the broker has taken it. It has none of the odd headers that this
/// broker does not take.
pub(super) async fn send(
    port: u16,
    destination: &Address,
    kind: ForeignKind,
    not_taken: &[&str],
) -> Result<(), BoxError> {
    let words = words(destination)?;
    let stream = TcpStream::connect(SocketAddr::from(([127, 0, 0, 1], port))).await?;
    let connect = StompFrame::new("CONNECT")
        .with("accept-version", "1.2")
        .with("host", "/")
        .with("login", "guest")
        .with("passcode", "guest");
    let mut client = StompClient::open(stream, &connect).await?;
    let mut message = frame(&words, kind);
    message.headers.retain(|(name, _)| !not_taken.contains(&name.as_str()));
    client.confirmed(message).await?;
    // It is taken; some brokers hang up without an answer to this.
    client.send(&StompFrame::new("DISCONNECT")).await?;
    Ok(())
}

/// What all brokers call it; the suite's names need no escapes.
fn words(destination: &Address) -> Result<String, BoxError> {
    let address = destination.address();
    match address.kind() {
        DestinationKind::Queue => Ok(format!("/queue/{}", address.name())),
        DestinationKind::Topic => Ok(format!("/topic/{}", address.name())),
        other => Err(format!("no foreign client knows a {}", other.scheme()).into()),
    }
}

fn frame(destination: &str, kind: ForeignKind) -> StompFrame {
    let body = kind.body();
    let mut frame = StompFrame::new("SEND")
        .with("destination", destination)
        .with("content-length", &body.len().to_string())
        .with_body(body);
    if let Some(content_type) = kind.content_type() {
        frame = frame.with("content-type", content_type);
    }
    if kind == ForeignKind::OddHeaders {
        odd(frame)
    } else {
        frame
    }
}

/// What the protocol allows, and JMS does not; what looks like ours and is not.
fn odd(frame: StompFrame) -> StompFrame {
    let long_name = "n".repeat(200);
    let long_value = "v".repeat(5000);
    let headers = [
        ("correlation-id", ""),
        ("reply-to", "no address: %zz?"),
        ("priority", "200"),
        ("type", ""),
        ("dotted.name", "-1"),
        ("with space", " blanks "),
        ("colon:and\nline", "a:b\nc\\"),
        (&long_name, &long_value),
        ("twice", "first"),
        ("twice", "second"),
        ("NULL", ""),
        ("x-delivery-count", "many"),
        ("x-death", "none"),
        ("JMSXDeliveryCount", "7"),
        ("JMSXGroupSeq", "first"),
        ("JMSDeliveryMode", "odd"),
        ("x-anymq-types", "NULL=i32;=;%;dotted.name"),
        ("x-anymq-timestamp", "never"),
        ("x-anymq-reply-to", "queue:"),
    ];
    headers
        .into_iter()
        .fold(frame, |frame, (name, value)| frame.with(name, value))
}
