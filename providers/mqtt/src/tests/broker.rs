//! What answers where a broker is looked for, and does as it is told.

use std::{sync::Arc, time::Duration};

use anymq_api::{
    Error,
    spi::{
        BrokerUrl, ConnectSpec, Delivery, DeliverySink, DriverConnection, DriverEvent, EventSink, Provider as _,
        Unsettled,
    },
};
use bytes::BytesMut;
use parking_lot::Mutex;
use rumqttc::v5::mqttbytes::{
    Error as Malformed, QoS,
    v5::{
        ConnAck, ConnAckProperties, ConnectReturnCode, Disconnect, DisconnectReasonCode, Packet, PubAck, PubAckReason,
        Publish, SubAck, SubscribeReasonCode, UnsubAck, UnsubAckReason,
    },
};
use tokio::{
    io::{AsyncReadExt as _, AsyncWriteExt as _},
    net::{TcpListener, TcpStream},
    sync::Notify,
};

use crate::MqttProvider;

/// Longer than a keep-alive takes.
const LIMIT: Duration = Duration::from_secs(40);
/// For what must not happen.
const QUIET: Duration = Duration::from_millis(150);

/// A connection to a broker that is played, and what is told of it.
pub(super) struct Stage {
    listener: TcpListener,
    pub(super) connection: Arc<dyn DriverConnection>,
    /// The broker's end of its own socket.
    pub(super) main: Peer,
    pub(super) told: Arc<Told>,
}

/// The broker's end of one socket.
pub(super) struct Peer {
    socket: TcpStream,
    buffer: BytesMut,
    client_id: String,
}

/// Events and ends, as they come.
#[derive(Default)]
pub(super) struct Told {
    pub(super) events: Mutex<Vec<DriverEvent>>,
    pub(super) deliveries: Mutex<Vec<Delivery>>,
    pub(super) ends: Mutex<Vec<(Error, Unsettled)>>,
    news: Notify,
}

impl EventSink for Told {
    fn event(&self, event: DriverEvent) {
        self.events.lock().push(event);
        self.news.notify_one();
    }
}

impl DeliverySink for Told {
    fn push(&self, delivery: Delivery) {
        self.deliveries.lock().push(delivery);
        self.news.notify_one();
    }

    fn ended(&self, error: Error, unsettled: Unsettled) {
        self.ends.lock().push((error, unsettled));
        self.news.notify_one();
    }
}

impl Told {
    /// Waits until it is so.
    pub(super) async fn until(&self, is_so: impl Fn(&Self) -> bool) {
        let waiting = async {
            while !is_so(self) {
                self.news.notified().await;
            }
        };
        tokio::time::timeout(LIMIT, waiting).await.expect("it is told");
    }
}

impl Stage {
    pub(super) async fn new() -> Self {
        Self::with_receive_maximum(u16::MAX).await
    }

    /// A broker that takes no more unacknowledged messages.
    pub(super) async fn with_receive_maximum(receive_maximum: u16) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let url = format!("mqtt://{}", listener.local_addr().unwrap());
        let driver = MqttProvider.setup(&BrokerUrl::parse(&url).unwrap()).unwrap().driver;
        let told = Arc::<Told>::default();
        let events = Arc::clone(&told) as Arc<dyn EventSink>;
        let mut spec = ConnectSpec::new(1);
        spec.client_id = Some("till".to_owned());
        let greeting = greet(&listener, false, receive_maximum);
        let (connection, main) = tokio::join!(driver.connect(spec, events), greeting);
        Self {
            connection: connection.unwrap(),
            main,
            listener,
            told,
        }
    }

    /// The next socket that is opened; whether the session is there that it asks for.
    pub(super) async fn accept(&self, session_present: bool) -> Peer {
        greet(&self.listener, session_present, u16::MAX).await
    }

    /// Nobody else connects.
    pub(super) async fn expect_nobody(&self) {
        assert!(tokio::time::timeout(QUIET, self.listener.accept()).await.is_err());
    }

    pub(super) fn sink(&self) -> Arc<dyn DeliverySink> {
        Arc::clone(&self.told) as _
    }
}

