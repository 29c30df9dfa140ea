//! One connection to the broker, as its sessions share it.

use std::{
    collections::VecDeque,
    fmt,
    sync::{
        Arc, OnceLock, Weak,
        atomic::{AtomicBool, Ordering},
    },
    time::{Duration, Instant},
};

use anymq_api::{
    Error, ErrorKind, Result, Retry,
    spi::{DriverEvent, EventSink, excerpt},
};
use anymq_tls::Connector;
use futures_util::{FutureExt as _, Stream, StreamExt as _, future::BoxFuture};
use lapin::{
    Channel, Connection, ConnectionProperties, ConnectionState, Event,
    uri::{AMQPUri, SASLMechanism},
};
use tokio::sync::{mpsc, watch};

use crate::{
    dead_letters::DeadLetters,
    error::{PROVIDER, classify, connection_lost, error, reply_code},
    options::QueueKind,
    origin::Origin,
    subscription::Named,
    topology::Topology,
    transport::{self, CutOnDrop, Greeting, Lifeline, Security},
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
    blocked: watch::Sender<bool>,
    /// What nobody is left to wait for.
    chores: mpsc::UnboundedSender<Chore>,
    /// How many sessions have something to do.
    working: watch::Sender<usize>,
    /// The latest reasons for which the broker ended channels, without saying which.
    refusals: watch::Sender<VecDeque<(Instant, lapin::Error)>>,
}

