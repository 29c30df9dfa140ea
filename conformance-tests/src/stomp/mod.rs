//! A bare STOMP 1.2 client: enough to look at a broker, and for tests that want no provider of ours in between.

mod client;
mod frame;

pub use client::StompClient;
pub use frame::StompFrame;
