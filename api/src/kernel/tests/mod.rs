//! The kernel over a driver that does what the test says. Time is tokio's, paused.

mod browser;
mod closing;
mod content;
mod events;
mod failover;
mod fake;
mod filter;
mod first_poll;
mod limits;
mod redelivery;
mod size;
mod transaction;
