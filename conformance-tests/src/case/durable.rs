//! Named subscriptions, and clients that come and go.

use std::sync::Arc;

use anymq_api::{AckMode, Address, Connection, Consumer, ConsumerOptions, DestinationKind, Producer, Result, Session};

use super::{Context, Failure, Passed, setup::sender};

/// Somebody with a client identifier, or without one. An identifier may be exclusive, so a case has one open
/// connection of a client at a time.
#[derive(Clone, Debug)]
pub(crate) struct Client<'a> {
    context: &'a Context,
    id: Option<String>,
}

impl<'a> Client<'a> {
    /// With an identifier that nobody else has.
    pub(crate) fn named(context: &'a Context) -> Self {
        let id = Some(context.name());
        Self { context, id }
    }

    /// Without an identifier.
    pub(crate) fn unnamed(context: &'a Context) -> Self {
        Self { context, id: None }
    }

    /// Somebody else of the same sort.
    pub(crate) fn another(&self) -> Self {
        match self.id {
            Some(_) => Self::named(self.context),
            None => Self::unnamed(self.context),
        }
    }

    /// A started connection; closed when the run ends.
    pub(crate) async fn connect(&self) -> std::result::Result<Arc<dyn Connection>, Failure> {
        let mut options = self.context.connect_options();
        options.client_id.clone_from(&self.id);
        let connection = self.context.connect_with(options).await?;
        connection.start().await?;
        Ok(connection)
    }

    /// A session of a new connection.
    pub(crate) async fn session(&self) -> std::result::Result<Arc<dyn Session>, Failure> {
        Ok(self.connect().await?.create_session(AckMode::Auto).await?)
    }
}

/// What kind a named subscription is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Kind {
    /// Unshared and durable.
    Durable,
    /// Shared and non-durable.
    Shared,
    /// Shared and durable.
    SharedDurable,
}

/// A name, and what it is subscribed to. Which subscription that is depends on the client, too.
#[derive(Clone, Debug)]
pub(crate) struct Subscription {
    pub(crate) kind: Kind,
    pub(crate) topic: Address,
    pub(crate) name: String,
}

impl Subscription {
    /// A new name for a new topic; the end of the run unsubscribes it.
    pub(crate) fn fresh(context: &Context, kind: Kind) -> Self {
        let topic = context.address(DestinationKind::Topic);
        let name = format!("sub-{}", topic.name());
        Self::named(context, kind, topic, name)
    }

    /// A given name; the end of the run unsubscribes it.
    pub(crate) fn named(context: &Context, kind: Kind, topic: Address, name: String) -> Self {
        context.note_subscription(&name);
        Self { kind, topic, name }
    }

    /// The same name, for a new topic.
    pub(crate) fn moved(&self, context: &Context) -> Self {
        Self {
            topic: context.address(DestinationKind::Topic),
            ..self.clone()
        }
    }

    /// The same name and topic as another kind.
    pub(crate) fn turned(&self, kind: Kind) -> Self {
        Self { kind, ..self.clone() }
    }

    /// A consumer; the error as it is.
    pub(crate) async fn open(&self, session: &Arc<dyn Session>) -> Result<Arc<dyn Consumer>> {
        self.open_with(session, ConsumerOptions::new()).await
    }

    /// As [`open`](Self::open), with options.
    pub(crate) async fn open_with(
        &self,
        session: &Arc<dyn Session>,
        options: ConsumerOptions,
    ) -> Result<Arc<dyn Consumer>> {
        let Self { kind, topic, name } = self;
        match kind {
            Kind::Durable => session.create_durable_consumer(topic, name, options).await,
            Kind::Shared => session.create_shared_consumer(topic, name, options).await,
            Kind::SharedDurable => session.create_shared_durable_consumer(topic, name, options).await,
        }
    }

    /// Makes it exist, without a consumer.
    pub(crate) async fn create(&self, session: &Arc<dyn Session>, options: ConsumerOptions) -> Result<()> {
        self.open_with(session, options).await?.close().await
    }

    /// A producer of its topic, on a connection of its own.
    pub(crate) async fn producer(&self, context: &Context) -> std::result::Result<Arc<dyn Producer>, Failure> {
        sender(context, &self.topic).await
    }
}

/// Options with a selector.
pub(crate) fn selecting(selector: &str) -> ConsumerOptions {
    ConsumerOptions::new().with_selector(selector)
}

/// The parts that were tried, for a report.
pub(crate) fn tried(parts: &[&str]) -> Passed {
    Passed::With(parts.join(", "))
}
