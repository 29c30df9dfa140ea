//! A real ActiveMQ is started, crashed, started again and stopped, and nothing of it is left; and it does what its
//! options say.
#![cfg(target_os = "linux")]

#[path = "../common/authority.rs"]
mod authority;
#[path = "../common/mod.rs"]
mod common;
mod delivery;
mod holdings;
mod life;
mod limits;
mod peer;
mod rights;
mod tls;

const TEST: &str = "activemq_broker";
