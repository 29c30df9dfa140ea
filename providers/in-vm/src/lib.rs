//! The in-VM reference broker of `anymq`: queues and topics inside the process, without a wire.
//!
//! `vm://shop` names a broker that every connection of the process shares. It is made on first use and keeps its
//! messages between connections, as long as the process runs or until [`InVmBroker::shutdown`]; nothing outlives the
//! process, unless a [store](crate::store::Store) keeps it. [`InVmBroker::new`] makes one that nobody else can reach, for tests and embedding.
//!
//! Each queue delivers by priority and then in the order of the sends. A message of a group (`JMSXGroupID`) goes to the
//! consumer that got the group's first one, as long as that is open. A delayed message takes its place when it is due;
//! an expired one is dropped, also while it waits. A rejected message goes to the queue `DLQ`, with the properties
//! `JMS_anymq_dead_letter_reason`, `…_attempts` and `…_origin`; what is rejected there is dropped. A browser shows what
//! waits for a consumer, not what a consumer was delivered ahead. What waits is unbounded unless a [`QueueLimit`] or
//! [`BrokerLimit`] is set, and so are messages unless [`InVmBrokerBuilder::with_max_message_size`] is called. Anybody may
//! connect and do anything unless [users](User) are named.
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
pub mod store;
mod subscription;
#[cfg(test)]
mod tests;

pub use broker::{
    Access, BrokerLimit, BrokerStats, DestinationStats, InVmBroker, InVmBrokerBuilder, Overflow, QueueLimit,
    SubscriptionStats, User,
};
pub use capability::UNDECLARED;
pub use driver::{InVmDriver, InVmProvider};
