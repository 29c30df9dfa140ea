use std::{net::SocketAddr, num::NonZeroUsize, sync::Arc, time::Duration};

use anymq_api::{Address, BoxError, ConnectionFactory, DestinationKind};
use async_trait::async_trait;
use tokio::sync::Mutex;

use super::{MAX_MESSAGE_SIZE, amqp_foreign, amqp_malformed};
use crate::{
    broker::{RabbitMq, RabbitMqOptions},
    checklist::Ability,
    harness::{ForeignKind, Harness, Timing, Undeclared},
    link::{Linked, Malformed, TcpProxy},
};

/// RabbitMQ by AMQP 0-9-1, a broker for each run.
#[derive(Debug)]
pub(super) struct AmqpRabbitMq {
    url: String,
    port: u16,
    factory: Arc<dyn ConnectionFactory>,
    broker: Mutex<Option<RabbitMq>>,
}

pub(super) async fn start() -> Result<AmqpRabbitMq, BoxError> {
    let broker = RabbitMq::start(RabbitMqOptions::default().with_max_message_size(MAX_MESSAGE_SIZE)).await?;
    let url = broker.amqp_url();
    Ok(AmqpRabbitMq {
        factory: anymq::connection_factory(&url)?,
        url,
        port: broker.port(),
        broker: Mutex::new(Some(broker)),
    })
}

/// Connections by way of a proxy.
fn linked(port: u16) -> Result<Linked, BoxError> {
    let proxy = TcpProxy::before(SocketAddr::from(([127, 0, 0, 1], port)))?;
    let factory = anymq::connection_factory(&format!("amqp://guest:guest@{}/%2f", proxy.address()))?;
    let link = Arc::new(proxy);
    Ok(Linked { factory, link })
}

#[async_trait]
impl Harness for AmqpRabbitMq {
    fn target(&self) -> &'static str {
        "amqp-rabbitmq"
    }

    fn factory(&self) -> Arc<dyn ConnectionFactory> {
        Arc::clone(&self.factory)
    }

    fn timing(&self) -> Timing {
        Timing::new(Duration::from_millis(700))
    }

    fn undeclared(&self) -> Option<&'static [Undeclared]> {
        Some(anymq_amqp::UNDECLARED)
    }

    fn abilities(&self) -> &'static [Ability] {
        &[
            Ability::AdminClientId,
            Ability::BadCredentials,
            Ability::KillLink,
            Ability::Limits,
        ]
    }

    async fn with_link(&self) -> Option<Result<Linked, BoxError>> {
        Some(linked(self.port))
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
        anymq::connection_factory(&format!("amqp://guest:wrong@127.0.0.1:{}/%2f", self.port)).ok()
    }

    fn with_configured_client_id(&self, client_id: &str) -> Option<Arc<dyn ConnectionFactory>> {
        anymq::connection_factory(&format!("{}?client-id={client_id}", self.url)).ok()
    }

    async fn send_foreign(&self, destination: &Address, kind: ForeignKind) -> Option<Result<(), BoxError>> {
        Some(amqp_foreign::send(&self.url, destination, kind).await)
    }

    async fn end(&self) {
        if let Some(mut broker) = self.broker.lock().await.take() {
            // Dropping it ends it too; stopping first spares it a crash recovery that nobody needs.
            let _ = broker.stop().await;
        }
    }
}
