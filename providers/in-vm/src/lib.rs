//! The in-VM reference broker of `anymq`: queues and topics inside the process, without a wire.
//!
//! `vm://shop` names a broker that every connection of the process shares. It is made on first use and keeps its
//! messages between connections, as long as the process runs or until [`InVmBroker::shutdown`]; nothing outlives the
//! process. [`InVmBroker::new`] makes one that nobody else can reach, for tests and embedding.
//!
//! What it does not do yet is undeclared: durable and shared subscriptions, selectors, priorities, delays, browsers.
//! Expired messages are dropped by the receiving client, not here. A rejected message is dropped: there are no dead
//! letters yet. Queues are unbounded. There are no accounts: any credentials are accepted.
//!
//! ```
//! use anymq_in_vm::InVmBroker;
//!
//! let broker = InVmBroker::new();
//! let _driver = broker.driver();
//! assert_eq!(broker.stats().connections, 0);
//! ```

mod broker;
mod capability;
mod config;
mod connection;
mod driver;
mod error;
mod session;
mod subscription;
#[cfg(test)]
mod tests;

pub use broker::{BrokerStats, InVmBroker};
pub use capability::UNDECLARED;
pub use driver::{InVmDriver, InVmProvider};
