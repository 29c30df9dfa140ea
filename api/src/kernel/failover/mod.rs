//! Fail-over: the one SPI decorator of the kernel, and the only place that reconnects.
//!
//! A [`FailoverConnection`] stands between the kernel and a driver. Each link that it makes is a *generation*, counted
//! from 1; tokens carry it in their epochs. One number says which generation is up, 0 while there is none, and
//! everything asks it: sessions and subscriptions keep what belongs to one generation and use it only while that is the
//! one.
//!
//! When a link is lost, its [`Gate`](gate::Gate) closes, so that nothing of it is delivered any more; then the kernel
//! forgets what it was delivered, and then the [supervisor](supervisor) begins: it connects, opens what there was
//! ([`restore`]), and only when all is there the new generation is up, credit flows and waiting sends go out.

mod connection;
mod epoch;
mod gate;
mod hosts;
mod line;
mod link;
mod restore;
mod session;
mod shared;
mod subscription;
mod supervisor;
mod transaction;
mod watcher;

pub(super) use connection::FailoverConnection;
pub(super) use hosts::{Host, Refusals, Requirements};
pub(super) use watcher::{Interruption, Restoration, Watcher};

use crate::{Error, ErrorKind};

/// Whether it says that there is no link any more.
fn is_lost(error: &Error) -> bool {
    error.kind() == ErrorKind::ConnectionLost
}
