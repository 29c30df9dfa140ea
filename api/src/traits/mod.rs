//! Ring one: what applications, mocks and the conformance kit use.

mod browser;
mod connection;
mod connection_factory;
mod consumer;
mod context;
mod destination;
mod listener;
mod producer;
mod session;

pub use browser::Browser;
pub use connection::Connection;
pub use connection_factory::ConnectionFactory;
pub use consumer::Consumer;
pub use context::{Context, XaSession};
pub use destination::Destination;
pub use listener::{CompletionListener, MessageListener};
pub use producer::Producer;
pub use session::Session;
