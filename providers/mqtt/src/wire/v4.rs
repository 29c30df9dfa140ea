//! MQTT 3.1.1, which rumqttc calls version 4, in the types of version 5.

use anymq_api::ErrorKind;
use bytes::BytesMut;
use rumqttc::mqttbytes::{
    Error as Malformed,
    v4::{
        Connect, ConnectReturnCode, LastWill, Login, Packet, PubAck, PubComp, PubRec, PubRel, Subscribe,
        SubscribeReasonCode, Unsubscribe,
    },
};

use super::{
    Answer, Carriage, Failure, Greeting, Kind, Publish, QoS, Request, Setup, envelope,
    packet::{Incoming, Outgoing},
    protocol::reserve,
};
use crate::error::{error, lost, refused};

/// Appends CONNECT.
pub(super) fn connect(setup: &Setup, output: &mut BytesMut) -> Result<(), Failure> {
    let mut connect = Connect::new(&setup.client_id);
    connect.keep_alive = setup.keep_alive_seconds();
    connect.clean_session = setup.clean;
    connect.login = setup
        .credentials
        .as_ref()
        .map(|credentials| Login::new(credentials.username(), credentials.expose_password()));
    connect.last_will = setup
        .will
        .as_ref()
        .map(|will| LastWill::new(&will.topic, will.payload.as_str(), qos(will.qos), will.retain));
    append(&Packet::Connect(connect), output)
}

/// Appends a packet.
pub(super) fn write(packet: Outgoing, output: &mut BytesMut) -> Result<(), Failure> {
    append(
        &match packet {
            Outgoing::Request(request, id) => requested(request, id),
            Outgoing::Acknowledge(id, QoS::ExactlyOnce) => Packet::PubRec(PubRec::new(id)),
            Outgoing::Acknowledge(id, _) => Packet::PubAck(PubAck::new(id)),
            Outgoing::Release(id) => Packet::PubRel(PubRel::new(id)),
            Outgoing::Complete(id) => Packet::PubComp(PubComp::new(id)),
            Outgoing::Question => Packet::PingReq,
            Outgoing::Farewell => Packet::Disconnect,
        },
        output,
    )
}

fn append(packet: &Packet, output: &mut BytesMut) -> Result<(), Failure> {
    let written = packet.write(output, usize::MAX);
    written.map(drop).map_err(malformed)
}

fn requested(request: Request, pkid: u16) -> Packet {
    match request {
        Request::Publish(message) => {
            let message = *message;
            let mut publish = rumqttc::Publish::from_bytes(message.topic, qos(message.qos), message.payload);
            publish.pkid = pkid;
            Packet::Publish(publish)
        }
        Request::Subscribe { filter, qos: wanted } => {
            let mut subscribe = Subscribe::new(filter, qos(wanted));
            subscribe.pkid = pkid;
            Packet::Subscribe(subscribe)
        }
        Request::Unsubscribe { filter } => {
            let mut unsubscribe = Unsubscribe::new(filter);
            unsubscribe.pkid = pkid;
            Packet::Unsubscribe(unsubscribe)
        }
    }
}

fn qos(level: QoS) -> rumqttc::QoS {
    match level {
        QoS::AtMostOnce => rumqttc::QoS::AtMostOnce,
        QoS::AtLeastOnce => rumqttc::QoS::AtLeastOnce,
        QoS::ExactlyOnce => rumqttc::QoS::ExactlyOnce,
    }
}

/// Takes CONNACK out, if it is there.
pub(super) fn greeting(setup: &Setup, input: &mut BytesMut) -> Result<Option<Greeting>, Failure> {
    match read_packet(input, setup.max_packet)? {
        Some(Packet::ConnAck(connack)) if connack.code == ConnectReturnCode::Success => Ok(Some(Greeting {
            session_present: connack.session_present,
            // Nothing else is said.
            keep_alive: None,
            identifiers: setup.in_flight.max(1),
            max_packet: Some(setup.max_packet),
            max_qos: QoS::ExactlyOnce,
            shared_subscriptions: false,
            wildcards: true,
        })),
        Some(Packet::ConnAck(connack)) => Err(of_return_code(connack.code).into()),
        Some(_) => Err(lost("the broker does not greet").into()),
        None => Ok(None),
    }
}

