//! The STOMP provider of anymq, for `ActiveMQ` and `RabbitMQ`.

pub mod frame;

mod config;
mod dialect;
mod error;
mod link;
