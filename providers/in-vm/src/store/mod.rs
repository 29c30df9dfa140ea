//! Where a broker keeps what must outlive it.

mod change;
mod memory;
mod stored;

pub use change::{Change, QueueId, SubscriptionName};
pub use memory::MemoryStore;
pub use stored::{Stored, StoredMessage, StoredSubscription};

use std::fmt;

use anymq_api::Result;

/// Keeps a broker's durable state: persistent messages of queues and durable subscriptions that are not temporary, and
/// those subscriptions themselves. Everything else lives in the broker's memory alone, and never comes here.
///
/// The broker calls it, from any thread, and calls of different queues may come at once. Those about one queue come one at
/// a time, in the queue's order, under that queue's lock: an implementation must not call the broker, and whatever it
/// waits for holds up the queue. It serves one broker at a time.
///
/// An error of [`apply`](Self::apply) says that nothing was done. A send, a commit, a subscription or an unsubscription
/// then fails and nothing of it becomes visible. What has happened already, such as an acknowledgement, is tried again
/// before anything else, and until that succeeds everything that can be refused is.
///
/// An acknowledgement may come here later than it was given: a crash in between means that the message is delivered
/// again, flagged as redelivered. A broker that is [shut down](crate::InVmBroker::shutdown) catches up first.
pub trait Store: fmt::Debug + Send + Sync {
    /// What a new broker begins with. Called once for a broker, before anything else; if [`close`](Self::close) was not
    /// the last call before it, the answer is not [clean](Stored::clean).
    ///
    /// # Errors
    /// When it cannot be read. There is no broker then.
    fn load(&self) -> Result<Stored>;

    /// Does all of the changes in their order, or none of them. When it returns, they are as safe as the store promises.
    ///
    /// Adding what is there replaces it; removing or counting what is not there does nothing.
    ///
    /// # Errors
    /// When none of them was done.
    fn apply(&self, changes: &[Change]) -> Result<()>;

    /// The broker has ended and nothing is under way: the last call of it.
    ///
    /// # Errors
    /// When that could not be noted. The broker has ended all the same.
    fn close(&self) -> Result<()>;
}
