//! MQTT 5.

use std::time::Duration;

use anymq_api::ErrorKind;
use bytes::BytesMut;
use rumqttc::v5::mqttbytes::{
    Error as Malformed, QoS,
    v5::{
        ConnAck, Connect, ConnectProperties, ConnectReturnCode, Disconnect, DisconnectReasonCode, Filter, LastWill,
        LastWillProperties, Login, Packet, PingReq, PubAck, PubAckReason, PubComp, PubRec, PubRecReason, PubRel,
        Publish, RetainForwardRule, Subscribe, SubscribeReasonCode, UnsubAckReason, Unsubscribe,
    },
};

use super::{
    Answer, Failure, Greeting, Kind, Outbound, Request, Setup, Will,
    packet::{Incoming, Outgoing},
    protocol::reserve,
};
use crate::error::{error, lost, refused};

/// The first byte of DISCONNECT.
const DISCONNECT: u8 = 0xE0;

/// Appends CONNECT.
pub(super) fn connect(setup: &Setup, output: &mut BytesMut) -> Result<(), Failure> {
    let mut properties = ConnectProperties::new();
    properties.session_expiry_interval = Some(setup.session_expiry);
    properties.receive_maximum = Some(setup.receive_maximum);
    properties.max_packet_size = Some(setup.max_packet);
    let connect = Connect {
        keep_alive: setup.keep_alive_seconds(),
        client_id: setup.client_id.clone(),
        clean_start: setup.clean,
        properties: Some(properties),
    };
    let login = setup.credentials.as_ref().map(|credentials| Login {
        username: credentials.username().to_owned(),
        password: credentials.expose_password().to_owned(),
    });
    append(
        &Packet::Connect(connect, setup.will.as_ref().map(last_will), login),
        output,
    )
}

fn last_will(will: &Will) -> LastWill {
    let properties = LastWillProperties {
        delay_interval: None,
        payload_format_indicator: Some(1),
        message_expiry_interval: None,
        content_type: Some("text/plain".to_owned()),
        response_topic: None,
        correlation_data: None,
        user_properties: Vec::new(),
    };
    LastWill::new(
        &will.topic,
        will.payload.as_str(),
        will.qos,
        will.retain,
        Some(properties),
    )
}

/// Appends a packet.
pub(super) fn write(packet: Outgoing, output: &mut BytesMut) -> Result<(), Failure> {
    append(
        &match packet {
            Outgoing::Request(request, id) => requested(request, id),
            Outgoing::Acknowledge(id, QoS::ExactlyOnce) => Packet::PubRec(PubRec::new(id, None)),
            Outgoing::Acknowledge(id, _) => Packet::PubAck(PubAck::new(id, None)),
            Outgoing::Release(id) => Packet::PubRel(PubRel::new(id, None)),
            Outgoing::Complete(id) => Packet::PubComp(PubComp::new(id, None)),
            Outgoing::Question => Packet::PingReq(PingReq),
            Outgoing::Farewell => Packet::Disconnect(Disconnect::new(DisconnectReasonCode::NormalDisconnection)),
        },
        output,
    )
}

fn append(packet: &Packet, output: &mut BytesMut) -> Result<(), Failure> {
    let written = packet.write(output, None);
    written.map(drop).map_err(malformed)
}

fn requested(request: Request, pkid: u16) -> Packet {
    match request {
        Request::Publish(message) => Packet::Publish(publish(*message, pkid)),
        Request::Subscribe { filter, qos } => {
            let mut filter = Filter::new(filter, qos);
            filter.retain_forward_rule = RetainForwardRule::Never;
            let mut subscribe = Subscribe::new(filter, None);
            subscribe.pkid = pkid;
            Packet::Subscribe(subscribe)
        }
        Request::Unsubscribe { filter } => {
            let mut unsubscribe = Unsubscribe::new(filter, None);
            unsubscribe.pkid = pkid;
            Packet::Unsubscribe(unsubscribe)
        }
    }
}

fn publish(message: Outbound, pkid: u16) -> Publish {
    Publish {
        dup: false,
        qos: message.qos,
        retain: false,
        topic: message.topic.into(),
        pkid,
        payload: message.payload,
        properties: Some(message.properties),
    }
}