async fn greet(listener: &TcpListener, session_present: bool, receive_maximum: u16) -> Peer {
    let accepted = tokio::time::timeout(LIMIT, listener.accept()).await;
    let (socket, _) = accepted.expect("somebody connects").unwrap();
    let mut peer = Peer {
        socket,
        buffer: BytesMut::new(),
        client_id: String::new(),
    };
    let Packet::Connect(connect, ..) = peer.heard().await else {
        panic!("it does not begin with CONNECT");
    };
    peer.client_id = connect.client_id;
    let greeting = ConnAck {
        session_present,
        code: ConnectReturnCode::Success,
        properties: Some(limits(receive_maximum)),
    };
    peer.say(Packet::ConnAck(greeting)).await;
    peer
}

fn limits(receive_maximum: u16) -> ConnAckProperties {
    ConnAckProperties {
        session_expiry_interval: None,
        receive_max: Some(receive_maximum),
        max_qos: None,
        retain_available: None,
        max_packet_size: None,
        assigned_client_identifier: None,
        topic_alias_max: None,
        reason_string: None,
        user_properties: Vec::new(),
        wildcard_subscription_available: None,
        subscription_identifiers_available: None,
        shared_subscription_available: None,
        server_keep_alive: None,
        response_information: None,
        server_reference: None,
        authentication_method: None,
        authentication_data: None,
    }
}

impl Peer {
    pub(super) fn client_id(&self) -> &str {
        &self.client_id
    }

    /// The next packet.
    pub(super) async fn heard(&mut self) -> Packet {
        tokio::time::timeout(LIMIT, self.read()).await.expect("something comes")
    }

    async fn read(&mut self) -> Packet {
        loop {
            match Packet::read(&mut self.buffer, None) {
                Ok(packet) => return packet,
                Err(Malformed::InsufficientBytes(_)) => {}
                // rumqttc writes DISCONNECT without a reason, and does not read it so.
                Err(Malformed::PayloadRequired) => {
                    return Packet::Disconnect(Disconnect::new(DisconnectReasonCode::NormalDisconnection));
                }
                Err(error) => panic!("{error}"),
            }
            assert!(self.socket.read_buf(&mut self.buffer).await.unwrap() > 0, "the end");
        }
    }

    /// Nothing comes.
    pub(super) async fn expect_silence(&mut self) {
        let heard = tokio::time::timeout(QUIET, self.read()).await;
        assert!(heard.is_err(), "{heard:?}");
    }

    pub(super) async fn say(&mut self, packet: Packet) {
        let mut bytes = BytesMut::new();
        packet.write(&mut bytes, None).unwrap();
        self.socket.write_all(&bytes).await.unwrap();
    }

    pub(super) async fn acknowledge(&mut self, id: u16, reason: PubAckReason) {
        let mut acknowledged = PubAck::new(id, None);
        acknowledged.reason = reason;
        self.say(Packet::PubAck(acknowledged)).await;
    }

    pub(super) async fn unsubscribed(&mut self, pkid: u16) {
        let answer = UnsubAck {
            pkid,
            reasons: vec![UnsubAckReason::NoSubscriptionExisted],
            properties: None,
        };
        self.say(Packet::UnsubAck(answer)).await;
    }

    /// Takes a subscription to this.
    pub(super) async fn subscribed(&mut self, filter: &str) {
        let packet = self.heard().await;
        let Packet::Subscribe(subscribe) = packet else {
            panic!("{packet:?}");
        };
        assert_eq!(subscribe.filters[0].path, filter);
        let answer = SubAck {
            pkid: subscribe.pkid,
            return_codes: vec![SubscribeReasonCode::Success(QoS::AtLeastOnce)],
            properties: None,
        };
        self.say(Packet::SubAck(answer)).await;
    }

    /// A message of QoS 1.
    pub(super) async fn publish(&mut self, topic: &str, id: u16) {
        let mut publish = Publish::new(topic, QoS::AtLeastOnce, "hello", None);
        publish.pkid = id;
        self.say(Packet::Publish(publish)).await;
    }

    pub(super) async fn disconnect(&mut self, reason: DisconnectReasonCode) {
        self.say(Packet::Disconnect(Disconnect::new(reason))).await;
    }

    /// Says nothing more. What was said arrives; to close the socket would take that back where something is unread.
    pub(super) async fn hang_up(&mut self) {
        self.socket.shutdown().await.unwrap();
    }
}
