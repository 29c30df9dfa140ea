//! A program of another make, which does with the broker what it is told.

use std::time::Duration;

use serde_json::{Value as Json, json};

use crate::common::{hex, python::Python, unhex};
use crate::envelope;

const SCRIPT: &str = include_str!("peer.py");

/// How long something that must come may take.
pub(crate) const LIMIT: Duration = Duration::from_secs(20);

/// Which MQTT is spoken, on both sides.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Version {
    Five,
    /// 3.1.1, with what it has no place for in a line before the payload.
    Three,
}

impl Version {
    pub(crate) fn number(self) -> &'static str {
        match self {
            Self::Five => "5",
            Self::Three => "3.1.1",
        }
    }

    /// The options of a URL.
    pub(crate) fn options(self) -> &'static str {
        match self {
            Self::Five => "version=5",
            Self::Three => "version=3.1.1&envelope=jms",
        }
    }
}

#[derive(Debug)]
pub(crate) struct Paho {
    python: Python,
    version: Version,
}

/// A message on the wire; of its properties, those of version 5.
#[derive(Clone, Debug)]
pub(crate) struct Paper {
    pub(crate) topic: String,
    pub(crate) body: Vec<u8>,
    pub(crate) qos: u8,
    pub(crate) retain: bool,
    pub(crate) properties: Json,
}

impl Paper {
    pub(crate) fn new(topic: &str, body: &[u8]) -> Self {
        Self {
            topic: topic.to_owned(),
            body: body.to_owned(),
            qos: 1,
            retain: false,
            properties: json!({}),
        }
    }

    pub(crate) fn qos(self, qos: u8) -> Self {
        Self { qos, ..self }
    }

    pub(crate) fn retained(self) -> Self {
        Self { retain: true, ..self }
    }

    pub(crate) fn properties(self, properties: Json) -> Self {
        Self { properties, ..self }
    }

    /// The value of the one user property of this name.
    pub(crate) fn user(&self, name: &str) -> Option<&str> {
        let pairs = self.properties["user"].as_array()?.iter();
        let mut values = pairs.filter(|pair| pair[0] == name);
        let value = values.next()?[1].as_str();
        assert!(values.next().is_none(), "{name} twice");
        value
    }
}

impl Paho {
    /// `None` where no Python has it.
    pub(crate) async fn start(version: Version) -> Option<Self> {
        let python = Python::start("paho.mqtt.client", SCRIPT).await?;
        Some(Self { python, version })
    }

    pub(crate) async fn connect(&mut self, port: u16) {
        let order = json!({"do": "connect", "port": port, "version": self.version.number()});
        self.python.order(order).await;
    }

    /// Takes what comes as it was sent.
    pub(crate) async fn subscribe(&mut self, filter: &str) {
        let order = json!({"do": "subscribe", "filter": filter, "qos": 2});
        self.python.order(order).await;
    }

    /// Publishes it; properties in the envelope, where there is no other place. The broker has taken it when this returns.
    pub(crate) async fn publish(&mut self, paper: Paper) {
        let properties = paper.properties.clone();
        if self.version == Version::Three && properties != json!({}) {
            let body = envelope::seal(&properties, &paper.body);
            return self.publish_plain(Paper { body, ..paper }).await;
        }
        self.publish_plain(paper).await;
    }

    /// Publishes it as it is.
    pub(crate) async fn publish_plain(&mut self, paper: Paper) {
        let order = json!({"do": "publish", "topic": paper.topic, "body": hex(&paper.body), "qos": paper.qos,
            "retain": paper.retain, "properties": paper.properties});
        self.python.order(order).await;
    }

    /// The next message of ours, which must come.
    pub(crate) async fn receive(&mut self) -> Paper {
        let mut paper = self.receive_plain().await;
        if self.version == Version::Three {
            (paper.properties, paper.body) = envelope::open(&paper.body);
        }
        paper
    }

    /// The next message as it is, which must come.
    pub(crate) async fn receive_plain(&mut self) -> Paper {
        let order = json!({"do": "receive", "limit": LIMIT.as_secs()});
        let mut got = self.python.order(order).await;
        assert!(got.is_object(), "nothing comes to paho");
        Paper {
            topic: got["topic"].as_str().unwrap().to_owned(),
            body: unhex(got["body"].as_str().unwrap()),
            qos: u8::try_from(got["qos"].as_u64().unwrap()).unwrap(),
            retain: got["retain"].as_bool().unwrap(),
            properties: got["properties"].take(),
        }
    }
}
