use std::{net::SocketAddr, num::NonZeroUsize, sync::Arc, time::Duration};

use anymq_api::{Address, BoxError, ConnectionFactory, DestinationKind};
use async_trait::async_trait;
use tokio::sync::Mutex;

use super::{MAX_MESSAGE_SIZE, rabbitmq_holdings, spare::Spare, stomp_faults, stomp_foreign, stomp_malformed};
use crate::{
    broker::{Plugin, RabbitMq, RabbitMqOptions},
    checklist::Ability,
    fault::{BrokerFault, Faulty, Holdings, Script},
    harness::{ForeignKind, Harness, Timing, Undeclared},
    link::{Linked, Malformed, TcpProxy},
    restart::Restartable,
};

/// RabbitMQ by STOMP, a broker for each run.
#[derive(Debug)]
pub(super) struct StompRabbitMq {
    url: String,
    port: u16,
    factory: Arc<dyn ConnectionFactory>,
    broker: Mutex<Option<RabbitMq>>,
    spare: Spare<RabbitMq>,
}

pub(super) async fn start() -> Result<StompRabbitMq, BoxError> {
    let broker = RabbitMq::start(options()).await?;
    let port = port(&broker).ok_or("the broker has no port for STOMP")?;
    let url = url(port);
    Ok(StompRabbitMq {
        factory: anymq::connection_factory(&url)?,
        url,
        port,
        broker: Mutex::new(Some(broker)),
        spare: Spare::default(),
    })
}

fn options() -> RabbitMqOptions {
    RabbitMqOptions::default()
        .with_plugin(Plugin::Stomp)
        .with_max_message_size(MAX_MESSAGE_SIZE)
}

fn port(broker: &RabbitMq) -> Option<u16> {
    broker.plugin_port(Plugin::Stomp)
}

/// The broker tells nobody what it takes.
fn options_of_url() -> String {
    format!("max-message-size={MAX_MESSAGE_SIZE}")
}

fn url(port: u16) -> String {
    format!("stomp://guest:guest@127.0.0.1:{port}?{}", options_of_url())
}

/// Connections by way of a proxy.
fn linked(port: u16) -> Result<Linked, BoxError> {
    let proxy = TcpProxy::before(SocketAddr::from(([127, 0, 0, 1], port)))?;
    let factory = anymq::connection_factory(&url(proxy.address().port()))?;
    let link = Arc::new(proxy);
    Ok(Linked { factory, link })
}

#[async_trait]
impl Harness for StompRabbitMq {
    fn target(&self) -> &'static str {
        "stomp-rabbitmq"
    }

    fn factory(&self) -> Arc<dyn ConnectionFactory> {
        Arc::clone(&self.factory)
    }

    fn timing(&self) -> Timing {
        Timing::new(Duration::from_millis(700))
    }

    fn undeclared(&self) -> Option<&'static [Undeclared]> {
        Some(anymq_stomp::UNDECLARED_ON_RABBITMQ)
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
        Some(linked(self.port))
    }

    async fn with_faults(&self, script: &Arc<Script>) -> Option<Result<Faulty, BoxError>> {
        Some(stomp_faults::faulty(self.port, &options_of_url(), script))
    }

    fn has_heart_beats(&self) -> bool {
        true
    }

    fn topic_window(&self) -> u32 {
        anymq_stomp::TOPIC_WINDOW
    }

    fn broker_faults(&self) -> &'static [BrokerFault] {
        &[BrokerFault::Restart, BrokerFault::Kill]
    }

    async fn strike(&self, fault: BrokerFault) -> Result<(), BoxError> {
        let mut broker = self.broker.lock().await;
        let broker = broker.as_mut().ok_or("there is no broker any more")?;
        if fault == BrokerFault::Kill {
            broker.kill().await?;
        }
        Ok(broker.restart().await?)
    }

    fn malformed(&self) -> Malformed {
        Malformed::Known(stomp_malformed::utterances())
    }

    async fn settle(&self) -> Result<(), BoxError> {
        let broker = self.broker.lock().await;
        let broker = broker.as_ref().ok_or("there is no broker any more")?;
        broker.ctl(&["eval", "ok = mnesia:sync_log()."]).await?;
        Ok(())
    }

    async fn holdings(&self) -> Option<Result<Holdings, BoxError>> {
        let broker = self.broker.lock().await;
        Some(rabbitmq_holdings::ask(broker.as_ref()?).await)
    }

    async fn restartable(&self) -> Option<Result<Restartable, BoxError>> {
        let url = |broker: &RabbitMq| port(broker).map(url);
        Some(self.spare.lend(RabbitMq::start(options()), url).await)
    }

    fn max_message_size(&self) -> Option<NonZeroUsize> {
        Some(MAX_MESSAGE_SIZE)
    }

    fn dead_letters(&self, _destination: &Address) -> Option<Address> {
        Address::new(DestinationKind::Queue, "DLQ").ok()
    }

    fn with_bad_credentials(&self) -> Option<Arc<dyn ConnectionFactory>> {
        anymq::connection_factory(&format!("stomp://guest:wrong@127.0.0.1:{}", self.port)).ok()
    }

    fn with_configured_client_id(&self, client_id: &str) -> Option<Arc<dyn ConnectionFactory>> {
        anymq::connection_factory(&format!("{}&client-id={client_id}", self.url)).ok()
    }

    async fn send_foreign(&self, destination: &Address, kind: ForeignKind) -> Option<Result<(), BoxError>> {
        Some(stomp_foreign::send(self.port, destination, kind, &[]).await)
    }

    async fn end(&self) {
        self.spare.end().await;
        if let Some(mut broker) = self.broker.lock().await.take() {
            // Dropping it ends it too; stopping first spares it a crash recovery that nobody needs.
            let _ = broker.stop().await;
        }
    }
}
