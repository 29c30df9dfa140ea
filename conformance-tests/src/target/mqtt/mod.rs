//! The targets that speak MQTT.

mod broker;
mod foreign;
mod kind;
mod malformed;

use std::{net::SocketAddr, num::NonZeroUsize, sync::Arc, time::Duration};

use anymq_api::{
    Address, BoxError, ConnectionFactory,
    spi::{BrokerUrl, Provider as _, ProviderSetup},
};
use anymq_mqtt::MqttProvider;
use async_trait::async_trait;
use tokio::sync::Mutex;

use self::broker::Broker;
pub(super) use self::kind::Kind;
use super::{MAX_MESSAGE_SIZE, spare::Spare};
use crate::{
    broker::{ActiveMq, Mosquitto, RabbitMq},
    checklist::Ability,
    fault::{BrokerFault, FaultProxy, Faulty, Holdings, Script, protocol::Mqtt},
    harness::{ForeignKind, Harness, Timing, Undeclared},
    link::{Linked, Malformed, TcpProxy},
    mqtt::Version,
    restart::Restartable,
};

/// A broker by one kind of MQTT, a broker for each run.
#[derive(Debug)]
struct MqttTarget<B> {
    name: &'static str,
    kind: Kind,
    url: String,
    port: u16,
    factory: Arc<dyn ConnectionFactory>,
    broker: Mutex<Option<B>>,
    spare: Spare<B>,
}

pub(super) async fn mosquitto(name: &'static str, kind: Kind) -> Result<Arc<dyn Harness>, BoxError> {
    start::<Mosquitto>(name, kind).await
}

pub(super) async fn rabbitmq(name: &'static str) -> Result<Arc<dyn Harness>, BoxError> {
    start::<RabbitMq>(name, Kind::Three).await
}

pub(super) async fn activemq(name: &'static str) -> Result<Arc<dyn Harness>, BoxError> {
    start::<ActiveMq>(name, Kind::Three).await
}

async fn start<B: Broker>(name: &'static str, kind: Kind) -> Result<Arc<dyn Harness>, BoxError> {
    let broker = B::start().await?;
    let port = broker.mqtt_port().ok_or("the broker has no port for MQTT")?;
    let url = url(port, kind);
    Ok(Arc::new(MqttTarget {
        name,
        kind,
        factory: anymq::connection_factory(&url)?,
        url,
        port,
        broker: Mutex::new(Some(broker)),
        spare: Spare::default(),
    }))
}

fn url(port: u16, kind: Kind) -> String {
    let options = kind.options(MAX_MESSAGE_SIZE.get());
    format!("mqtt://guest:guest@127.0.0.1:{port}?{options}")
}

fn address(port: u16) -> SocketAddr {
    SocketAddr::from(([127, 0, 0, 1], port))
}

/// Connections by way of a proxy.
fn linked(port: u16, kind: Kind) -> Result<Linked, BoxError> {
    let proxy = TcpProxy::before(address(port))?;
    let factory = anymq::connection_factory(&url(proxy.address().port(), kind))?;
    let link = Arc::new(proxy);
    Ok(Linked { factory, link })
}

/// Connections by way of a proxy, with the closest keep-alive that there is.
fn faulty(port: u16, kind: Kind, script: &Arc<Script>) -> Result<Faulty, BoxError> {
    let proxy = FaultProxy::before(address(port), Arc::new(Mqtt), Arc::clone(script))?;
    let url = url(proxy.address().port(), kind) + "&keep-alive=5s";
    let ProviderSetup { driver, options, .. } = MqttProvider.setup(&BrokerUrl::parse(&url)?)?;
    Ok(Faulty {
        driver,
        others: Vec::new(),
        options,
        carrier: Some(Arc::new(proxy)),
    })
}

#[async_trait]
impl<B: Broker> Harness for MqttTarget<B> {
    fn target(&self) -> &'static str {
        self.name
    }

    fn factory(&self) -> Arc<dyn ConnectionFactory> {
        Arc::clone(&self.factory)
    }

    fn timing(&self) -> Timing {
        Timing::new(Duration::from_millis(500))
    }

    fn undeclared(&self) -> Option<&'static [Undeclared]> {
        Some(self.kind.undeclared())
    }

    fn abilities(&self) -> &'static [Ability] {
        &[
            Ability::AdminClientId,
            Ability::BadCredentials,
            Ability::KillLink,
            Ability::Limits,
            Ability::RestartBroker,
        ]
    }

    async fn with_link(&self) -> Option<Result<Linked, BoxError>> {
        Some(linked(self.port, self.kind))
    }

    async fn with_faults(&self, script: &Arc<Script>) -> Option<Result<Faulty, BoxError>> {
        Some(faulty(self.port, self.kind, script))
    }

    fn has_heart_beats(&self) -> bool {
        true
    }

    fn topic_window(&self) -> u32 {
        self.kind.window().into()
    }

    fn tells_of_subscriptions(&self) -> bool {
        B::TELLS_OF_SESSIONS
    }

    fn name_at_broker(&self, name: &str) -> String {
        B::name_of(name)
    }

    fn broker_faults(&self) -> &'static [BrokerFault] {
        B::FAULTS
    }

    async fn strike(&self, fault: BrokerFault) -> Result<(), BoxError> {
        let mut broker = self.broker.lock().await;
        let broker = broker.as_mut().ok_or("there is no broker any more")?;
        match fault {
            BrokerFault::Kill => broker.kill().await?,
            _ => broker.stop().await?,
        }
        Ok(broker.start_again().await?)
    }

    async fn settle(&self) -> Result<(), BoxError> {
        let broker = self.broker.lock().await;
        broker.as_ref().ok_or("there is no broker any more")?.settle().await
    }

    async fn holdings(&self) -> Option<Result<Holdings, BoxError>> {
        self.broker.lock().await.as_ref()?.holdings().await
    }

    fn malformed(&self) -> Malformed {
        Malformed::Known(malformed::utterances(self.kind))
    }

    async fn restartable(&self) -> Option<Result<Restartable, BoxError>> {
        let url = |broker: &B| broker.mqtt_port().map(|port| url(port, self.kind));
        Some(self.spare.lend(B::start_careful(), url).await)
    }

    fn max_message_size(&self) -> Option<NonZeroUsize> {
        Some(MAX_MESSAGE_SIZE)
    }

    fn with_bad_credentials(&self) -> Option<Arc<dyn ConnectionFactory>> {
        anymq::connection_factory(&format!("mqtt://guest:wrong@127.0.0.1:{}", self.port)).ok()
    }

    fn with_configured_client_id(&self, client_id: &str) -> Option<Arc<dyn ConnectionFactory>> {
        anymq::connection_factory(&format!("{}&client-id={client_id}", self.url)).ok()
    }

    fn has_content_types(&self) -> bool {
        self.kind.version() == Version::Five
    }

    async fn send_foreign(&self, destination: &Address, kind: ForeignKind) -> Option<Result<(), BoxError>> {
        Some(foreign::send(self.port, self.kind.version(), destination, kind).await)
    }

    async fn end(&self) {
        self.spare.end().await;
        if let Some(mut broker) = self.broker.lock().await.take() {
            // Dropping it ends it too; stopping first lets it write down what it has.
            let _ = broker.stop().await;
        }
    }
}
