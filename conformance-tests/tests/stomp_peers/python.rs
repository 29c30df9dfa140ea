//! Python's stomp.py.

use std::sync::Arc;

use anymq::{Message, Session};
use anymq_conformance::broker::ActiveMq;
use serde_json::{Value as Json, json};

use crate::common::{hex, python::Python};
use crate::{LIMIT, TEST, common, next, queue};

const SCRIPT: &str = include_str!("../../interop/peer.py");

const OUT: &str = "python.out";
const IN: &str = "python.in";

struct Peer(Python);

impl Peer {
    async fn order(&mut self, order: Json) -> Json {
        self.0.order(order).await
    }

    async fn send(&mut self, headers: Json, body: &[u8], is_bytes: bool) {
        let destination = format!("/queue/{IN}");
        let order =
            json!({"do": "send", "destination": destination, "headers": headers, "body": hex(body), "bytes": is_bytes});
        self.order(order).await;
    }

    async fn receive(&mut self) -> Json {
        let got = self.order(json!({"do": "receive", "limit": LIMIT.as_secs()})).await;
        assert_eq!(got["command"], "MESSAGE", "{got}");
        got
    }
}

pub(crate) async fn both_ways(broker: &ActiveMq, session: &Arc<dyn Session>) {
    let Some(mut peer) = Python::start("stomp", SCRIPT).await.map(Peer) else {
        common::not_run(
            TEST,
            &"no python3 has stomp.py (run ./conformance-tests/test.sh --install-only)",
        );
        return;
    };
    peer.order(json!({"do": "connect", "port": broker.port()})).await;
    peer.order(json!({"do": "subscribe", "destination": format!("/queue/{OUT}")}))
        .await;
    ours(&mut peer, session).await;
    theirs(&mut peer, session).await;
}

async fn ours(peer: &mut Peer, session: &Arc<dyn Session>) {
    let producer = session.create_producer(&queue(OUT)).await.unwrap();
    for text in ["", "an espresso", "größe: a\\b\r\n日本 😀"] {
        let message = Message::text(text)
            .with_correlation_id("order 7")
            .with_message_type("order")
            .with_reply_to(&queue(IN))
            .with_property("table", 7)
            .and_then(|message| message.with_property("name", "ä: b\\c\nd"))
            .unwrap();
        producer.send(message).await.unwrap();
        let got = peer.receive().await;
        assert_eq!(got["body"], hex(text.as_bytes()), "{text:?}");
        for (header, value) in [
            ("correlation-id", "order 7"),
            ("type", "order"),
            ("table", "7"),
            ("name", "ä: b\\c\nd"),
            ("reply-to", "/queue/python.in"),
            ("persistent", "true"),
        ] {
            assert_eq!(got["headers"][header], value, "{header}");
        }
    }
    let bytes: Vec<u8> = (0..=255).collect();
    producer.send(Message::bytes(bytes.clone())).await.unwrap();
    assert_eq!(peer.receive().await["body"], hex(&bytes));
}

async fn theirs(peer: &mut Peer, session: &Arc<dyn Session>) {
    let consumer = session.create_consumer(&queue(IN)).await.unwrap();
    for text in ["an espresso", "größe: a\\b\r\n日本 😀"] {
        let headers = json!({"correlation-id": "order 7", "type": "order", "table": "7", "name": "ä: b\\c\nd",
            "reply-to": "/queue/python.out", "priority": "7", "persistent": "true"});
        peer.send(headers, text.as_bytes(), false).await;
        let received = next(&consumer).await;
        assert_eq!(received.as_text(), Some(text));
        assert_eq!(received.correlation_id(), Some("order 7"));
        assert_eq!(received.message_type(), Some("order"));
        assert_eq!(received.priority().level(), 7);
        assert_eq!(received.properties().string("table").as_deref(), Some("7"));
        assert_eq!(received.properties().string("name").as_deref(), Some("ä: b\\c\nd"));
        assert_eq!(
            received.reply_to().map(ToString::to_string).as_deref(),
            Some("queue:python.out")
        );
        assert_eq!(received.properties().len(), 2, "{received:?}");
    }
    let bytes: Vec<u8> = (0..=255).collect();
    peer.send(json!({}), &bytes, true).await;
    assert_eq!(
        next(&consumer).await.as_bytes().map(|bytes| bytes.to_vec()),
        Some(bytes)
    );
    consumer.close().await.unwrap();
}
