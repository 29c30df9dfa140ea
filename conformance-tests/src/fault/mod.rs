//! Faults of links and brokers, by number: what fail-over is held to.
//!
//! A number stands for a [`Plan`] of faults and for a workload. A [`Script`] runs the plan: whatever carries a link tells it
//! what passes, and it strikes before or after the nth of something. Brokers behind a socket get a [`FaultProxy`], which
//! learns from a small plug-in, the [`protocol`], what passes; the in-VM broker gets a
//! [`CuttableDriver`](crate::link::CuttableDriver) that follows a script.

mod dice;
pub mod oracle;
mod plan;
mod point;
pub mod protocol;
mod proxy;
mod script;
pub mod tap;
pub mod workload;

pub use dice::Dice;
pub use plan::{BrokerFault, Damage, Fault, Manner, Plan};
pub use point::{Moment, Point};
pub use proxy::FaultProxy;
pub use script::{BrokerHand, Door, Links, Script};
