//! Faults of links and brokers, by number: what fail-over is held to.
//!
//! A number stands for a [`Plan`] of faults and for a workload. A [`Script`] runs the plan: whatever carries a link tells it
//! what passes, and it strikes before or after the nth of something. Brokers behind a socket get a [`FaultProxy`], which
//! learns from a small plug-in, the [`protocol`], what passes; the in-VM broker gets a
//! [`CuttableDriver`](crate::link::CuttableDriver) that follows a script.

mod broker_fault;
mod census;
mod deleted;
mod dice;
mod growth;
pub mod oracle;
mod plan;
mod point;
pub mod protocol;
mod proxy;
mod run;
mod script;
mod soak;
mod stage;
pub mod tap;
mod timeline;
mod trial;
pub mod workload;

pub use broker_fault::BrokerFault;
pub use census::Holdings;
pub use dice::Dice;
pub use plan::{Damage, Fault, Manner, Plan};
pub use point::{Moment, Point};
pub use proxy::FaultProxy;
pub use run::{FaultRequest, Summary, Told, run_faults};
pub use script::{BrokerHand, Door, Links, Script};
pub use soak::{Progress, Progressing, SoakRequest, SoakSummary, run_soak};
pub use timeline::{Note, Timeline};
pub use trial::{Carrier, Faulty, Verdict};
