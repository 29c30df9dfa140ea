//! The AMQP 0-9-1 provider of anymq.

mod capability;
mod codec;
mod config;
mod connection;
mod driver;
mod error;
mod inbound;
mod ledger;
mod link;
mod name;
mod session;
mod subscription;
mod topology;
mod transport;

pub use driver::{AmqpDriver, AmqpProvider};
