use std::{net::SocketAddr, num::NonZeroUsize, sync::Arc, time::Duration};

use anymq_api::{
    Address, BoxError, ConnectionFactory,
    spi::{BrokerUrl, Provider as _, ProviderSetup},
};
use anymq_mqtt::MqttProvider;
use async_trait::async_trait;
use tokio::sync::Mutex;

use super::{MAX_MESSAGE_SIZE, mqtt_foreign, mqtt_malformed, mqtt_version::MqttVersion, spare::Spare};
use crate::{
    broker::{Mosquitto, MosquittoOptions},
    checklist::Ability,
    fault::{BrokerFault, FaultProxy, Faulty, Script, protocol::Mqtt},
    harness::{ForeignKind, Harness, Timing, Undeclared},
    link::{Linked, Malformed, TcpProxy},
    restart::Restartable,
};

/// Mosquitto by one version of MQTT, a broker for each run.
#[derive(Debug)]
pub(super) struct MqttMosquitto {
    version: MqttVersion,
    url: String,
    port: u16,
    factory: Arc<dyn ConnectionFactory>,
    broker: Mutex<Option<Mosquitto>>,
    spare: Spare<Mosquitto>,
}

pub(super) async fn start(version: MqttVersion) -> Result<MqttMosquitto, BoxError> {
    let broker = Mosquitto::start(options()).await?;
    let url = with_options(&broker.mqtt_url(), version);
    Ok(MqttMosquitto {
        version,
        factory: anymq::connection_factory(&url)?,
        url,
        port: broker.port(),
        broker: Mutex::new(Some(broker)),
        spare: Spare::default(),
    })
}

fn with_options(url: &str, version: MqttVersion) -> String {
    format!("{url}?{}", version.options(MAX_MESSAGE_SIZE.get()))
}

fn options() -> MosquittoOptions {
    MosquittoOptions::default().with_max_packet_size(MAX_MESSAGE_SIZE)
}

fn broker(port: u16) -> SocketAddr {
    SocketAddr::from(([127, 0, 0, 1], port))
}

/// Connections by way of a proxy.
fn linked(port: u16, version: MqttVersion) -> Result<Linked, BoxError> {
    let proxy = TcpProxy::before(broker(port))?;
    let factory = anymq::connection_factory(&with_options(
        &format!("mqtt://guest:guest@{}", proxy.address()),
        version,
    ))?;
    let link = Arc::new(proxy);
    Ok(Linked { factory, link })
}

/// Connections by way of a proxy, with the closest keep-alive that there is.
fn faulty(port: u16, version: MqttVersion, script: &Arc<Script>) -> Result<Faulty, BoxError> {
    let proxy = FaultProxy::before(broker(port), Arc::new(Mqtt), Arc::clone(script))?;
    let url = with_options(&format!("mqtt://guest:guest@{}", proxy.address()), version) + "&keep-alive=5s";
    let ProviderSetup { driver, options, .. } = MqttProvider.setup(&BrokerUrl::parse(&url)?)?;
    Ok(Faulty {
        driver,
        others: Vec::new(),
        options,
        carrier: Some(Arc::new(proxy)),
    })
}

#[async_trait]
impl Harness for MqttMosquitto {
    fn target(&self) -> &'static str {
        self.version.target()
    }

    fn factory(&self) -> Arc<dyn ConnectionFactory> {
        Arc::clone(&self.factory)
    }

    fn timing(&self) -> Timing {
        Timing::new(Duration::from_millis(500))
    }

    fn undeclared(&self) -> Option<&'static [Undeclared]> {
        Some(self.version.undeclared())
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
        Some(linked(self.port, self.version))
    }

    async fn with_faults(&self, script: &Arc<Script>) -> Option<Result<Faulty, BoxError>> {
        Some(faulty(self.port, self.version, script))
    }

    fn has_heart_beats(&self) -> bool {
        true
    }

    /// MQTT fixes it when a session is opened: this is as much as it can be.
    fn topic_window(&self) -> u32 {
        u16::MAX.into()
    }

    fn broker_faults(&self) -> &'static [BrokerFault] {
        &[BrokerFault::Restart]
    }

    async fn strike(&self, _fault: BrokerFault) -> Result<(), BoxError> {
        let mut broker = self.broker.lock().await;
        let broker = broker.as_mut().ok_or("there is no broker any more")?;
        Ok(broker.restart().await?)
    }

    fn malformed(&self) -> Malformed {
        Malformed::Known(mqtt_malformed::utterances(self.version))
    }

    async fn restartable(&self) -> Option<Result<Restartable, BoxError>> {
        let options = options().with_each_change_written();
        let url = |broker: &Mosquitto| Some(with_options(&broker.mqtt_url(), self.version));
        Some(self.spare.lend(Mosquitto::start(options), url).await)
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
        self.version == MqttVersion::Five
    }

    async fn send_foreign(&self, destination: &Address, kind: ForeignKind) -> Option<Result<(), BoxError>> {
        Some(mqtt_foreign::send(self.port, destination, kind).await)
    }

    async fn end(&self) {
        self.spare.end().await;
        if let Some(mut broker) = self.broker.lock().await.take() {
            // Dropping it ends it too; stopping first lets it write down what it has.
            let _ = broker.stop().await;
        }
    }
}
