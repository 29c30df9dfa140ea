//! The targets that the program knows, each with a broker of its own.

mod amqp_cluster;
mod amqp_faults;
mod amqp_foreign;
mod amqp_malformed;
mod amqp_rabbitmq;
mod in_vm;
mod mqtt;
mod rabbitmq_holdings;
mod spare;
mod stomp_activemq;
mod stomp_faults;
mod stomp_foreign;
mod stomp_malformed;
mod stomp_rabbitmq;
mod stomp_selectors;
mod url;

use std::{num::NonZeroUsize, sync::Arc};

use crate::{
    harness::Harness,
    runner::{RunError, TargetSpec},
    suggest,
};

/// What the brokers started here take in one message: more than the suite's ordinary messages have.
const MAX_MESSAGE_SIZE: NonZeroUsize = NonZeroUsize::new(16 * 1024 * 1024).unwrap();

/// The names of the targets.
pub const NAMES: &[&str] = &[
    "in-vm",
    "amqp-rabbitmq",
    "amqp-rabbitmq-quorum",
    "amqp-rabbitmq-cluster",
    "stomp-activemq",
    "stomp-rabbitmq",
    "mqtt5-mosquitto",
    "mqtt3-mosquitto",
    "mqtt3-mosquitto-plain",
    "mqtt3-rabbitmq",
    "mqtt3-activemq",
];

/// Starts a target's broker, if it has one, and gets it ready.
///
/// # Errors
/// [`RunError`] when there is no such target, or its broker does not start.
pub async fn start(spec: &TargetSpec) -> Result<Arc<dyn Harness>, RunError> {
    let outcome = match spec {
        TargetSpec::Named(name) => match name.as_str() {
            "in-vm" => in_vm::start().map(|harness| Arc::new(harness) as _),
            "amqp-rabbitmq" => amqp_rabbitmq::start().await.map(|harness| Arc::new(harness) as _),
            "amqp-rabbitmq-quorum" => amqp_rabbitmq::start_quorum()
                .await
                .map(|harness| Arc::new(harness) as _),
            "amqp-rabbitmq-cluster" => amqp_rabbitmq::start_cluster()
                .await
                .map(|harness| Arc::new(harness) as _),
            "stomp-activemq" => stomp_activemq::start().await.map(|harness| Arc::new(harness) as _),
            "stomp-rabbitmq" => stomp_rabbitmq::start().await.map(|harness| Arc::new(harness) as _),
            "mqtt5-mosquitto" => mqtt::mosquitto("mqtt5-mosquitto", mqtt::Kind::Five).await,
            "mqtt3-mosquitto" => mqtt::mosquitto("mqtt3-mosquitto", mqtt::Kind::Three).await,
            "mqtt3-mosquitto-plain" => mqtt::mosquitto("mqtt3-mosquitto-plain", mqtt::Kind::Plain).await,
            "mqtt3-rabbitmq" => mqtt::rabbitmq("mqtt3-rabbitmq").await,
            "mqtt3-activemq" => mqtt::activemq("mqtt3-activemq").await,
            _ => {
                return Err(RunError::UnknownTarget {
                    name: name.clone(),
                    suggestion: suggest::closest(name, NAMES.iter().copied()),
                });
            }
        },
        TargetSpec::Url(text) => url::start(spec.to_string(), text).map(|harness| Arc::new(harness) as _),
    };
    outcome.map_err(|source| RunError::Target {
        target: spec.to_string(),
        source,
    })
}
