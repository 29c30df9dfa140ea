//! The choices of a connection, a session, a consumer and a send.

mod ack_mode;
mod connect;
mod consumer;
mod credentials;
mod growth;
mod reconnect;
mod redelivery;
mod send;

pub use ack_mode::AckMode;
pub use connect::ConnectOptions;
pub use consumer::ConsumerOptions;
pub use credentials::Credentials;
pub use reconnect::{ReconnectPolicy, ReconnectRounds};
pub use redelivery::RedeliveryPolicy;
pub use send::SendOptions;
