//! Ring two: the one implementation of the traits, over the [`spi`](crate::spi).
//!
//! Its one door is [`factory`]: a driver and the choices of its connections go in, a
//! [`ConnectionFactory`](crate::ConnectionFactory) comes out. The clock enters there too.
//!
//! What a session delivers goes through one place, `deliveries`: the driver's sink puts messages into inboxes there,
//! consumers and the one dispatch task take them out, and what was taken and not settled stands in the ledger.

mod arrivals;
mod browser;
mod close_once;
mod completion;
mod connection;
mod consumer;
mod content;
mod deliveries;
mod detach;
mod dispatch;
mod factory;
mod failover;
mod filter;
mod gate;
mod inbox;
mod ledger;
mod life;
mod pace;
mod password;
mod producer;
mod receiving;
mod redelivery;
mod scope;
mod sending;
mod session;
mod sink;
mod stamp;
mod temporary;
#[cfg(test)]
mod tests;
mod transaction;

pub use factory::{FactoryOptions, factory, failover_factory};
