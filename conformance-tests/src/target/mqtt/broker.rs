//! The brokers that speak MQTT.

use anymq_api::BoxError;
use async_trait::async_trait;

use super::super::{MAX_MESSAGE_SIZE, rabbitmq_holdings, spare::Server, stomp_activemq};
use crate::{
    broker::{ActiveMq, ActiveMqOptions, BrokerError, Mosquitto, MosquittoOptions, Plugin, RabbitMq, RabbitMqOptions},
    fault::{BrokerFault, Holdings},
};

/// One that a target can start.
#[async_trait]
pub(super) trait Broker: Server {
    /// What can happen to it while others use it.
    const FAULTS: &'static [BrokerFault];

    /// Whether it tells a client whether there was a session.
    const TELLS_OF_SESSIONS: bool = true;

    async fn start() -> Result<Self, BrokerError>;

    /// One that has written down what it has confirmed, or will have when it is killed.
    async fn start_careful() -> Result<Self, BrokerError> {
        Self::start().await
    }

    fn mqtt_port(&self) -> Option<u16>;

    /// What it knows a topic by.
    fn name_of(topic: &str) -> String {
        topic.to_owned()
    }

    async fn holdings(&self) -> Option<Result<Holdings, BoxError>>;

    /// Returns when what has been declared outlives a crash.
    async fn settle(&self) -> Result<(), BoxError> {
        Ok(())
    }
}

#[async_trait]
impl Broker for Mosquitto {
    /// It writes down later what it has confirmed, so it may lose that in a crash.
    const FAULTS: &'static [BrokerFault] = &[BrokerFault::Restart];

    async fn start() -> Result<Self, BrokerError> {
        Self::start(mosquitto()).await
    }

    async fn start_careful() -> Result<Self, BrokerError> {
        Self::start(mosquitto().with_each_change_written()).await
    }

    fn mqtt_port(&self) -> Option<u16> {
        Some(self.port())
    }

    async fn holdings(&self) -> Option<Result<Holdings, BoxError>> {
        None
    }
}

fn mosquitto() -> MosquittoOptions {
    MosquittoOptions::default().with_max_packet_size(MAX_MESSAGE_SIZE)
}

#[async_trait]
impl Broker for RabbitMq {
    const FAULTS: &'static [BrokerFault] = &[BrokerFault::Restart, BrokerFault::Kill];

    async fn start() -> Result<Self, BrokerError> {
        let options = RabbitMqOptions::default().with_plugin(Plugin::Mqtt);
        Self::start(options.with_max_message_size(MAX_MESSAGE_SIZE)).await
    }

    fn mqtt_port(&self) -> Option<u16> {
        self.plugin_port(Plugin::Mqtt)
    }

    /// As it is AMQP's routing key there, it has one separator.
    fn name_of(topic: &str) -> String {
        topic.replace('/', ".")
    }

    async fn holdings(&self) -> Option<Result<Holdings, BoxError>> {
        Some(rabbitmq_holdings::ask(self).await)
    }

    async fn settle(&self) -> Result<(), BoxError> {
        self.ctl(&["eval", "ok = mnesia:sync_log()."]).await?;
        Ok(())
    }
}

#[async_trait]
impl Broker for ActiveMq {
    const TELLS_OF_SESSIONS: bool = false;
    const FAULTS: &'static [BrokerFault] = &[BrokerFault::Restart, BrokerFault::Kill];

    async fn start() -> Result<Self, BrokerError> {
        let options = ActiveMqOptions::default().with_mqtt();
        Self::start(options.with_max_message_size(MAX_MESSAGE_SIZE)).await
    }

    fn mqtt_port(&self) -> Option<u16> {
        Self::mqtt_port(self)
    }

    async fn holdings(&self) -> Option<Result<Holdings, BoxError>> {
        Some(stomp_activemq::holdings_of(self).await)
    }
}
