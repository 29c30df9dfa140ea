//! Brokers that can be restarted.
//!
//! What a harness with [`Ability::RestartBroker`](crate::checklist::Ability::RestartBroker) brings: a broker beside the one
//! that all other cases use at the same time, so that its end disturbs nobody. Who asks for it has it alone until the
//! [`Restartable`] is dropped.

mod in_vm;

use std::{fmt::Debug, sync::Arc, time::Duration};

use anymq_api::{BoxError, ConnectionFactory};
use async_trait::async_trait;

pub use in_vm::InVmRestarts;

/// A broker that can be restarted, lent to one case.
#[derive(Debug)]
pub struct Restartable {
    /// Makes connections to it, before and after.
    pub factory: Arc<dyn ConnectionFactory>,
    /// The broker.
    pub broker: Box<dyn Restart>,
    /// About how long nobody can connect while it restarts.
    pub downtime: Duration,
}

/// How a broker comes to its end.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum End {
    /// In good order, with time to write down what it keeps.
    InOrder,
    /// From one moment to the next.
    Crash,
}

/// Restarts a broker.
#[async_trait]
pub trait Restart: Debug + Send + Sync {
    /// Ends the broker and begins it again with what it keeps persistently; its clients lose their links. When this
    /// returns, connections can be made again.
    ///
    /// # Errors
    /// Why there is no broker now.
    async fn restart(&mut self, end: End) -> Result<(), BoxError>;
}
