//! What a broker holds, as it tells over STOMP: its advisories name connections and consumers, its statistics destinations.

use std::collections::{BTreeMap, BTreeSet};
use std::io;
use std::net::SocketAddr;

use serde_json::Value;

use super::ADMINISTRATOR;
use crate::stomp::{StompClient, StompFrame};

/// Where the broker tells a new listener of all that are there already.
const ADVISORIES: [&str; 2] = [
    "/topic/ActiveMQ.Advisory.Connection",
    "/topic/ActiveMQ.Advisory.Consumer.>",
];

/// What asks for the statistics of all destinations of a kind; a message that goes there is not kept.
const STATISTICS: [&str; 4] = [
    "/queue/ActiveMQ.Statistics.Destination>",
    "/topic/ActiveMQ.Statistics.Destination>",
    "/remote-temp-queue/ActiveMQ.Statistics.Destination>",
    "/remote-temp-topic/ActiveMQ.Statistics.Destination>",
];

/// Asked for last, so it is answered last.
const END: &str = "/queue/ActiveMQ.Statistics.Broker";

/// Where the answers come.
const REPLIES: &str = "/temp-queue/replies";

/// The broker's own topics.
const OWN: &str = "topic://ActiveMQ.Advisory.";

/// A queue or topic.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ActiveMqDestination {
    /// Such as `queue://orders`, `topic://`, `temp-queue://` and `temp-topic://`.
    pub name: String,
    /// The messages that are there, handed out or not; none in a topic, whatever it keeps for durable subscriptions.
    pub messages: u64,
    /// Consumers, and all durable subscriptions.
    pub consumers: u64,
}

/// What a broker holds, but for the connection that asks.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct ActiveMqHoldings {
    /// Connections, also by OpenWire.
    pub connections: usize,
    /// Consumers, those of durable subscriptions too.
    pub consumers: usize,
    /// Durable subscriptions, with a consumer or without. One by a wildcard counts in each topic that it has.
    pub subscriptions: usize,
    /// Destinations, but for the broker's own topics.
    pub destinations: Vec<ActiveMqDestination>,
}

impl ActiveMqHoldings {
    /// The destination of this name, such as `queue://orders`.
    pub fn destination(&self, name: &str) -> Option<&ActiveMqDestination> {
        self.destinations.iter().find(|known| known.name == name)
    }

    /// Asks the broker.
    pub(super) async fn ask(address: SocketAddr) -> io::Result<Self> {
        let mut client = StompClient::connect(address, ADMINISTRATOR, ADMINISTRATOR).await?;
        for request in requests() {
            client.send(&request).await?;
        }
        let mut answers = Answers::default();
        while !answers.take(&client.receive().await?)? {}
        let asking = client.greeting().header("session").unwrap_or_default();
        Ok(answers.but_for(asking))
    }
}

fn requests() -> Vec<StompFrame> {
    let subscribe = |destination: &str| {
        StompFrame::new("SUBSCRIBE")
            .with("id", destination)
            .with("destination", destination)
            // All at once, for nothing is acknowledged meanwhile.
            .with("activemq.prefetchSize", "30000")
            .with("transformation", "jms-json")
    };
    let ask = |destination: &str| {
        StompFrame::new("SEND")
            .with("destination", destination)
            .with("reply-to", REPLIES)
    };
    let listening = ADVISORIES.into_iter().chain([REPLIES]).map(subscribe);
    listening.chain(STATISTICS.into_iter().chain([END]).map(ask)).collect()
}

/// A consumer, as an advisory tells of it.
#[derive(Debug)]
struct Consumer {
    connection: String,
    /// Of an ordinary topic, and without a durable subscription.
    of_topic: bool,
}

#[derive(Debug, Default)]
struct Answers {
    connections: BTreeSet<String>,
    /// By their ids.
    consumers: BTreeMap<String, Consumer>,
    destinations: Vec<ActiveMqDestination>,
}

impl Answers {
    /// Notes what a frame tells; `true` when it is the last one.
    fn take(&mut self, frame: &StompFrame) -> io::Result<bool> {
        if frame.command != "MESSAGE" {
            let text = String::from_utf8_lossy(&frame.body);
            return Err(unreadable(&text));
        }
        let told: Value = serde_json::from_slice(&frame.body)?;
        if let Some(connection) = told.get("ConnectionInfo") {
            self.connections.insert(text(&connection["connectionId"]["value"])?);
            return Ok(false);
        }
        if let Some(consumer) = told.get("ConsumerInfo") {
            let id = &consumer["consumerId"];
            let consumer = Consumer {
                connection: text(&id["connectionId"])?,
                of_topic: consumer["destination"]["@class"] == "ActiveMQTopic"
                    && consumer.get("subscriptionName").is_none(),
            };
            self.consumers.insert(id.to_string(), consumer);
            return Ok(false);
        }
        match told.get("map") {
            Some(map) => self.take_statistics(map),
            // Somebody has gone meanwhile.
            None => Ok(false),
        }
    }

