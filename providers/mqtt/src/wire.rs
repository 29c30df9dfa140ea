//! rumqttc's clients, of either version, as one.
//!
//! The types of version 5 are those of the adapter.

mod envelope;
mod refusal;
mod v4;
mod v5;

use std::{sync::Arc, time::Duration};

use anymq_api::{Credentials, Error};
use anymq_tls::ClientConfig;
pub(crate) use rumqttc::v5::mqttbytes::{
    QoS,
    v5::{Publish, PublishProperties},
};

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
    pub(crate) tls: Option<Arc<ClientConfig>>,
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
    /// How many packet identifiers rumqttc counts to.
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
    Written(Kind, u16),
    /// An acknowledgement was written.
    Acknowledged,
    /// DISCONNECT was written.
    Disconnected,
    /// Something else came.
    Heard,
    /// Something else was written.
    Said,
}

/// The end of a request.
#[derive(Debug)]
pub(crate) struct Answer {
    pub(crate) kind: Kind,
    pub(crate) id: u16,
    pub(crate) outcome: Result<(), Error>,
    /// rumqttc takes it for unanswered, for good.
    pub(crate) leaks: bool,
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

/// Where requests go.
#[derive(Clone, Debug)]
pub(crate) enum Client {
    V5(rumqttc::v5::AsyncClient),
    V4(rumqttc::AsyncClient),
}

impl Client {
    /// Hands over a request; false when nobody takes it any more. Never waits.
    pub(crate) fn request(&self, request: Request) -> bool {
        match self {
            Self::V5(client) => v5::request(client, request),
            Self::V4(client) => v4::request(client, request),
        }
    }

    /// Acknowledges what came with this identifier.
    pub(crate) fn acknowledge(&self, id: u16, qos: QoS) -> bool {
        match self {
            Self::V5(client) => v5::acknowledge(client, id, qos),
            Self::V4(client) => v4::acknowledge(client, id, qos),
        }
    }

    pub(crate) fn disconnect(&self) -> bool {
        match self {
            Self::V5(client) => client.try_disconnect().is_ok(),
            Self::V4(client) => client.try_disconnect().is_ok(),
        }
    }
}

/// What has to be polled.
pub(crate) enum Loop {
    V5(Box<rumqttc::v5::EventLoop>),
    V4(Box<rumqttc::EventLoop>, Carriage),
}

impl Loop {
    /// A link that is not there yet.
    pub(crate) fn new(setup: &Setup) -> (Client, Self) {
        match setup.version {
            Version::V5 => {
                let (client, event_loop) = v5::client(setup);
                (Client::V5(client), Self::V5(Box::new(event_loop)))
            }
            Version::V4(carriage) => {
                let (client, event_loop) = v4::client(setup);
                (Client::V4(client), Self::V4(Box::new(event_loop), carriage))
            }
        }
    }

    /// Connects. To be called once and first.
    pub(crate) async fn connect(&mut self, setup: &Setup) -> Result<Greeting, Failure> {
        match self {
            Self::V5(event_loop) => v5::connect(event_loop, setup.in_flight).await,
            Self::V4(event_loop, _) => v4::connect(event_loop, setup).await,
        }
    }

    /// What happens next. Not to be cancelled, since what was being written would be lost; nor to be called again after
    /// a failure, since that connects.
    pub(crate) async fn poll(&mut self) -> Result<Event, Failure> {
        match self {
            Self::V5(event_loop) => v5::poll(event_loop).await,
            Self::V4(event_loop, carriage) => v4::poll(event_loop, *carriage).await,
        }
    }

    /// Whether messages that come from now on are acknowledged at once, by rumqttc. It writes several acknowledgements together.
    pub(crate) fn acknowledge_at_once(&mut self, at_once: bool) {
        match self {
            Self::V5(event_loop) => event_loop.state.manual_acks = !at_once,
            Self::V4(event_loop, _) => event_loop.state.manual_acks = !at_once,
        }
    }

    /// After a failure: what had been read before, in order.
    pub(crate) fn leftovers(&mut self) -> Vec<Event> {
        match self {
            Self::V5(event_loop) => v5::leftovers(event_loop),
            Self::V4(event_loop, carriage) => v4::leftovers(event_loop, *carriage),
        }
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

/// Whether rumqttc acknowledged by itself what came with this identifier. That is the next event then, and so it gets none.
fn acknowledges(next: &rumqttc::Outgoing, id: u16) -> bool {
    use rumqttc::Outgoing;
    matches!(next, Outgoing::PubAck(acknowledged) | Outgoing::PubRec(acknowledged) if *acknowledged == id)
}

/// Both versions tell it in the same words.
fn written(outgoing: &rumqttc::Outgoing) -> Event {
    use rumqttc::Outgoing;
    match outgoing {
        Outgoing::Publish(id) => Event::Written(Kind::Publish, *id),
        Outgoing::Subscribe(id) => Event::Written(Kind::Subscribe, *id),
        Outgoing::Unsubscribe(id) => Event::Written(Kind::Unsubscribe, *id),
        Outgoing::PubAck(_) | Outgoing::PubRec(_) => Event::Acknowledged,
        Outgoing::Disconnect => Event::Disconnected,
        _ => Event::Said,
    }
}
