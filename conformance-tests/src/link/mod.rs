//! Links between client and broker that can be cut.
//!
//! What a harness with [`Ability::KillLink`](crate::checklist::Ability::KillLink) brings. A broker behind a socket gets a
//! [`TcpProxy`]; one without a wire gets a [`CuttableDriver`] between it and the kernel. Both do the same:
//! [`Link::stall`] keeps what is on its way in one direction, [`Link::cut`] drops it. So a request that is stalled before
//! a cut never happened, and one whose answer is stalled happened, and its sender is never told.

mod connection;
mod driver;
pub(crate) mod facts;
mod proxy;
mod session;
mod station;
mod utterance;
mod wire;

#[cfg(test)]
mod tests;

use std::{fmt::Debug, sync::Arc};

use anymq_api::ConnectionFactory;

pub use driver::CuttableDriver;
pub use proxy::TcpProxy;
pub use utterance::{Malformed, Then, Utterance};

/// Which way something goes.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Direction {
    /// What the client asks for: sends, settlements, commits, credit.
    ToBroker,
    /// What the broker says: answers, confirmations, deliveries.
    ToClient,
}

/// The links of all connections that were made through it, as one.
pub trait Link: Debug + Send + Sync {
    /// From now on nothing arrives in this direction on the connections that there are, until they are cut: it is neither
    /// refused nor lost.
    fn stall(&self, direction: Direction);

    /// Cuts the connections that there are. The broker sees their clients vanish, and the clients learn it as they would
    /// of any lost link; what was stalled is lost. Connections made later have links of their own, and are whole.
    fn cut(&self);

    /// From now on the clients of the connections that there are hear this, and nothing of what their broker says. It is
    /// said in between two frames when nothing else is on its way. Does nothing where there are
    /// [no bytes](Malformed::NoBytes).
    fn say(&self, utterance: &Utterance) {
        let _ = utterance;
    }
}

/// Connections whose links can be cut.
#[derive(Clone, Debug)]
pub struct Linked {
    /// Makes the connections; to the same broker as the harness's own.
    pub factory: Arc<dyn ConnectionFactory>,
    /// Their links.
    pub link: Arc<dyn Link>,
}
