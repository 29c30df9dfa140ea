//! stomp-rs, which carries short texts of ASCII.

use std::sync::Arc;

use anymq::{Message, Session};
use anymq_conformance::broker::ActiveMq;
use stomp_rs::client::{Client, ClientBuilder};
use stomp_rs::protocol::frame::{Send, Subscribe};
use tokio::time::timeout;

use crate::{LIMIT, next, queue};

const OUT: &str = "rust.out";
const IN: &str = "rust.in";

pub(crate) async fn both_ways(broker: &ActiveMq, session: &Arc<dyn Session>) {
    let address = format!("127.0.0.1:{}", broker.port());
    let client = timeout(LIMIT, Client::connect(ClientBuilder::new(address))).await;
    let client = client.unwrap().unwrap();
    // It registers a subscription only when the broker has confirmed it, so nothing may be there before.
    let (sender, mut frames) = tokio::sync::mpsc::channel(16);
    let subscribe = Subscribe::new_with_random_id(format!("/queue/{OUT}"));
    timeout(LIMIT, client.subscribe(subscribe, sender))
        .await
        .unwrap()
        .unwrap();
    let producer = session.create_producer(&queue(OUT)).await.unwrap();
    let consumer = session.create_consumer(&queue(IN)).await.unwrap();
    for text in ["one espresso", "two"] {
        let message = Message::text(text).with_property("table", 7).unwrap();
        producer.send(message).await.unwrap();
        let frame = timeout(LIMIT, frames.recv()).await.unwrap().unwrap();
        assert_eq!(frame.body, text);
        assert_eq!(frame.headers.get("table").map(String::as_str), Some("7"));

        let send = Send::new(format!("/queue/{IN}")).header("table", "8").body(text);
        timeout(LIMIT, client.send(send)).await.unwrap().unwrap();
        let received = next(&consumer).await;
        assert_eq!(received.as_text(), Some(text));
        assert_eq!(received.properties().string("table").as_deref(), Some("8"));
    }
    consumer.close().await.unwrap();
}