    fn take_statistics(&mut self, map: &Value) -> io::Result<bool> {
        let statistics = statistics(map);
        let number = |name: &str| statistics.get(name).and_then(|value| value.as_u64());
        let Some(name) = statistics.get("destinationName") else {
            return Ok(true);
        };
        let destination = ActiveMqDestination {
            name: text(name)?,
            messages: number("size").ok_or_else(|| unreadable(&map.to_string()))?,
            consumers: number("consumerCount").ok_or_else(|| unreadable(&map.to_string()))?,
        };
        if !destination.name.starts_with(OWN) {
            self.destinations.push(destination);
        }
        Ok(false)
    }

    /// Without this connection and what it has.
    fn but_for(self, asking: &str) -> ActiveMqHoldings {
        let is_asking = |connection: &str| connection == asking;
        let others = self
            .consumers
            .values()
            .filter(|consumer| !is_asking(&consumer.connection));
        let consumers: Vec<&Consumer> = others.collect();
        let of_topics = consumers.iter().filter(|consumer| consumer.of_topic).count();
        let own = format!("temp-queue://{asking}:");
        let destinations: Vec<_> = self
            .destinations
            .into_iter()
            .filter(|destination| !destination.name.starts_with(&own))
            .collect();
        let topics = destinations
            .iter()
            .filter(|destination| destination.name.starts_with("topic://"));
        let with_subscriptions: u64 = topics.map(|topic| topic.consumers).sum();
        ActiveMqHoldings {
            connections: self
                .connections
                .iter()
                .filter(|connection| !is_asking(connection))
                .count(),
            consumers: consumers.len(),
            subscriptions: usize::try_from(with_subscriptions)
                .unwrap_or(usize::MAX)
                .saturating_sub(of_topics),
            destinations,
        }
    }
}

/// A map as `XStream` writes it: `{"string":["name","value"]}` when both are texts, else `{"string":"name","long":1}`.
fn statistics(map: &Value) -> BTreeMap<&str, &Value> {
    let entries = map["entry"].as_array().map(Vec::as_slice).unwrap_or_default();
    entries.iter().filter_map(statistic).collect()
}

fn statistic(entry: &Value) -> Option<(&str, &Value)> {
    match entry.get("string")? {
        Value::Array(both) => Some((both.first()?.as_str()?, both.get(1)?)),
        name => {
            let value = entry.as_object()?.iter().find(|(kind, _)| *kind != "string")?.1;
            Some((name.as_str()?, value))
        }
    }
}

fn text(value: &Value) -> io::Result<String> {
    value
        .as_str()
        .map(str::to_owned)
        .ok_or_else(|| unreadable(&value.to_string()))
}

fn unreadable(what: &str) -> io::Error {
    io::Error::new(io::ErrorKind::InvalidData, format!("unreadable: {what}"))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn told(answers: &mut Answers, json: &str) -> Result<bool, io::ErrorKind> {
        let frame = StompFrame::new("MESSAGE").with_body(json);
        answers.take(&frame).map_err(|error| error.kind())
    }

    #[test]
    fn what_the_broker_tells_is_counted_but_for_who_asks() {
        let mut answers = Answers::default();
        for json in [
            r#"{"ConnectionInfo":{"connectionId":{"value":"ID:us"}}}"#,
            r#"{"ConnectionInfo":{"connectionId":{"value":"ID:other"}}}"#,
            r#"{"ConsumerInfo":{"consumerId":{"connectionId":"ID:us","value":1},"destination":{"@class":"ActiveMQTempQueue"}}}"#,
            r#"{"ConsumerInfo":{"consumerId":{"connectionId":"ID:other","value":1},"destination":{"@class":"ActiveMQTopic"}}}"#,
            r#"{"RemoveInfo":{}}"#,
            r#"{"map":{"entry":[{"string":["destinationName","topic://t"]},{"string":"size","long":0},{"string":"consumerCount","long":3}]}}"#,
            r#"{"map":{"entry":[{"string":"size","long":1},{"long":1,"string":"consumerCount"},{"string":["destinationName","temp-queue://ID:us:1"]}]}}"#,
        ] {
            assert_eq!(told(&mut answers, json), Ok(false), "{json}");
        }
        assert_eq!(
            told(&mut answers, r#"{"map":{"entry":[{"string":"size","long":9}]}}"#),
            Ok(true)
        );
        let held = answers.but_for("ID:us");
        assert_eq!((held.connections, held.consumers, held.subscriptions), (1, 1, 2));
        let topic = ActiveMqDestination {
            name: "topic://t".to_owned(),
            messages: 0,
            consumers: 3,
        };
        assert_eq!(held.destinations, [topic]);
    }

    #[test]
    fn what_cannot_be_read_is_an_error() {
        for json in [
            "",
            "no JSON",
            r#"{"ConnectionInfo":7}"#,
            r#"{"ConsumerInfo":{"consumerId":[]}}"#,
            r#"{"map":{"entry":[{"string":["destinationName","queue://q"]}]}}"#,
        ] {
            let outcome = told(&mut Answers::default(), json);
            assert!(
                matches!(outcome, Err(io::ErrorKind::InvalidData | io::ErrorKind::UnexpectedEof)),
                "{json}"
            );
        }
    }
}
