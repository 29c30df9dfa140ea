//! The choices of a connection, a session, a consumer and a send.

mod ack_mode;
mod connect;
mod consumer;
mod redelivery;
mod send;

pub use ack_mode::AckMode;
pub use connect::{ConnectOptions, Credentials};
pub use consumer::ConsumerOptions;
pub use redelivery::RedeliveryPolicy;
pub use send::SendOptions;
