//! One connection to the broker, as its sessions share it.

mod chores;
mod ending;
mod events;
mod opening;
mod refusals;
#[cfg(test)]
mod tests;

pub(crate) use ending::Working;

use std::{
    collections::VecDeque,
    fmt,
    sync::{
        Arc, OnceLock,
        atomic::{AtomicBool, Ordering},
    },
    time::Instant,
};

use anymq_api::{
    Error, ErrorKind, Result,
    spi::{DriverEvent, EventSink},
};
use anymq_wire::Origin;
use lapin::{Channel, Connection, ConnectionProperties, ConnectionState, uri::AMQPUri};
use tokio::sync::{mpsc, watch};

use self::chores::{Chore, Watchman};
use crate::{
    dead_letters::DeadLetters,
    error::{classify, connection_lost, error},
    options::QueueKind,
    subscription::Named,
    topology::Topology,
    transport::{self, Greeting, Lifeline, Security},
    usual::Usual,
};

/// There is one link for a connection, and it never comes back.
pub(crate) const EPOCH: u32 = 0;

pub(crate) struct Link {
    connection: Connection,
    greeting: Arc<Greeting>,
    lifeline: Lifeline,
    pub(crate) topology: Topology,
    pub(crate) named: Named,
    pub(crate) origin: Origin,
    pub(crate) dead_letters: DeadLetters,
    /// What queues are declared as whose address says nothing.
    pub(crate) queue_kind: QueueKind,
    events: Arc<dyn EventSink>,
    loss: OnceLock<Error>,
    /// We end it ourselves, so its end is no loss.
    closing: AtomicBool,
    /// Nothing is answered any more.
    over: watch::Sender<bool>,
    blocked: watch::Sender<bool>,
    /// What nobody is left to wait for.
    chores: mpsc::UnboundedSender<Chore>,
    /// How many sessions have something to do.
    working: watch::Sender<usize>,
    /// The latest reasons for which the broker ended channels, without saying which.
    refusals: watch::Sender<VecDeque<(Instant, lapin::Error)>>,
}

impl Link {
    pub(crate) async fn open(
        uri: AMQPUri,
        properties: ConnectionProperties,
        security: Security,
        usual: Usual,
        events: Arc<dyn EventSink>,
        origin: Origin,
    ) -> Result<Arc<Self>> {
        let (greeting, lifeline) = (Arc::<Greeting>::default(), Lifeline::default());
        let (tls, mechanism) = (security.tls.clone(), uri.query.auth_mechanism.unwrap_or_default());
        let connected = transport::connect(uri, properties, security, &greeting, &lifeline).await;
        let connection = connected.map_err(|cause| {
            let refusal = opening::refusal(&greeting, mechanism, tls.as_ref(), &cause);
            refusal.unwrap_or_else(|| opening::not_connected(&greeting, cause))
        })?;
        let stream = connection.events_listener();
        // Lost before anybody listened: nobody would ever be told.
        if !connection.status().connected() {
            return Err(error(ErrorKind::ConnectionLost, "lost while it was being opened"));
        }
        let (chores, to_do) = mpsc::unbounded_channel();
        let link = Arc::new(Self {
            connection,
            greeting,
            lifeline: lifeline.clone(),
            topology: Topology::default(),
            named: Named::default(),
            origin,
            dead_letters: DeadLetters::new(usual.dead_letters),
            queue_kind: usual.queue_kind,
            events,
            loss: OnceLock::new(),
            closing: AtomicBool::new(false),
            over: watch::Sender::new(false),
            blocked: watch::Sender::new(false),
            chores,
            working: watch::Sender::new(0),
            refusals: watch::Sender::default(),
        });
        // Both end with the link, whose senders they listen to.
        tokio::spawn(events::watch(Arc::downgrade(&link), stream, link.blocked.subscribe()));
        tokio::spawn(chores::work(Watchman::new(&link, &lifeline), to_do, lifeline));
        // What the connection needs for itself, before sessions take all that there is.
        Topology::open(&link).await?;
        Ok(link)
    }

    /// The broker's product and version.
    pub(crate) fn broker(&self) -> Option<String> {
        self.greeting.broker()
    }

    /// What the broker takes at most in one frame.
    pub(crate) fn frame_max(&self) -> usize {
        usize::try_from(self.connection.configuration().frame_max()).unwrap_or(usize::MAX)
    }

    pub(crate) async fn open_channel(&self) -> Result<Channel> {
        self.new_channel().await.map_err(|error| self.error(error))
    }

    /// Ends with the link at the latest, whereas the client library never answers who asks while its own task ends.
    pub(crate) async fn new_channel(&self) -> lapin::Result<Channel> {
        tokio::select! {
            biased;
            created = self.connection.create_channel() => created,
            () = self.over() => Err(lapin::ErrorKind::InvalidConnectionState(ConnectionState::Closed).into()),
        }
    }

    /// Waits until the link is lost or closed.
    async fn over(&self) {
        // The sender is this link's own.
        let _ = self.over.subscribe().wait_for(|is_over| *is_over).await;
    }

    pub(crate) fn is_up(&self) -> bool {
        self.connection.status().connected() && self.loss.get().is_none()
    }

    /// Classifies an error of an operation on this link; reports the loss of the link, if that is what it shows.
    pub(crate) fn error(&self, cause: lapin::Error) -> Error {
        if let Some(loss) = self.loss.get() {
            return loss.clone();
        }
        // Whoever writes may notice a broken link before its state shows it.
        if self.is_up() && !is_broken(&cause) {
            return classify(cause);
        }
        if self.closing.load(Ordering::Acquire) {
            return Error::closed("connection");
        }
        self.lose(connection_lost(cause))
    }

    /// For a link that ended without a word.
    pub(crate) fn ended(&self) -> Error {
        self.error(lapin::ErrorKind::InvalidConnectionState(ConnectionState::Closed).into())
    }

    /// Reports the loss, once; gives back the first reason.
    fn lose(&self, reason: Error) -> Error {
        let mut first = false;
        let loss = self.loss.get_or_init(|| {
            first = true;
            reason
        });
        if first {
            // Whoever waits for the broker to take messages again is to fail.
            self.blocked.send_replace(false);
            self.over.send_replace(true);
            self.events.event(DriverEvent::LinkLost {
                epoch: EPOCH,
                error: loss.clone(),
            });
        }
        loss.clone()
    }

    /// Something failed that nobody waits for.
    pub(crate) fn report(&self, error: Error) {
        if self.loss.get().is_none() && !self.closing.load(Ordering::Acquire) {
            self.events.event(DriverEvent::SettleFailed { error });
        }
    }

    pub(crate) fn is_blocked(&self) -> bool {
        *self.blocked.borrow()
    }

    /// Waits until the broker takes messages, or the link is gone.
    pub(crate) async fn unblocked(&self) {
        // The sender is this link's own.
        let _ = self.blocked.subscribe().wait_for(|blocked| !blocked).await;
    }
}

impl fmt::Debug for Link {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Link")
            .field("up", &self.is_up())
            .field("blocked", &self.is_blocked())
            .finish_non_exhaustive()
    }
}

fn is_broken(cause: &lapin::Error) -> bool {
    use lapin::ErrorKind::{IOError, InvalidConnectionState, MissingHeartbeatError};
    matches!(
        cause.kind(),
        IOError(_) | InvalidConnectionState(_) | MissingHeartbeatError
    )
}
