use std::num::NonZeroU32;

/// The choices of one consumer.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct ConsumerOptions {
    /// Which messages to deliver; `None` and the empty text are all. JMS: the message selector.
    pub selector: Option<String>,
    /// Not to deliver what the own connection published; topics only. JMS: `noLocal`.
    pub no_local: bool,
    /// How many messages may be delivered ahead of the application, instead of the connection's value.
    pub prefetch: Option<NonZeroU32>,
}

impl ConsumerOptions {
    /// Everything, with the connection's prefetch.
    pub fn new() -> Self {
        Self::default()
    }

    /// Sets the selector; [`Capability::QueueSelectors`](crate::Capability::QueueSelectors) or
    /// [`Capability::TopicSelectors`](crate::Capability::TopicSelectors).
    #[must_use]
    pub fn with_selector(mut self, selector: impl Into<String>) -> Self {
        self.selector = Some(selector.into());
        self
    }

    /// Sets no-local; [`Capability::NoLocal`](crate::Capability::NoLocal).
    #[must_use]
    pub fn with_no_local(mut self, no_local: bool) -> Self {
        self.no_local = no_local;
        self
    }

    /// Sets the prefetch.
    #[must_use]
    pub fn with_prefetch(mut self, prefetch: NonZeroU32) -> Self {
        self.prefetch = Some(prefetch);
        self
    }
}
