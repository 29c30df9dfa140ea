//! A program of another make, which does with the broker what it is told.

use std::time::Duration;

use anymq_conformance::broker::RabbitMq;
use serde_json::{Value as Json, json};

use crate::common::{hex, python::Python, unhex};

/// How long something that must come may take.
pub(crate) const LIMIT: Duration = Duration::from_secs(20);

const SCRIPT: &str = include_str!("peer.py");

#[derive(Debug)]
pub(crate) struct Peer(Python);

/// What the peer publishes.
#[derive(Clone, Debug)]
pub(crate) struct Publish {
    pub(crate) exchange: &'static str,
    pub(crate) key: String,
    pub(crate) body: Vec<u8>,
    pub(crate) fields: Json,
    pub(crate) headers: Json,
}

impl Publish {
    pub(crate) fn to(queue: &str, body: &[u8]) -> Self {
        Self {
            exchange: "",
            key: queue.to_owned(),
            body: body.to_owned(),
            fields: json!({}),
            headers: json!({}),
        }
    }

    pub(crate) fn fields(self, fields: Json) -> Self {
        Self { fields, ..self }
    }

    pub(crate) fn headers(self, headers: Json) -> Self {
        Self { headers, ..self }
    }

    pub(crate) fn exchange(self, exchange: &'static str) -> Self {
        Self { exchange, ..self }
    }
}

/// What the peer got.
#[derive(Debug)]
pub(crate) struct Got {
    pub(crate) tag: u64,
    pub(crate) redelivered: bool,
    pub(crate) exchange: String,
    pub(crate) key: String,
    pub(crate) body: Vec<u8>,
    pub(crate) fields: Json,
    pub(crate) headers: Json,
}

impl Peer {
    /// `None` where no Python has pika.
    pub(crate) async fn start() -> Option<Self> {
        Python::start("pika", SCRIPT).await.map(Self)
    }

    async fn order(&mut self, order: Json) -> Json {
        self.0.order(order).await
    }

    pub(crate) async fn connect(&mut self, rabbit: &RabbitMq) {
        self.order(json!({"do": "connect", "port": rabbit.port()})).await;
    }

    /// A durable queue, as the adapter declares them.
    pub(crate) async fn declare(&mut self, queue: &str) {
        self.order(json!({"do": "declare", "queue": queue, "durable": true}))
            .await;
    }

    /// A queue of the peer's own, with a name from the broker.
    pub(crate) async fn own_queue(&mut self) -> String {
        let order = json!({"do": "declare", "queue": "", "durable": false});
        let name = self.order(order).await;
        name.as_str().unwrap().to_owned()
    }

    /// How many messages wait in a queue for a consumer.
    pub(crate) async fn count(&mut self, queue: &str) -> u64 {
        let count = self.order(json!({"do": "count", "queue": queue})).await;
        count.as_u64().unwrap()
    }

    pub(crate) async fn exchange(&mut self, exchange: &str, kind: &str) {
        self.order(json!({"do": "exchange", "exchange": exchange, "kind": kind}))
            .await;
    }

    pub(crate) async fn bind(&mut self, queue: &str, exchange: &str, key: &str) {
        self.order(json!({"do": "bind", "queue": queue, "exchange": exchange, "key": key}))
            .await;
    }

    /// The broker has taken it when this returns.
    pub(crate) async fn publish(&mut self, what: Publish) {
        let order = json!({"do": "publish", "exchange": what.exchange, "key": what.key, "body": hex(&what.body),
            "fields": what.fields, "headers": what.headers});
        self.order(order).await;
    }

    /// Publishes a request whose reply comes straight to the peer's channel.
    pub(crate) async fn ask(&mut self, queue: &str, body: &[u8], fields: Json) {
        let order = json!({"do": "ask", "key": queue, "body": hex(body), "fields": fields});
        self.order(order).await;
    }

    /// The next reply to it that comes within this time.
    pub(crate) async fn reply(&mut self, limit: Duration) -> Option<Got> {
        let order = json!({"do": "reply", "limit": limit.as_secs_f64()});
        Got::read(self.order(order).await)
    }

    /// Waits for no replies any more.
    pub(crate) async fn hang_up(&mut self) {
        self.order(json!({"do": "hang_up"})).await;
    }

    /// The next message of a queue, which must come; not yet acknowledged.
    pub(crate) async fn get(&mut self, queue: &str) -> Got {
        let order = json!({"do": "get", "queue": queue, "limit": LIMIT.as_secs()});
        Got::read(self.order(order).await).unwrap_or_else(|| panic!("nothing in {queue}"))
    }

    /// As [`get`](Self::get), acknowledged.
    pub(crate) async fn take(&mut self, queue: &str) -> Got {
        let got = self.get(queue).await;
        self.ack(&got).await;
        got
    }

    pub(crate) async fn ack(&mut self, got: &Got) {
        self.order(json!({"do": "ack", "tag": got.tag})).await;
    }

    pub(crate) async fn give_back(&mut self, got: &Got) {
        self.order(json!({"do": "give_back", "tag": got.tag})).await;
    }
}

impl Got {
    fn read(mut got: Json) -> Option<Self> {
        let text = |got: &Json, name: &str| got[name].as_str().map(str::to_owned);
        Some(Self {
            tag: got["tag"].as_u64()?,
            redelivered: got["redelivered"].as_bool()?,
            exchange: text(&got, "exchange")?,
            key: text(&got, "key")?,
            body: unhex(&text(&got, "body")?),
            fields: got["fields"].take(),
            headers: got["headers"].take(),
        })
    }
}
