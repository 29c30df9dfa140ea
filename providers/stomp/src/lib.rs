//! The STOMP provider of anymq, for `ActiveMQ` and `RabbitMQ`.

pub mod frame;
