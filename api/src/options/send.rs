use std::time::Duration;

use crate::{DeliveryMode, Priority};

/// The choices of one send; a producer holds its defaults in the same form.
///
/// ```
/// use std::time::Duration;
/// use anymq_api::{Priority, SendOptions};
///
/// let urgent = SendOptions::new()
///     .with_priority(Priority::HIGHEST)
///     .with_ttl(Duration::from_secs(30));
/// assert_eq!(urgent.priority.level(), 9);
/// ```
#[derive(Clone, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct SendOptions {
    /// Persistent or not. JMS: `DeliveryMode`.
    pub delivery_mode: DeliveryMode,
    /// 0 to 9, 4 by default. JMS: `Priority`.
    pub priority: Priority,
    /// After how long it expires, from the send call on; `None` (and zero) is never. JMS: `TimeToLive`.
    pub ttl: Option<Duration>,
    /// Before how long it must not be delivered, from the send call on. JMS: `DeliveryDelay`.
    pub delay: Option<Duration>,
    /// A hint that no message id is needed. JMS: `DisableMessageID`.
    pub disable_message_id: bool,
    /// A hint that no timestamp is needed. JMS: `DisableMessageTimestamp`.
    pub disable_timestamp: bool,
}

impl SendOptions {
    /// The defaults of JMS: persistent, priority 4, never expires, no delay, with id and timestamp.
    pub fn new() -> Self {
        Self::default()
    }

    /// Sets the delivery mode.
    #[must_use]
    pub fn with_delivery_mode(mut self, mode: DeliveryMode) -> Self {
        self.delivery_mode = mode;
        self
    }

    /// Sets the priority.
    #[must_use]
    pub fn with_priority(mut self, priority: Priority) -> Self {
        self.priority = priority;
        self
    }

    /// Sets after how long it expires; a duration beyond the range of [`Timestamp`](crate::Timestamp) is never.
    #[must_use]
    pub fn with_ttl(mut self, ttl: impl Into<Option<Duration>>) -> Self {
        self.ttl = ttl.into();
        self
    }

    /// Sets before how long it must not be delivered.
    #[must_use]
    pub fn with_delay(mut self, delay: impl Into<Option<Duration>>) -> Self {
        self.delay = delay.into();
        self
    }

    /// Hints that no message id is needed.
    #[must_use]
    pub fn with_disable_message_id(mut self, disable: bool) -> Self {
        self.disable_message_id = disable;
        self
    }

    /// Hints that no timestamp is needed.
    #[must_use]
    pub fn with_disable_timestamp(mut self, disable: bool) -> Self {
        self.disable_timestamp = disable;
        self
    }
}