/// Takes the next packet out, if all of it is there; else makes room for the rest.
pub(super) fn read(input: &mut BytesMut, max_packet: u32, carriage: Carriage) -> Result<Option<Incoming>, Failure> {
    let packet = read_packet(input, max_packet)?;
    packet.map(|packet| arrived(packet, carriage)).transpose()
}

fn read_packet(input: &mut BytesMut, max_packet: u32) -> Result<Option<Packet>, Failure> {
    let before = input.len();
    match Packet::read(input, usize::try_from(max_packet).unwrap_or(usize::MAX)) {
        Ok(packet) => Ok(Some(packet)),
        Err(Malformed::InsufficientBytes(missing)) if input.len() == before => {
            reserve(input, missing);
            Ok(None)
        }
        Err(error) => Err(malformed(error)),
    }
}

fn arrived(packet: Packet, carriage: Carriage) -> Result<Incoming, Failure> {
    Ok(match packet {
        Packet::Publish(publish) => Incoming::Message(message(publish, carriage)),
        Packet::PubAck(ack) => answered(Kind::Publish, ack.pkid, Ok(())),
        Packet::PubRec(rec) => Incoming::Received(rec.pkid),
        Packet::PubRel(release) => Incoming::Released(release.pkid),
        Packet::PingResp => Incoming::Nothing,
        Packet::PubComp(comp) => answered(Kind::Publish, comp.pkid, Ok(())),
        Packet::SubAck(ack) => {
            let outcome = match ack.return_codes.first() {
                Some(SubscribeReasonCode::Success(_)) => Ok(()),
                // There is but one reason, and mostly it is that.
                _ => Err(refused("NotAuthorized")),
            };
            answered(Kind::Subscribe, ack.pkid, outcome)
        }
        Packet::UnsubAck(ack) => answered(Kind::Unsubscribe, ack.pkid, Ok(())),
        _ => return Err(lost("the broker sends what only clients do").into()),
    })
}

fn answered(kind: Kind, id: u16, outcome: anymq_api::Result<()>) -> Incoming {
    Incoming::Answered(Answer { kind, id, outcome })
}

/// What does not come in an envelope, of this or another client, is a payload without properties; a text, where it is one. Where
/// there are no envelopes, a payload that looks like one is a payload.
fn message(publish: rumqttc::Publish, carriage: Carriage) -> Publish {
    let opened = match carriage {
        Carriage::Envelope => envelope::open(&publish.payload),
        Carriage::Plain => None,
    };
    let (properties, payload) = opened.unwrap_or_else(|| (envelope::plain(&publish.payload), publish.payload));
    Publish {
        dup: publish.dup,
        qos: match publish.qos {
            rumqttc::QoS::AtMostOnce => QoS::AtMostOnce,
            rumqttc::QoS::AtLeastOnce => QoS::AtLeastOnce,
            rumqttc::QoS::ExactlyOnce => QoS::ExactlyOnce,
        },
        retain: publish.retain,
        topic: publish.topic.into(),
        pkid: publish.pkid,
        payload,
        properties: Some(properties),
    }
}

fn malformed(error: Malformed) -> Failure {
    lost(format!("no MQTT: {error}")).with_source(error).into()
}

fn of_return_code(code: ConnectReturnCode) -> anymq_api::Error {
    use ConnectReturnCode as Code;
    let kind = match code {
        Code::BadUserNamePassword | Code::NotAuthorized => ErrorKind::Security,
        Code::BadClientId => ErrorKind::InvalidClientId,
        Code::RefusedProtocolVersion => ErrorKind::Configuration,
        Code::ServiceUnavailable => {
            return lost(format!("the broker lets nobody in: {code:?}")).with_code(format!("{code:?}"));
        }
        Code::Success => ErrorKind::Other,
    };
    error(kind, format!("the broker does not let us in: {code:?}")).with_code(format!("{code:?}"))
}