/// Takes CONNACK out, if it is there.
pub(super) fn greeting(setup: &Setup, input: &mut BytesMut) -> Result<Option<Greeting>, Failure> {
    match read_packet(input, setup.max_packet) {
        Ok(Some(Packet::ConnAck(connack))) if connack.code == ConnectReturnCode::Success => {
            Ok(Some(greeted(&connack, setup.in_flight)))
        }
        Ok(Some(Packet::ConnAck(ConnAck { code, .. }))) => Err(Failure {
            is_other_version: is_of_version(code),
            ..Failure::from(of_return_code(code))
        }),
        Ok(Some(_)) => Err(lost("the broker does not greet").into()),
        Ok(None) => Ok(None),
        // Brokers of 3.1.1 answer with a CONNACK of theirs, which is none of version 5.
        Err(failure) => Err(Failure {
            is_other_version: true,
            ..failure
        }),
    }
}

fn is_of_version(code: ConnectReturnCode) -> bool {
    use ConnectReturnCode as Code;
    matches!(code, Code::RefusedProtocolVersion | Code::UnsupportedProtocolVersion)
}

fn greeted(connack: &ConnAck, in_flight: u16) -> Greeting {
    let properties = connack.properties.as_ref();
    let says_no = |flag: Option<u8>| flag == Some(0);
    Greeting {
        session_present: connack.session_present,
        keep_alive: properties
            .and_then(|it| it.server_keep_alive)
            .filter(|&seconds| seconds > 0)
            .map(|seconds| Duration::from_secs(seconds.into())),
        identifiers: properties
            .and_then(|it| it.receive_max)
            .unwrap_or(in_flight)
            .min(in_flight),
        max_packet: properties.and_then(|it| it.max_packet_size),
        max_qos: match properties.and_then(|it| it.max_qos) {
            Some(0) => QoS::AtMostOnce,
            Some(1) => QoS::AtLeastOnce,
            _ => QoS::ExactlyOnce,
        },
        shared_subscriptions: !says_no(properties.and_then(|it| it.shared_subscription_available)),
        wildcards: !says_no(properties.and_then(|it| it.wildcard_subscription_available)),
    }
}

/// Takes the next packet out, if all of it is there; else makes room for the rest.
pub(super) fn read(input: &mut BytesMut, max_packet: u32) -> Result<Option<Incoming>, Failure> {
    if let Some(reason) = short_farewell(input) {
        return Ok(Some(farewell(reason)));
    }
    let packet = read_packet(input, max_packet)?;
    packet.map(arrived).transpose()
}

fn read_packet(input: &mut BytesMut, max_packet: u32) -> Result<Option<Packet>, Failure> {
    let before = input.len();
    match Packet::read(input, Some(max_packet)) {
        Ok(packet) => Ok(Some(packet)),
        Err(Malformed::InsufficientBytes(missing)) if input.len() == before => {
            reserve(input, missing);
            Ok(None)
        }
        Err(error) => Err(malformed(error)),
    }
}

/// The reason of a DISCONNECT that has no properties: rumqttc does not read it.
fn short_farewell(input: &BytesMut) -> Option<DisconnectReasonCode> {
    match **input {
        [DISCONNECT, 0, ..] => Some(DisconnectReasonCode::NormalDisconnection),
        [DISCONNECT, 1, reason, ..] => {
            Some(DisconnectReasonCode::try_from(reason).unwrap_or(DisconnectReasonCode::UnspecifiedError))
        }
        _ => None,
    }
}

fn farewell(reason: DisconnectReasonCode) -> Incoming {
    Incoming::Farewell(Failure {
        taken_over: reason == DisconnectReasonCode::SessionTakenOver,
        ..Failure::from(of_disconnect(reason))
    })
}

