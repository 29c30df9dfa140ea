//! The MQTT provider of anymq, by rumqttc.

mod capability;
mod codec;
mod config;
mod connection;
mod delivering;
mod driver;
mod error;
mod link;
mod links;
mod outlet;
mod own;
mod session;
mod table;
mod temporary;
#[cfg(test)]
mod tests;
mod wire;

pub use capability::UNDECLARED_ON_MQTT5;
pub use driver::{MqttDriver, MqttProvider};
