//! Connections whose link the case cuts, and what comes after.

use std::{sync::Arc, time::Duration};

use anymq_api::{
    AckMode, ConnectOptions, Connection, Consumer, Destination, Error, ErrorKind, Event, Events, Producer,
};

use super::{Context, Failure, Pair, later::later};
use crate::{
    link::{Direction, Linked, Utterance},
    poll,
};

/// A link of the harness's, and the options of the connections over it.
pub(super) struct Line<'a> {
    context: &'a Context,
    linked: Linked,
    options: ConnectOptions,
}

impl<'a> Line<'a> {
    pub(super) async fn new(context: &'a Context) -> Result<Self, Failure> {
        let linked = match context.harness().with_link().await {
            Some(Ok(linked)) => linked,
            Some(Err(error)) => return Err(Failure::new(format!("there is no link to cut: {error}"))),
            None => return Err(Failure::new("the harness says that it can cut links, and has none")),
        };
        let options = context.connect_options();
        Ok(Self {
            context,
            linked,
            options,
        })
    }

    /// A started connection over the link.
    pub(super) async fn connection(&self) -> Result<Arc<dyn Connection>, Failure> {
        let options = self.options.clone();
        let connection = self.context.connect_by(&self.linked.factory, options).await?;
        connection.start().await?;
        Ok(connection)
    }

    /// As [`Context::pair`], over the link.
    pub(super) async fn pair(&self, mode: AckMode) -> Result<Pair, Failure> {
        self.context.pair_on(self.connection().await?, mode).await
    }

    /// A producer of another client, over the link.
    pub(super) async fn sender(&self, destination: &dyn Destination) -> Result<Arc<dyn Producer>, Failure> {
        let options = self.context.connect_options();
        let connection = self.context.connect_by(&self.linked.factory, options).await?;
        let session = connection.create_session(AckMode::Auto).await?;
        Ok(session.create_producer(destination).await?)
    }

    pub(super) fn stall(&self, direction: Direction) {
        self.linked.link.stall(direction);
    }

    pub(super) fn say(&self, utterance: &Utterance) {
        self.linked.link.say(utterance);
    }

    pub(super) fn cut(&self) {
        self.linked.link.cut();
    }

    /// Gives what was submitted the time to arrive, and cuts.
    pub(super) async fn cut_when_quiet(&self) {
        self.context.quiet().await;
        self.cut();
    }

    /// Cuts when it is quiet, and waits until the client knows.
    pub(super) async fn cut_and_tell(&self, connection: &Arc<dyn Connection>) -> Result<(), Failure> {
        self.cut_when_quiet().await;
        let is_lost = || connection.health().is_ok_and(|health| !health.connected);
        self.context
            .eventually("the client knows that the link is cut", is_lost)
            .await
    }

    /// A new, started connection of the same client, as soon as the broker has seen the old one vanish.
    pub(super) async fn again(&self) -> Result<Arc<dyn Connection>, Failure> {
        let factory = self.context.factory();
        let attempt = async || match self.context.connect_by(&factory, self.options.clone()).await {
            Err(error) if error.kind() == ErrorKind::InvalidClientId => None,
            outcome => Some(outcome),
        };
        let pause = Duration::from_millis(20);
        let connection = poll::until(self.context.timing().wait, pause, attempt).await??;
        connection.start().await?;
        Ok(connection)
    }

    /// A consumer of a new connection, in auto mode: it gets what is left.
    pub(super) async fn later(&self, destination: &dyn Destination) -> Result<Arc<dyn Consumer>, Failure> {
        later(self.context, &self.again().await?, destination).await
    }
}

/// The events that come: so many are waited for, and then the quiet time for those that should not come.
pub(super) async fn all_events(context: &Context, events: &mut Events, count: usize) -> Vec<Event> {
    let timing = context.timing();
    let mut all = Vec::new();
    // Bounded, as a fault can be an event that comes for ever.
    while all.len() < count + 100 {
        let patience = if all.len() < count { timing.wait } else { timing.quiet };
        match tokio::time::timeout(patience, events.next()).await {
            Ok(Some(event)) => all.push(event),
            Ok(None) | Err(_) => break,
        }
    }
    all
}

/// Fails unless the one event is that the connection is lost.
#[track_caller]
pub(super) fn expect_one_loss(events: &[Event]) -> Result<&Error, Failure> {
    match events {
        [Event::ConnectionLost { error }] if error.kind() == ErrorKind::ConnectionLost => Ok(error),
        _ => Err(Failure::new(format!(
            "instead of one event, that the connection is lost: {events:?}"
        ))),
    }
}
