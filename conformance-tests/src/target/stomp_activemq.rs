use std::{net::SocketAddr, num::NonZeroUsize, sync::Arc, time::Duration};

use anymq_api::{Address, BoxError, ConnectionFactory, DestinationKind};
use async_trait::async_trait;
use tokio::sync::Mutex;

use super::{MAX_MESSAGE_SIZE, spare::Spare, stomp_faults, stomp_foreign, stomp_malformed, stomp_selectors};
use crate::{
    broker::{ActiveMq, ActiveMqDestination, ActiveMqHoldings, ActiveMqOptions},
    checklist::Ability,
    fault::{BrokerFault, Faulty, Holdings, Script},
    harness::{ForeignKind, Harness, Timing, Undeclared},
    link::{Linked, Malformed, TcpProxy},
    restart::Restartable,
};

/// ActiveMQ by STOMP, a broker for each run.
#[derive(Debug)]
pub(super) struct StompActiveMq {
    url: String,
    port: u16,
    factory: Arc<dyn ConnectionFactory>,
    broker: Mutex<Option<ActiveMq>>,
    spare: Spare<ActiveMq>,
}

/// What it takes for fields of its own: the first two end the connection without a word where they are no numbers, the last
/// is its count of deliveries.
const NOT_TAKEN: [&str; 3] = ["JMSXGroupSeq", "JMSDeliveryMode", "JMSXDeliveryCount"];

pub(super) async fn start() -> Result<StompActiveMq, BoxError> {
    let broker = ActiveMq::start(options()).await?;
    let url = with_options(&broker.stomp_url());
    Ok(StompActiveMq {
        factory: anymq::connection_factory(&url)?,
        url,
        port: broker.port(),
        broker: Mutex::new(Some(broker)),
        spare: Spare::default(),
    })
}

/// The broker tells nobody what it takes.
fn options_of_url() -> String {
    format!("max-message-size={MAX_MESSAGE_SIZE}")
}

fn with_options(url: &str) -> String {
    format!("{url}?{}", options_of_url())
}

fn options() -> ActiveMqOptions {
    ActiveMqOptions::default().with_max_message_size(MAX_MESSAGE_SIZE)
}

/// Connections by way of a proxy.
fn linked(port: u16) -> Result<Linked, BoxError> {
    let proxy = TcpProxy::before(SocketAddr::from(([127, 0, 0, 1], port)))?;
    let factory = anymq::connection_factory(&with_options(&format!("stomp://guest:guest@{}", proxy.address())))?;
    let link = Arc::new(proxy);
    Ok(Linked { factory, link })
}

/// What clients hold there, whatever protocol they speak.
pub(super) async fn holdings_of(broker: &ActiveMq) -> Result<Holdings, BoxError> {
    Ok(holdings(&broker.holdings().await?))
}

fn holdings(held: &ActiveMqHoldings) -> Holdings {
    let is_temporary = |it: &&ActiveMqDestination| it.name.starts_with("temp-");
    let messages: u64 = held.destinations.iter().map(|it| it.messages).sum();
    Holdings {
        connections: held.connections,
        // The broker has none for STOMP.
        sessions: 0,
        consumers: held.consumers,
        temporary: held.destinations.iter().filter(is_temporary).count(),
        subscriptions: held.subscriptions,
        messages: usize::try_from(messages).unwrap_or(usize::MAX),
    }
}

#[async_trait]
impl Harness for StompActiveMq {
    fn target(&self) -> &'static str {
        "stomp-activemq"
    }

    fn factory(&self) -> Arc<dyn ConnectionFactory> {
        Arc::clone(&self.factory)
    }

    fn timing(&self) -> Timing {
        Timing::new(Duration::from_millis(700))
    }

    fn undeclared(&self) -> Option<&'static [Undeclared]> {
        Some(anymq_stomp::UNDECLARED_ON_ACTIVEMQ)
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

    /// A consumer that holds more than its prefetch is several at the broker, and they lose what they have one by one.
    fn keeps_order_over_outages(&self) -> bool {
        false
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

    async fn holdings(&self) -> Option<Result<Holdings, BoxError>> {
        let broker = self.broker.lock().await;
        Some(holdings_of(broker.as_ref()?).await)
    }

    async fn restartable(&self) -> Option<Result<Restartable, BoxError>> {
        Some(
            self.spare
                .lend(ActiveMq::start(options()), |broker| {
                    Some(with_options(&broker.stomp_url()))
                })
                .await,
        )
    }

    fn max_message_size(&self) -> Option<NonZeroUsize> {
        Some(MAX_MESSAGE_SIZE)
    }

    fn lacks_selector(&self, selector: &str) -> bool {
        stomp_selectors::is_lacking(selector)
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
        Some(stomp_foreign::send(self.port, destination, kind, &NOT_TAKEN).await)
    }

    async fn end(&self) {
        self.spare.end().await;
        if let Some(mut broker) = self.broker.lock().await.take() {
            // Dropping it ends it too; stopping first lets it write down what it has.
            let _ = broker.stop().await;
        }
    }
}