fn arrived(packet: Packet) -> Result<Incoming, Failure> {
    Ok(match packet {
        Packet::Publish(publish) => Incoming::Message(publish),
        Packet::PubAck(ack) => answered(
            Kind::Publish,
            ack.pkid,
            match ack.reason {
                PubAckReason::Success | PubAckReason::NoMatchingSubscribers => Ok(()),
                reason => Err(refused(&format!("{reason:?}"))),
            },
        ),
        Packet::PubRec(rec) => match rec.reason {
            PubRecReason::Success | PubRecReason::NoMatchingSubscribers => Incoming::Received(rec.pkid),
            reason => answered(Kind::Publish, rec.pkid, Err(refused(&format!("{reason:?}")))),
        },
        // Where it has forgotten the identifier, it had taken the message before.
        Packet::PubComp(comp) => answered(Kind::Publish, comp.pkid, Ok(())),
        Packet::PubRel(release) => Incoming::Released(release.pkid),
        Packet::Disconnect(disconnect) => farewell(disconnect.reason_code),
        Packet::PingResp(_) => Incoming::Nothing,
        Packet::SubAck(ack) => answered(
            Kind::Subscribe,
            ack.pkid,
            match ack.return_codes.first() {
                Some(SubscribeReasonCode::Success(_)) => Ok(()),
                Some(reason) => Err(refused(&format!("{reason:?}"))),
                None => Err(refused("no reason")),
            },
        ),
        Packet::UnsubAck(ack) => answered(
            Kind::Unsubscribe,
            ack.pkid,
            match ack.reasons.first() {
                Some(UnsubAckReason::Success | UnsubAckReason::NoSubscriptionExisted) | None => Ok(()),
                Some(reason) => Err(refused(&format!("{reason:?}"))),
            },
        ),
        _ => return Err(lost("the broker sends what only clients do").into()),
    })
}

fn answered(kind: Kind, id: u16, outcome: anymq_api::Result<()>) -> Incoming {
    Incoming::Answered(Answer { kind, id, outcome })
}

fn malformed(error: Malformed) -> Failure {
    lost(format!("no MQTT: {error}")).with_source(error).into()
}

fn of_return_code(code: ConnectReturnCode) -> anymq_api::Error {
    use ConnectReturnCode as Code;
    let kind = match code {
        Code::BadUserNamePassword | Code::NotAuthorized | Code::Banned | Code::BadAuthenticationMethod => {
            ErrorKind::Security
        }
        Code::ClientIdentifierNotValid | Code::BadClientId => ErrorKind::InvalidClientId,
        Code::RefusedProtocolVersion | Code::UnsupportedProtocolVersion => ErrorKind::Configuration,
        Code::ServerUnavailable | Code::ServiceUnavailable | Code::ServerBusy | Code::ConnectionRateExceeded => {
            return lost(format!("the broker lets nobody in: {code:?}")).with_code(format!("{code:?}"));
        }
        _ => ErrorKind::Other,
    };
    error(kind, format!("the broker does not let us in: {code:?}")).with_code(format!("{code:?}"))
}

fn of_disconnect(reason: DisconnectReasonCode) -> anymq_api::Error {
    let detail = match reason {
        DisconnectReasonCode::SessionTakenOver => "another client has come with the same client identifier".to_owned(),
        reason => format!("the broker ended the connection: {reason:?}"),
    };
    lost(detail).with_code(format!("{reason:?}"))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn understood(bytes: &[u8]) -> Result<Option<Incoming>, Failure> {
        read(&mut BytesMut::from(bytes), 1 << 20)
    }

    #[test]
    fn a_farewell_need_not_say_why() {
        for (bytes, is_taken_over) in [
            (&b"\xe0\x00"[..], false),
            (b"\xe0\x01\x8e", true),
            (b"\xe0\x02\x8e\x00", true),
            (b"\xe0\x01\x03", false),
        ] {
            let Ok(Some(Incoming::Farewell(failure))) = understood(bytes) else {
                panic!("{bytes:?}");
            };
            assert_eq!(failure.taken_over, is_taken_over, "{bytes:?}");
            assert_eq!(failure.error.kind(), ErrorKind::ConnectionLost);
        }
    }

    #[test]
    fn what_is_not_all_there_is_waited_for_and_what_lacks_something_is_refused() {
        for bytes in [&b""[..], b"\xe0", b"\xe0\x01", b"\x30\x64\x00\x01a", b"\x30\xff\xff"] {
            assert!(matches!(understood(bytes), Ok(None)), "{bytes:?}");
        }
        // CONNACK of 3.1.1, a topic that is longer than its packet, and what only clients send.
        for bytes in [&b"\x20\x02\x00\x00"[..], b"\x30\x05\x00\xffabc", b"\xc0\x00"] {
            assert!(understood(bytes).is_err(), "{bytes:?}");
        }
    }

    #[test]
    fn what_is_only_announced_takes_no_memory() {
        let mut input = BytesMut::from(&b"\x30\xff\xff\xff\x04"[..]);
        assert!(matches!(read(&mut input, u32::MAX), Ok(None)));
        assert!(input.capacity() <= 4 << 20, "{}", input.capacity());
    }
}