/// What a link does by itself.
enum Chore {
    /// Deletes a queue.
    Delete(String),
    /// Something else, beside the others.
    Do(BoxFuture<'static, ()>),
    /// Closes a channel; what it was delivered goes back.
    Retire(Channel),
    /// Closes the link, after the work of its sessions.
    Close,
}

/// How long an abandoned link is left to its sessions.
const GRACE: Duration = Duration::from_secs(1);

/// How long after a channel the reason for its end is waited for.
const SOON: Duration = Duration::from_millis(200);

/// How many of them are kept.
const REFUSALS: usize = 4;

/// A session with something to do.
pub(crate) struct Working(Arc<Link>);

impl Working {
    pub(crate) fn new(link: &Arc<Link>) -> Self {
        link.working.send_modify(|sessions| *sessions += 1);
        Self(Arc::clone(link))
    }
}

impl Drop for Working {
    fn drop(&mut self) {
        self.0.working.send_modify(|sessions| *sessions -= 1);
    }
}

impl Link {
    pub(crate) async fn open(
        uri: AMQPUri,
        properties: ConnectionProperties,
        security: Security,
        limit: Duration,
        usual: Usual,
        events: Arc<dyn EventSink>,
        origin: Origin,
    ) -> Result<Arc<Self>> {
        let (greeting, lifeline) = (Arc::<Greeting>::default(), Lifeline::default());
        let (tls, mechanism) = (security.tls.clone(), uri.query.auth_mechanism.unwrap_or_default());
        let connected = transport::connect(uri, properties, security, limit, &greeting, &lifeline).await;
        let connection = connected.map_err(|cause| {
            let refusal = refusal(&greeting, mechanism, tls.as_ref(), &cause);
            refusal.unwrap_or_else(|| not_connected(&greeting, cause))
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
            blocked: watch::Sender::new(false),
            chores,
            working: watch::Sender::new(0),
            refusals: watch::Sender::default(),
        });
        // Both end with the link, whose senders they listen to.
        tokio::spawn(watch_events(Arc::downgrade(&link), stream, link.blocked.subscribe()));
        let watchman = Watchman {
            link: Arc::downgrade(&link),
            _cut: CutOnDrop::new(&lifeline),
        };
        tokio::spawn(do_chores(watchman, to_do, lifeline));
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

    pub(crate) async fn new_channel(&self) -> lapin::Result<Channel> {
        self.connection.create_channel().await
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

    /// Deletes a queue as soon as possible; may be called outside a runtime.
    pub(crate) fn orphan(&self, queue: String) {
        // Without the task the link is gone, and exclusive queues with it.
        let _ = self.chores.send(Chore::Delete(queue));
    }

    /// Does something as soon as possible that nobody waits for; may be called outside a runtime.
    pub(crate) fn later(&self, work: impl Future<Output = ()> + Send + 'static) {
        // Without the task the link is gone.
        let _ = self.chores.send(Chore::Do(work.boxed()));
    }

    /// Closes a channel as soon as possible; may be called outside a runtime.
    pub(crate) fn retire(&self, channel: Channel) {
        // Without the task the link is gone, and its channels with it.
        let _ = self.chores.send(Chore::Retire(channel));
    }

    fn on_event(&self, event: Event) {
        match event {
            Event::ConnectionBlocked(reason) => {
                self.blocked.send_replace(true);
                self.events.event(DriverEvent::Blocked { reason });
            }
            Event::ConnectionUnblocked => {
                self.blocked.send_replace(false);
                self.events.event(DriverEvent::Unblocked);
            }
            Event::Error(cause) if !self.is_up() => {
                self.error(cause);
            }
            // A channel's error; mostly it is told where the channel is used.
            Event::Error(cause) if !concerns_declaration(&cause) => self.refusals.send_modify(|refusals| {
                refusals.truncate(REFUSALS - 1);
                refusals.push_front((Instant::now(), cause));
            }),
            _ => {}
        }
    }

    /// The latest reason for which the broker ended a channel. It comes soon after the end itself.
    pub(crate) async fn refusal_since(&self, begun: Instant) -> Option<Error> {
        let is_later =
            |refusals: &VecDeque<(Instant, lapin::Error)>| refusals.front().is_some_and(|(at, _)| *at >= begun);
        let mut refusals = self.refusals.subscribe();
        let told = tokio::time::timeout(SOON, refusals.wait_for(is_later)).await.ok()?;
        let (_, cause) = told.ok()?.front()?.clone();
        Some(classify(cause))
    }

    pub(crate) async fn close(&self, deadline: Duration) -> Result<()> {
        self.closing.store(true, Ordering::Release);
        if !self.is_up() {
            return Ok(());
        }
        let closing = self.connection.close(200, "OK".into());
        match tokio::time::timeout(deadline, closing).await {
            Ok(Err(error)) if self.is_up() => Err(classify(error)),
            Ok(_) => Ok(()),
            Err(_) => {
                self.lifeline.cut();
                Err(error(ErrorKind::Timeout, "the broker did not answer the close"))
            }
        }
    }

    /// Sees to it that the link is closed once its sessions have sent what was submitted, and leaves it at that.
    pub(crate) fn abandon(&self) {
        self.closing.store(true, Ordering::Release);
        let busy = *self.working.borrow() > 0 && !self.is_blocked();
        if !busy {
            self.close_at_once();
        }
        if self.chores.send(Chore::Close).is_err() {
            self.close_at_once();
        }
        self.blocked.send_replace(false);
    }

    fn close_at_once(&self) {
        if self.is_up() {
            // The first poll hands it to the client library's own task.
            let _ = self.connection.close(200, "OK".into()).now_or_never();
        }
    }

    async fn close_when_idle(&self) {
        let mut working = self.working.subscribe();
        let _ = tokio::time::timeout(GRACE, working.wait_for(|sessions| *sessions == 0)).await;
        self.close_at_once();
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

fn not_connected(greeting: &Greeting, cause: lapin::Error) -> Error {
    if greeting.is_foreign() {
        let detail = "what answers there is not an AMQP 0-9-1 broker";
        return error(ErrorKind::Configuration, detail).with_source(cause);
    }
    classify(cause)
}

fn is_broken(cause: &lapin::Error) -> bool {
    use lapin::ErrorKind::{IOError, InvalidConnectionState, MissingHeartbeatError};
    matches!(
        cause.kind(),
        IOError(_) | InvalidConnectionState(_) | MissingHeartbeatError
    )
}

/// What one side did not like of the other, when the socket ends: the client library knows nothing of it.
fn refusal(
    greeting: &Greeting,
    mechanism: SASLMechanism,
    tls: Option<&Connector>,
    cause: &lapin::Error,
) -> Option<Error> {
    let lapin::ErrorKind::IOError(end) = cause.kind() else {
        return None;
    };
    if let Some(told) = transport::told(end) {
        return Some(told.with_provider(PROVIDER));
    }
    if !greeting.is_heard() {
        let refusal = tls?.silent_end(end)?;
        return Some(refusal.with_provider(PROVIDER));
    }
    let mechanism = mechanism.name();
    let others = excerpt(greeting.others_than(mechanism)?);
    let detail = format!("the broker has no {mechanism} login; it has {others}");
    Some(error(ErrorKind::Security, detail).with_source(cause.clone()))
}

/// Ends only the channel for declarations.
fn concerns_declaration(cause: &lapin::Error) -> bool {
    match reply_code(cause) {
        Some(405) => true,
        Some(403 | 404 | 406) => {
            let text = cause.to_string();
            [
                "no queue",
                "inequivalent arg",
                "access to queue",
                "'anymq.active.",
                "'anymq.held.",
            ]
            .iter()
            .any(|words| text.contains(words))
        }
        _ => false,
    }
}

async fn watch_events(link: Weak<Link>, events: impl Stream<Item = Event> + Send, mut alive: watch::Receiver<bool>) {
    let mut events = std::pin::pin!(events);
    loop {
        tokio::select! {
            event = events.next() => {
                let (Some(event), Some(link)) = (event, link.upgrade()) else { return };
                link.on_event(event);
            }
            changed = alive.changed() => if changed.is_err() { return },
        }
    }
}

/// Sees to the end of a link, however it comes.
struct Watchman {
    link: Weak<Link>,
    _cut: CutOnDrop,
}

impl Drop for Watchman {
    fn drop(&mut self) {
        let link = self.link.upgrade();
        if let Some(link) = link.filter(|link| !link.closing.load(Ordering::Acquire)) {
            let detail = "the runtime in which the connection was made has ended";
            link.lose(error(ErrorKind::ConnectionLost, detail).with_retry(Retry::Safe));
        }
    }
}

async fn do_chores(watchman: Watchman, mut chores: mpsc::UnboundedReceiver<Chore>, lifeline: Lifeline) {
    while let Some(chore) = chores.recv().await {
        let Some(link) = watchman.link.upgrade() else { break };
        match chore {
            Chore::Delete(queue) if link.is_up() => {
                // A failure means that it is gone, or will go with the connection.
                let _ = Topology::delete_queue(&link, queue).await;
            }
            Chore::Do(work) => drop(tokio::spawn(work)),
            Chore::Retire(channel) if channel.status().connected() => {
                // A failure means that it is gone.
                let _ = channel.close(200, "OK".into()).await;
            }
            Chore::Delete(_) | Chore::Retire(_) => {}
            Chore::Close => {
                link.close_when_idle().await;
                break;
            }
        }
    }
    drop(chores);
    // A frozen broker would keep the socket, and the client library's thread with it.
    lifeline.gone(GRACE).await;
}

#[cfg(test)]
mod tests;
