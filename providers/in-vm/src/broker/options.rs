use std::{num::NonZeroUsize, sync::Arc};

use anymq_api::{Address, Clock};

use super::{BrokerLimit, QueueLimit, restoring::Opened, users::Users};

/// The choices of a broker.
#[derive(Clone, Debug)]
pub(crate) struct BrokerOptions {
    pub(crate) name: Option<String>,
    /// The system's when `None`.
    pub(crate) clock: Option<Arc<dyn Clock>>,
    /// The queue where rejected messages go.
    pub(crate) dead_letters: Address,
    /// Of every queue.
    pub(crate) queue_limit: Option<QueueLimit>,
    /// Of all queues together.
    pub(crate) limit: Option<BrokerLimit>,
    /// Of one message; the kernel refuses larger ones.
    pub(crate) max_message_size: Option<NonZeroUsize>,
    pub(crate) users: Users,
    /// None when nothing outlives it.
    pub(super) store: Option<Opened>,
}

impl Default for BrokerOptions {
    fn default() -> Self {
        let dead_letters = anymq_api::Queue::new("DLQ").unwrap_or_else(|error| unreachable!("a valid name: {error}"));
        Self {
            name: None,
            clock: None,
            dead_letters: dead_letters.into(),
            queue_limit: None,
            limit: None,
            max_message_size: None,
            users: Users::default(),
            store: None,
        }
    }
}

impl BrokerOptions {
    pub(crate) fn named(name: &str) -> Self {
        Self {
            name: Some(name.to_owned()),
            ..Self::default()
        }
    }
}
