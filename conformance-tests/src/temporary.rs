//! Temporary queues and topics alike.

use std::sync::Arc;

use anymq_api::{Address, Destination, DestinationKind, Session, TemporaryQueue, TemporaryTopic};

/// Both kinds alike.
#[derive(Clone, Debug)]
pub(crate) enum Temporary {
    Queue(TemporaryQueue),
    Topic(TemporaryTopic),
}

impl Temporary {
    /// What each case is tried with.
    pub(crate) const KINDS: [DestinationKind; 2] = [DestinationKind::TemporaryQueue, DestinationKind::TemporaryTopic];

    pub(crate) async fn create(session: &Arc<dyn Session>, kind: DestinationKind) -> anymq_api::Result<Self> {
        if kind.is_queue() {
            session.create_temporary_queue().await.map(Temporary::Queue)
        } else {
            session.create_temporary_topic().await.map(Temporary::Topic)
        }
    }

    pub(crate) async fn delete(&self) -> anymq_api::Result<()> {
        match self {
            Temporary::Queue(queue) => queue.delete().await,
            Temporary::Topic(topic) => topic.delete().await,
        }
    }
}

impl Destination for Temporary {
    fn address(&self) -> &Address {
        match self {
            Temporary::Queue(queue) => queue.address(),
            Temporary::Topic(topic) => topic.address(),
        }
    }
}
