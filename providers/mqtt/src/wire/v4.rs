//! MQTT 3.1.1, which rumqttc calls version 4, in the types of version 5.

use std::{collections::VecDeque, sync::Arc};

use anymq_api::ErrorKind;
use rumqttc::{
    AsyncClient, ConnectReturnCode, ConnectionError, Event as Happened, EventLoop, Incoming, LastWill, MqttOptions,
    NetworkOptions, StateError, SubscribeReasonCode, TlsConfiguration, Transport,
};

use super::{Answer, Carriage, Event, Failure, Greeting, Kind, Publish, QoS, Request, Setup, envelope, refusal};
use crate::error::{error, lost, refused};

/// Far more requests than are ever handed over and not taken.
const CHANNEL: usize = 1 << 20;
/// In seconds; rumqttc bounds each writing by it, too. The kernel watches over the connecting.
const NETWORK_TIMEOUT: u64 = 60;

pub(super) fn client(setup: &Setup) -> (AsyncClient, EventLoop) {
    let (client, mut event_loop) = AsyncClient::new(options(setup), CHANNEL);
    let mut network = NetworkOptions::new();
    network.set_tcp_nodelay(true);
    network.set_connection_timeout(NETWORK_TIMEOUT);
    event_loop.set_network_options(network);
    (client, event_loop)
}

fn options(setup: &Setup) -> MqttOptions {
    let mut options = MqttOptions::new(&setup.client_id, &setup.host, setup.port);
    let max_packet = usize::try_from(setup.max_packet).unwrap_or(usize::MAX);
    options
        .set_keep_alive(setup.keep_alive)
        .set_clean_session(setup.clean)
        .set_manual_acks(true)
        .set_max_packet_size(max_packet, usize::MAX)
        .set_inflight(setup.in_flight.max(1));
    if let Some(credentials) = &setup.credentials {
        options.set_credentials(credentials.username(), credentials.expose_password());
    }
    if let Some(will) = &setup.will {
        options.set_last_will(LastWill::new(
            &will.topic,
            will.payload.as_str(),
            qos(will.qos),
            will.retain,
        ));
    }
    if let Some(tls) = &setup.tls {
        let configuration = TlsConfiguration::Rustls(Arc::clone(tls));
        options.set_transport(Transport::tls_with_config(configuration));
    }
    options
}

pub(super) fn request(client: &AsyncClient, request: Request) -> bool {
    match request {
        Request::Publish(message) => {
            let message = *message;
            client
                .try_publish(message.topic, qos(message.qos), false, message.payload)
                .is_ok()
        }
        Request::Subscribe { filter, qos: wanted } => client.try_subscribe(filter, qos(wanted)).is_ok(),
        Request::Unsubscribe { filter } => client.try_unsubscribe(filter).is_ok(),
    }
}

pub(super) fn acknowledge(client: &AsyncClient, id: u16, level: QoS) -> bool {
    let mut acknowledged = rumqttc::Publish::new("", qos(level), Vec::new());
    acknowledged.pkid = id;
    client.try_ack(&acknowledged).is_ok()
}

fn qos(level: QoS) -> rumqttc::QoS {
    match level {
        QoS::AtMostOnce => rumqttc::QoS::AtMostOnce,
        QoS::AtLeastOnce => rumqttc::QoS::AtLeastOnce,
        QoS::ExactlyOnce => rumqttc::QoS::ExactlyOnce,
    }
}

pub(super) async fn connect(event_loop: &mut EventLoop, setup: &Setup) -> Result<Greeting, Failure> {
    match event_loop.poll().await {
        // Nothing else is said.
        Ok(Happened::Incoming(Incoming::ConnAck(connack))) => Ok(Greeting {
            session_present: connack.session_present,
            identifiers: setup.in_flight,
            max_packet: Some(setup.max_packet),
            max_qos: QoS::ExactlyOnce,
            shared_subscriptions: false,
            wildcards: true,
        }),
        Ok(_) => Err(Failure::from(lost("the broker does not greet"))),
        Err(error) => Err(failure(error)),
    }
}

pub(super) async fn poll(event_loop: &mut EventLoop, carriage: Carriage) -> Result<Event, Failure> {
    let happened = event_loop.poll().await.map_err(failure)?;
    Ok(event(unburdened(happened, &mut event_loop.state.events), carriage))
}

pub(super) fn leftovers(event_loop: &mut EventLoop, carriage: Carriage) -> Vec<Event> {
    let events = &mut event_loop.state.events;
    let mut all = Vec::with_capacity(events.len());
    while let Some(happened) = events.pop_front() {
        all.push(event(unburdened(happened, events), carriage));
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

fn event(happened: Happened, carriage: Carriage) -> Event {
    match happened {
        Happened::Incoming(incoming) => arrived(incoming, carriage),
        Happened::Outgoing(outgoing) => super::written(&outgoing),
    }
}

fn arrived(incoming: Incoming, carriage: Carriage) -> Event {
    match incoming {
        Incoming::Publish(publish) => Event::Message(message(publish, carriage)),
        Incoming::PubAck(ack) => answered(Kind::Publish, ack.pkid, Ok(())),
        Incoming::PubComp(comp) => answered(Kind::Publish, comp.pkid, Ok(())),
        Incoming::SubAck(ack) => {
            let outcome = match ack.return_codes.first() {
                Some(SubscribeReasonCode::Success(_)) => Ok(()),
                // There is but one reason, and mostly it is that.
                _ => Err(refused("NotAuthorized")),
            };
            answered(Kind::Subscribe, ack.pkid, outcome)
        }
        Incoming::UnsubAck(ack) => answered(Kind::Unsubscribe, ack.pkid, Ok(())),
        _ => Event::Heard,
    }
}

fn answered(kind: Kind, id: u16, outcome: anymq_api::Result<()>) -> Event {
    let leaks = false;
    Event::Answered(Answer {
        kind,
        id,
        outcome,
        leaks,
    })
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

fn failure(cause: ConnectionError) -> Failure {
    let mut is_silent = false;
    let failed = match &cause {
        ConnectionError::ConnectionRefused(code) => of_return_code(*code),
        ConnectionError::Tls(rumqttc::TlsError::Io(io)) | ConnectionError::Io(io) => {
            refusal::of_io(io).unwrap_or_else(|| lost(cause.to_string()))
        }
        ConnectionError::Tls(_) => error(ErrorKind::Security, cause.to_string()),
        ConnectionError::MqttState(StateError::Deserialization(rumqttc::mqttbytes::Error::Io(io))) => {
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
        taken_over: false,
        is_silent,
        is_other_version: false,
    }
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
