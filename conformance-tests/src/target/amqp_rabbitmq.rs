use std::{net::SocketAddr, num::NonZeroUsize, sync::Arc, time::Duration};

use anymq_api::{Address, BoxError, ConnectionFactory, DestinationKind};
use async_trait::async_trait;
use tokio::sync::Mutex;

use super::{MAX_MESSAGE_SIZE, amqp_foreign, amqp_malformed, amqp_spare::Spare};
use crate::{
    broker::{RabbitMq, RabbitMqCluster, RabbitMqOptions},
    checklist::Ability,
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
    /// For clients of other makes; in a cluster another node's.
    foreign_url: String,
    factory: Arc<dyn ConnectionFactory>,
    broker: Mutex<Option<Broker>>,
    spare: Spare,
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
    fn nodes(&self) -> usize {
        match self {
            Self::Node(_) => 1,
            Self::Cluster(cluster) => cluster.nodes().len(),
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
            foreign_url: foreign.amqp_url(),
            broker: Mutex::new(None),
            spare: Spare::new(1),
        })
    }

    fn with_broker(self, broker: Broker) -> Self {
        Self {
            spare: Spare::new(broker.nodes()),
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

#[async_trait]
impl Harness for AmqpRabbitMq {
    fn target(&self) -> &'static str {
        self.target
    }

    fn factory(&self) -> Arc<dyn ConnectionFactory> {
        Arc::clone(&self.factory)
    }

    fn timing(&self) -> Timing {
        Timing::new(Duration::from_millis(700))
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

    async fn restartable(&self) -> Option<Result<Restartable, BoxError>> {
        Some(self.spare.lend(options(), self.options).await)
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
