use std::{
    net::SocketAddr,
    num::NonZeroUsize,
    sync::{Arc, Weak},
    time::Duration,
};

use anymq_api::{Address, BoxError, ConnectionFactory, DestinationKind};
use async_trait::async_trait;
use tokio::sync::Mutex;

use super::{
    MAX_MESSAGE_SIZE, amqp_cluster, amqp_faults::Proxies, amqp_foreign, amqp_malformed, rabbitmq_holdings, spare::Spare,
};
use crate::{
    broker::{RabbitMq, RabbitMqCluster, RabbitMqOptions},
    checklist::Ability,
    fault::{BrokerFault, Faulty, Holdings, Script},
    harness::{ForeignKind, Harness, Timing, Undeclared},
    link::{Linked, Malformed, TcpProxy},
    restart::Restartable,
};

/// RabbitMQ by AMQP 0-9-1, a broker for each run.
#[derive(Debug)]
pub(super) struct AmqpRabbitMq {
    target: &'static str,
    /// Of its URLs.
    options: &'static str,
    url: String,
    port: u16,
    /// For links that are cut; in a cluster another node's.
    linked_port: u16,
    /// For links with faults: those of all nodes.
    ports: Vec<u16>,
    /// Before them, as long as there are any.
    proxies: parking_lot::Mutex<Weak<Proxies>>,
    /// For clients of other makes; in a cluster another node's.
    foreign_url: String,
    factory: Arc<dyn ConnectionFactory>,
    broker: Mutex<Option<Broker>>,
    spare: Spare<RabbitMqCluster>,
    /// How many nodes it has.
    nodes: usize,
}

/// What is so anyway.
const PLAIN: &str = "queue-kind=classic";
/// What makes queues quorum queues.
const QUORUM: &str = "queue-kind=quorum";

#[derive(Debug)]
enum Broker {
    Node(Box<RabbitMq>),
    Cluster(RabbitMqCluster),
}

impl Broker {
    fn each(&self) -> &[RabbitMq] {
        match self {
            Self::Node(node) => std::slice::from_ref(node),
            Self::Cluster(cluster) => cluster.nodes(),
        }
    }
}

/// One node.
pub(super) async fn start() -> Result<AmqpRabbitMq, BoxError> {
    let node = RabbitMq::start(options()).await?;
    let nodes = [&node; 3];
    let harness = AmqpRabbitMq::new("amqp-rabbitmq", nodes, PLAIN)?;
    Ok(harness.with_broker(Broker::Node(Box::new(node))))
}

/// One node, with quorum queues.
pub(super) async fn start_quorum() -> Result<AmqpRabbitMq, BoxError> {
    let node = RabbitMq::start(options()).await?;
    let harness = AmqpRabbitMq::new("amqp-rabbitmq-quorum", [&node; 3], QUORUM)?;
    Ok(harness.with_broker(Broker::Node(Box::new(node))))
}

/// Three nodes; foreign clients and links that are cut are at others than the rest.
pub(super) async fn start_cluster() -> Result<AmqpRabbitMq, BoxError> {
    let cluster = RabbitMqCluster::start(3, options()).await?;
    let [first, second, third] = cluster.nodes() else {
        return Err("a cluster of three has other nodes than three".into());
    };
    amqp_cluster::spread(&cluster).await?;
    let harness = AmqpRabbitMq::new("amqp-rabbitmq-cluster", [first, second, third], PLAIN)?;
    Ok(harness.with_broker(Broker::Cluster(cluster)))
}

fn options() -> RabbitMqOptions {
    RabbitMqOptions::default().with_max_message_size(MAX_MESSAGE_SIZE)
}

impl AmqpRabbitMq {
    fn new(
        target: &'static str,
        [node, foreign, linked]: [&RabbitMq; 3],
        options: &'static str,
    ) -> Result<Self, BoxError> {
        let url = format!("{}?{options}", node.amqp_url());
        Ok(Self {
            target,
            options,
            factory: anymq::connection_factory(&url)?,
            url,
            port: node.port(),
            linked_port: linked.port(),
            ports: vec![linked.port()],
            proxies: parking_lot::Mutex::default(),
            foreign_url: foreign.amqp_url(),
            broker: Mutex::new(None),
            spare: Spare::default(),
            nodes: 1,
        })
    }

    fn with_broker(self, broker: Broker) -> Self {
        Self {
            nodes: broker.each().len(),
            ports: broker.each().iter().map(RabbitMq::port).collect(),
            broker: Mutex::new(Some(broker)),
            ..self
        }
    }
}

/// Connections by way of a proxy.
fn linked(port: u16, options: &str) -> Result<Linked, BoxError> {
    let proxy = TcpProxy::before(SocketAddr::from(([127, 0, 0, 1], port)))?;
    let factory = anymq::connection_factory(&format!("amqp://guest:guest@{}/%2f?{options}", proxy.address()))?;
    let link = Arc::new(proxy);
    Ok(Linked { factory, link })
}

/// How long publishers are blocked, and what the broker has by default.
const ALARM: Duration = Duration::from_secs(2);
const WATERMARK: &str = "0.4";

async fn memory_alarm(broker: &Broker) -> Result<(), BoxError> {
    let node = broker.node().ok_or("the cluster has no nodes")?;
    node.ctl(&["set_vm_memory_high_watermark", "0.00001"]).await?;
    tokio::time::sleep(ALARM).await;
    node.ctl(&["set_vm_memory_high_watermark", WATERMARK]).await?;
    Ok(())
}

