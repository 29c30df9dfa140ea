use anymq_api::Capability;

/// On which kinds of destination an id runs.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Domain {
    /// On each place that the provider declares.
    Any,
    /// On queues.
    Queue,
    /// On topics, by subscriptions of whatever kind the id is about.
    Topic,
    /// On durable subscriptions.
    Durable,
    /// On queues and on topics, each if declared: what takes whatever carries messages.
    QueueOrTopic,
    /// On queues and on durable subscriptions, each if declared: what is about redelivery or a lost link needs a
    /// destination that keeps its messages.
    QueueOrDurable,
    /// Once: no destination matters, or the case itself takes several.
    Once,
}

impl Domain {
    /// The name in listings.
    pub const fn name(self) -> &'static str {
        match self {
            Domain::Any => "any",
            Domain::Queue => "queue",
            Domain::Topic => "topic",
            Domain::Durable => "durable",
            Domain::QueueOrTopic => "queue_or_topic",
            Domain::QueueOrDurable => "queue_or_durable",
            Domain::Once => "once",
        }
    }

    /// The places to run on; none for [`Domain::Once`]. Those that a provider does not declare are left out of its run.
    pub const fn places(self) -> &'static [Place] {
        match self {
            Domain::Any => &[Place::Queue, Place::Topic, Place::Durable],
            Domain::Queue => &[Place::Queue],
            Domain::Topic => &[Place::Topic],
            Domain::Durable => &[Place::Durable],
            Domain::QueueOrTopic => &[Place::Queue, Place::Topic],
            Domain::QueueOrDurable => &[Place::Queue, Place::Durable],
            Domain::Once => &[],
        }
    }
}

/// The kind of destination of one run.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Place {
    /// A queue.
    Queue,
    /// A topic, by non-durable subscriptions.
    Topic,
    /// A topic, by durable subscriptions.
    Durable,
}

impl Place {
    /// The label in a result's detail.
    pub const fn name(self) -> &'static str {
        match self {
            Place::Queue => "queue",
            Place::Topic => "topic",
            Place::Durable => "durable",
        }
    }

    /// What a provider must declare for the place to exist.
    pub const fn needs(self) -> &'static [Capability] {
        match self {
            Place::Queue => &[Capability::Queues],
            Place::Topic => &[Capability::Topics],
            Place::Durable => &[Capability::Topics, Capability::DurableSubscriptions],
        }
    }

    /// Whether a capability has a meaning here: each kind of selector has its own domain.
    pub const fn knows(self, capability: Capability) -> bool {
        match capability {
            Capability::QueueSelectors => matches!(self, Place::Queue),
            Capability::TopicSelectors => !matches!(self, Place::Queue),
            _ => true,
        }
    }
}
