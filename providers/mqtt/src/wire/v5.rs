//! MQTT 5.

use std::{collections::VecDeque, sync::Arc};

use anymq_api::ErrorKind;
use rumqttc::{
    NetworkOptions, TlsConfiguration, Transport,
    v5::{
        AsyncClient, ConnectionError, Event as Happened, EventLoop, Incoming, MqttOptions, StateError,
        mqttbytes::{
            QoS,
            v5::{
                ConnAck, ConnectProperties, ConnectReturnCode, DisconnectReasonCode, Filter, LastWill,
                LastWillProperties, PubAckReason, PubRecReason, Publish, RetainForwardRule, SubscribeReasonCode,
                UnsubAckReason,
            },
        },
    },
};

use super::{Answer, Event, Failure, Greeting, Kind, Request, Setup, Will, refusal};
use crate::error::{error, lost, refused};

/// Far more requests than are ever handed over and not taken.
const CHANNEL: usize = 1 << 20;
/// In seconds; the kernel watches over the connecting.
const CONNECT_TIMEOUT: u64 = 3600;

pub(super) fn client(setup: &Setup) -> (AsyncClient, EventLoop) {
    AsyncClient::new(options(setup), CHANNEL)
}

fn options(setup: &Setup) -> MqttOptions {
    let mut options = MqttOptions::new(&setup.client_id, &setup.host, setup.port);
    let mut network = NetworkOptions::new();
    network.set_tcp_nodelay(true);
    let mut properties = ConnectProperties::new();
    properties.session_expiry_interval = Some(setup.session_expiry);
    properties.receive_maximum = Some(setup.receive_maximum);
    properties.max_packet_size = Some(setup.max_packet);
    options
        .set_network_options(network)
        .set_keep_alive(setup.keep_alive)
        .set_clean_start(setup.clean)
        .set_manual_acks(true)
        .set_connection_timeout(CONNECT_TIMEOUT)
        .set_outgoing_inflight_upper_limit(setup.in_flight)
        .set_connect_properties(properties);
    if let Some(credentials) = &setup.credentials {
        options.set_credentials(credentials.username(), credentials.expose_password());
    }
    if let Some(will) = &setup.will {
        options.set_last_will(last_will(will));
    }
    if let Some(tls) = &setup.tls {
        let configuration = TlsConfiguration::Rustls(Arc::clone(tls));
        options.set_transport(Transport::tls_with_config(configuration));
    }
    options
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

pub(super) fn request(client: &AsyncClient, request: Request) -> bool {
    match request {
        Request::Publish(message) => {
            let message = *message;
            client
                .try_publish_with_properties(message.topic, message.qos, false, message.payload, message.properties)
                .is_ok()
        }
        Request::Subscribe { filter, qos } => {
            let mut filter = Filter::new(filter, qos);
            filter.retain_forward_rule = RetainForwardRule::Never;
            client.try_subscribe_many([filter]).is_ok()
        }
        Request::Unsubscribe { filter } => client.try_unsubscribe(filter).is_ok(),
    }
}

pub(super) fn acknowledge(client: &AsyncClient, id: u16, qos: QoS) -> bool {
    let acknowledged = Publish {
        pkid: id,
        qos,
        ..Publish::default()
    };
    client.try_ack(&acknowledged).is_ok()
}

pub(super) async fn connect(event_loop: &mut EventLoop, in_flight: u16) -> Result<Greeting, Failure> {
    match event_loop.poll().await {
        Ok(Happened::Incoming(Incoming::ConnAck(connack))) => Ok(greeting(&connack, in_flight)),
        Ok(_) => Err(Failure::from(lost("the broker does not greet"))),
        Err(error) => {
            let is_other_version = tells_of_another_version(&error);
            let failed = failure(error);
            Err(Failure {
                is_other_version: is_other_version || failed.is_silent,
                ..failed
            })
        }
    }
}

/// Brokers of 3.1.1 answer a client of version 5 with a CONNACK of theirs, which is none of version 5, or hang up.
fn tells_of_another_version(cause: &ConnectionError) -> bool {
    use ConnectReturnCode as Code;
    match cause {
        ConnectionError::ConnectionRefused(code) => {
            matches!(code, Code::RefusedProtocolVersion | Code::UnsupportedProtocolVersion)
        }
        ConnectionError::MqttState(StateError::Deserialization(_)) => true,
        _ => false,
    }
}

fn greeting(connack: &ConnAck, in_flight: u16) -> Greeting {
    let properties = connack.properties.as_ref();
    let says_no = |flag: Option<u8>| flag == Some(0);
    Greeting {
        session_present: connack.session_present,
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

pub(super) async fn poll(event_loop: &mut EventLoop) -> Result<Event, Failure> {
    let happened = event_loop.poll().await.map_err(failure)?;
    Ok(event(unburdened(happened, &mut event_loop.state.events)))
}

pub(super) fn leftovers(event_loop: &mut EventLoop) -> Vec<Event> {
    let events = &mut event_loop.state.events;
    let mut all = Vec::with_capacity(events.len());
    while let Some(happened) = events.pop_front() {
        all.push(event(unburdened(happened, events)));
    }
    all
}

fn unburdened(mut happened: Happened, events: &mut VecDeque<Happened>) -> Happened {
    if let Happened::Incoming(Incoming::Publish(publish)) = &mut happened
        && let Some(Happened::Outgoing(next)) = events.front()
        && super::acknowledges(next, publish.pkid)
    {
        publish.pkid = 0;
        events.pop_front();
    }
    happened
}

fn event(happened: Happened) -> Event {
    match happened {
        Happened::Incoming(incoming) => arrived(incoming),
        Happened::Outgoing(outgoing) => super::written(&outgoing),
    }
}

fn arrived(incoming: Incoming) -> Event {
    match incoming {
        Incoming::Publish(publish) => Event::Message(publish),
        Incoming::PubAck(ack) => answered(
            Kind::Publish,
            ack.pkid,
            match ack.reason {
                PubAckReason::Success | PubAckReason::NoMatchingSubscribers => Ok(()),
                reason => Err(refused(&format!("{reason:?}"))),
            },
        ),
        Incoming::PubRec(rec) => match rec.reason {
            PubRecReason::Success | PubRecReason::NoMatchingSubscribers => Event::Heard,
            reason => leaking(rec.pkid, Err(refused(&format!("{reason:?}")))),
        },
        Incoming::PubComp(comp) if comp.reason == rumqttc::v5::mqttbytes::v5::PubCompReason::Success => {
            answered(Kind::Publish, comp.pkid, Ok(()))
        }
        // The broker has forgotten an identifier after it had taken the message.
        Incoming::PubComp(comp) => leaking(comp.pkid, Ok(())),
        Incoming::SubAck(ack) => answered(
            Kind::Subscribe,
            ack.pkid,
            match ack.return_codes.first() {
                Some(SubscribeReasonCode::Success(_)) => Ok(()),
                Some(reason) => Err(refused(&format!("{reason:?}"))),
                None => Err(refused("no reason")),
            },
        ),
        Incoming::UnsubAck(ack) => answered(
            Kind::Unsubscribe,
            ack.pkid,
            match ack.reasons.first() {
                Some(UnsubAckReason::Success | UnsubAckReason::NoSubscriptionExisted) | None => Ok(()),
                Some(reason) => Err(refused(&format!("{reason:?}"))),
            },
        ),
        _ => Event::Heard,
    }
}

fn answered(kind: Kind, id: u16, outcome: anymq_api::Result<()>) -> Event {
    Event::Answered(Answer {
        kind,
        id,
        outcome,
        leaks: false,
    })
}

fn leaking(id: u16, outcome: anymq_api::Result<()>) -> Event {
    Event::Answered(Answer {
        kind: Kind::Publish,
        id,
        outcome,
        leaks: true,
    })
}

fn failure(cause: ConnectionError) -> Failure {
    let mut taken_over = false;
    let mut is_silent = false;
    let failed = match &cause {
        ConnectionError::ConnectionRefused(code) => of_return_code(*code),
        ConnectionError::Tls(rumqttc::v5::TlsError::Io(io)) | ConnectionError::Io(io) => {
            refusal::of_io(io).unwrap_or_else(|| lost(cause.to_string()))
        }
        ConnectionError::Tls(_) => error(ErrorKind::Security, cause.to_string()),
        ConnectionError::MqttState(StateError::ServerDisconnect { reason_code, .. }) => {
            taken_over = *reason_code == DisconnectReasonCode::SessionTakenOver;
            of_disconnect(*reason_code)
        }
        ConnectionError::MqttState(StateError::Deserialization(rumqttc::v5::mqttbytes::Error::Io(io))) => {
            is_silent = true;
            refusal::of_io(io).unwrap_or_else(|| lost(cause.to_string()))
        }
        ConnectionError::MqttState(StateError::ConnectionAborted) => {
            is_silent = true;
            lost("the broker closed the connection")
        }
        ConnectionError::MqttState(StateError::AwaitPingResp) => lost("the broker is silent"),
        _ => lost(cause.to_string()),
    };
    Failure {
        error: failed.with_source(cause),
        taken_over,
        is_silent,
        is_other_version: false,
    }
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
