//! Sockets that speak MQTT, of either version.
//!
//! Packets are read and written by rumqttc. The types of version 5 are those of the adapter.

mod envelope;
mod packet;
mod protocol;
mod pulse;
mod socket;
mod stream;
mod v4;
mod v5;

use std::time::Duration;

use anymq_api::{Credentials, Error};
use anymq_tls::Connector;
pub(crate) use rumqttc::v5::mqttbytes::{
    QoS,
    v5::{Publish, PublishProperties},
};

pub(crate) use self::stream::{Client, Loop};

/// Which MQTT is spoken.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Version {
    V5,
    /// 3.1.1.
    V4(Carriage),
}

/// What 3.1.1 does with properties, for which it has no place.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Carriage {
    /// They stand before the payload.
    Envelope,
    /// There are none.
    Plain,
}

/// What a link is made with.
#[derive(Clone)]
pub(crate) struct Setup {
    pub(crate) version: Version,
    pub(crate) host: String,
    pub(crate) port: u16,
    pub(crate) tls: Option<Connector>,
    pub(crate) credentials: Option<Credentials>,
    pub(crate) client_id: String,
    /// Whether the session begins anew.
    pub(crate) clean: bool,
    /// How long the broker keeps the session when the link is gone, in seconds.
    pub(crate) session_expiry: u32,
    /// How many deliveries of it may be unacknowledged.
    pub(crate) receive_maximum: u16,
    /// The largest packet that is taken, in bytes.
    pub(crate) max_packet: u32,
    /// How many requests may be in flight.
    pub(crate) in_flight: u16,
    pub(crate) keep_alive: Duration,
    pub(crate) will: Option<Will>,
}

impl Setup {
    fn keep_alive_seconds(&self) -> u16 {
        u16::try_from(self.keep_alive.as_secs()).unwrap_or(u16::MAX)
    }
}

/// What the broker publishes when the link is lost.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Will {
    pub(crate) topic: String,
    /// A text.
    pub(crate) payload: String,
    pub(crate) qos: QoS,
    pub(crate) retain: bool,
}

/// What the broker says when it lets us in.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Greeting {
    /// Whether it has the session that was asked for.
    pub(crate) session_present: bool,
    /// After how long without a packet of ours it ends the link, if that is not what it was told.
    pub(crate) keep_alive: Option<Duration>,
    /// How many packet identifiers may be in use.
    pub(crate) identifiers: u16,
    /// The largest packet that it takes, in bytes.
    pub(crate) max_packet: Option<u32>,
    pub(crate) max_qos: QoS,
    pub(crate) shared_subscriptions: bool,
    pub(crate) wildcards: bool,
}

/// What has a packet identifier, and is answered.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Kind {
    Publish,
    Subscribe,
    Unsubscribe,
}

/// What happened on a link.
#[derive(Debug)]
pub(crate) enum Event {
    /// A message came. Without an identifier nobody waits to hear of it.
    Message(Publish),
    /// The broker has answered the request with this identifier, and is done with it.
    Answered(Answer),
    /// A request was written; without an identifier it is a publish of QoS 0.
    Written(u16),
    /// An acknowledgement was written.
    Acknowledged,
    /// DISCONNECT was written.
    Disconnected,
}

/// The end of a request.
#[derive(Debug)]
pub(crate) struct Answer {
    pub(crate) kind: Kind,
    pub(crate) id: u16,
    pub(crate) outcome: Result<(), Error>,
}

/// Why there is nothing more to be polled.
#[derive(Clone, Debug)]
pub(crate) struct Failure {
    pub(crate) error: Error,
    /// Somebody else uses the client identifier now.
    pub(crate) taken_over: bool,
    /// The socket was closed, without a word.
    pub(crate) is_silent: bool,
    /// The broker does not speak this version, or may not.
    pub(crate) is_other_version: bool,
}

/// A message on its way to the broker.
#[derive(Clone, Debug)]
pub(crate) struct Outbound {
    pub(crate) topic: String,
    pub(crate) qos: QoS,
    pub(crate) payload: bytes::Bytes,
    pub(crate) properties: PublishProperties,
}

/// What is asked of a broker.
#[derive(Clone, Debug)]
pub(crate) enum Request {
    Publish(Box<Outbound>),
    Subscribe { filter: String, qos: QoS },
    Unsubscribe { filter: String },
}

impl Outbound {
    /// With its properties before the payload.
    pub(crate) fn sealed(self) -> Result<Self, Error> {
        Ok(Self {
            payload: envelope::seal(&self.properties, &self.payload)?,
            properties: PublishProperties::default(),
            ..self
        })
    }
}

impl Request {
    pub(crate) fn kind(&self) -> Kind {
        match self {
            Self::Publish(_) => Kind::Publish,
            Self::Subscribe { .. } => Kind::Subscribe,
            Self::Unsubscribe { .. } => Kind::Unsubscribe,
        }
    }

    /// Whether it gets a packet identifier.
    pub(crate) fn has_identifier(&self) -> bool {
        !matches!(self, Self::Publish(publish) if publish.qos == QoS::AtMostOnce)
    }
}

impl From<Error> for Failure {
    fn from(error: Error) -> Self {
        Self {
            error,
            taken_over: false,
            is_silent: false,
            is_other_version: false,
        }
    }
}
