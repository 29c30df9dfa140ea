//! STOMP for anymq: so far the frames of STOMP 1.0 to 1.2. The provider for `ActiveMQ` and `RabbitMQ` is built on them.

pub mod frame;
