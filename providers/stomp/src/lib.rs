//! The STOMP provider of anymq, for `ActiveMQ` and `RabbitMQ`.

pub mod frame;

mod capability;
mod codec;
mod config;
mod connection;
mod dialect;
mod driver;
mod error;
mod link;
mod session;
mod subscription;

pub use dialect::{UNDECLARED_ON_ACTIVEMQ, UNDECLARED_ON_RABBITMQ};
pub use driver::{StompDriver, StompProvider};