impl Broker {
    fn node(&self) -> Option<&RabbitMq> {
        self.each().first()
    }
}

#[async_trait]
impl Harness for AmqpRabbitMq {
    fn target(&self) -> &'static str {
        self.target
    }

    fn factory(&self) -> Arc<dyn ConnectionFactory> {
        Arc::clone(&self.factory)
    }

    fn timing(&self) -> Timing {
        let mut timing = Timing::new(Duration::from_millis(700));
        if self.ports.len() > 1 {
            // Every declaration is agreed on by all nodes, which share one machine here.
            timing.wait *= 3;
        }
        timing
    }

    fn undeclared(&self) -> Option<&'static [Undeclared]> {
        Some(match self.options {
            QUORUM => &anymq_amqp::UNDECLARED_OF_QUORUM_QUEUES,
            _ => anymq_amqp::UNDECLARED,
        })
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
        Some(linked(self.linked_port, self.options))
    }

    async fn with_faults(&self, script: &Arc<Script>) -> Option<Result<Faulty, BoxError>> {
        // What is on one node alone does not outlive it.
        let options = if self.ports.len() > 1 { QUORUM } else { self.options };
        let proxies = match Proxies::before(&self.ports, script) {
            Ok(proxies) => Arc::new(proxies),
            Err(error) => return Some(Err(error)),
        };
        *self.proxies.lock() = Arc::downgrade(&proxies);
        Some(proxies.faulty(options))
    }

    fn has_heart_beats(&self) -> bool {
        true
    }

    fn broker_faults(&self) -> &'static [BrokerFault] {
        if self.ports.len() > 1 {
            &BrokerFault::OF_CLUSTER
        } else {
            &BrokerFault::OF_NODE
        }
    }

    async fn settle(&self) -> Result<(), BoxError> {
        let broker = self.broker.lock().await;
        let broker = broker.as_ref().ok_or("there is no broker any more")?;
        for node in broker.each() {
            node.ctl(&["eval", "ok = mnesia:sync_log()."]).await?;
        }
        Ok(())
    }

    async fn strike(&self, fault: BrokerFault) -> Result<(), BoxError> {
        let busiest = self.proxies.lock().upgrade().and_then(|proxies| proxies.busiest());
        let mut broker = self.broker.lock().await;
        let broker = broker.as_mut().ok_or("there is no broker any more")?;
        match (fault, broker) {
            (BrokerFault::MemoryAlarm, broker) => memory_alarm(broker).await,
            (BrokerFault::DeleteQueue, _) => Err("nobody said which queue".into()),
            (_, Broker::Cluster(cluster)) => amqp_cluster::strike(cluster, fault, busiest).await,
            (_, Broker::Node(node)) => {
                if fault == BrokerFault::Kill {
                    node.kill().await?;
                }
                Ok(node.restart().await?)
            }
        }
    }

    async fn delete_queue(&self, queue: &Address) -> Result<(), BoxError> {
        let broker = self.broker.lock().await;
        let node = broker
            .as_ref()
            .and_then(Broker::node)
            .ok_or("there is no broker any more")?;
        node.ctl(&["delete_queue", queue.name()]).await?;
        Ok(())
    }

    async fn holdings(&self) -> Option<Result<Holdings, BoxError>> {
        let broker = self.broker.lock().await;
        let node = broker.as_ref().and_then(Broker::node)?;
        Some(rabbitmq_holdings::ask(node).await)
    }

    async fn restartable(&self) -> Option<Result<Restartable, BoxError>> {
        let url = |cluster: &RabbitMqCluster| Some(format!("{}?{}", cluster.nodes().first()?.amqp_url(), self.options));
        Some(
            self.spare
                .lend(RabbitMqCluster::start(self.nodes, options()), url)
                .await,
        )
    }

    fn malformed(&self) -> Malformed {
        Malformed::Known(amqp_malformed::utterances())
    }

    fn max_message_size(&self) -> Option<NonZeroUsize> {
        Some(MAX_MESSAGE_SIZE)
    }

    fn dead_letters(&self, _destination: &Address) -> Option<Address> {
        Address::new(DestinationKind::Queue, "DLQ").ok()
    }

    fn with_bad_credentials(&self) -> Option<Arc<dyn ConnectionFactory>> {
        let (port, options) = (self.port, self.options);
        anymq::connection_factory(&format!("amqp://guest:wrong@127.0.0.1:{port}/%2f?{options}")).ok()
    }

    fn with_configured_client_id(&self, client_id: &str) -> Option<Arc<dyn ConnectionFactory>> {
        anymq::connection_factory(&format!("{}&client-id={client_id}", self.url)).ok()
    }

    async fn send_foreign(&self, destination: &Address, kind: ForeignKind) -> Option<Result<(), BoxError>> {
        Some(amqp_foreign::send(&self.foreign_url, destination, kind).await)
    }

    async fn end(&self) {
        self.spare.end().await;
        // Dropping it ends it too; stopping first spares it a crash recovery that nobody needs.
        let _ = match self.broker.lock().await.take() {
            Some(Broker::Node(mut node)) => node.stop().await,
            Some(Broker::Cluster(mut cluster)) => cluster.stop().await,
            None => Ok(()),
        };
    }
}
