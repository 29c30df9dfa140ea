use std::{
    collections::{BTreeMap, HashSet},
    fmt,
    sync::{
        Arc, OnceLock, Weak,
        atomic::{AtomicBool, AtomicU64, Ordering},
    },
    time::Duration,
};

use async_trait::async_trait;
use parking_lot::Mutex;
use tokio::time::Instant;

use super::{
    FactoryOptions,
    close_once::CloseOnce,
    deliveries::Deliveries,
    detach::{bounded, clamped, detached, within},
    dispatch::Panic,
    factory::Settings,
    life::Life,
    redelivery::Redelivery,
    scope,
    session::{SessionCore, SessionHandle},
};
use crate::{
    AckMode, Address, Capabilities, Capability, Clock, Connection, ConnectionMetaData, Destination, DrainReport, Error,
    ErrorKind, Event, Events, Health, Limits, Result, Retry, Session, XaSession,
    event::EventHub,
    spi::{Driver, DriverConnection, DriverEvent, SessionSpec},
};

/// A connection's state, shared by all that was made from it.
pub(crate) struct ConnectionCore {
    pub(crate) id: u64,
    pub(crate) provider: &'static str,
    pub(crate) driver: Arc<dyn DriverConnection>,
    pub(crate) clock: Arc<dyn Clock>,
    pub(crate) events: Arc<EventHub>,
    pub(crate) client_id: Option<String>,
    pub(crate) prefetch: u32,
    /// Asked of the driver once, because every send looks at it.
    pub(crate) max_message_size: Option<u64>,
    pub(crate) request_timeout: Duration,
    pub(crate) temporaries: Mutex<HashSet<Address>>,
    redelivery: Option<Redelivery>,
    close_timeout: Duration,
    metadata: ConnectionMetaData,
    /// Set once, when the link is lost.
    failure: OnceLock<Error>,
    blocked: AtomicBool,
    life: Life,
    state: Mutex<State>,
    /// One start or stop at a time.
    transition: Arc<tokio::sync::Mutex<()>>,
    closing: CloseOnce<DrainReport>,
}

#[derive(Default)]
struct State {
    started: bool,
    sessions: BTreeMap<u64, Weak<SessionCore>>,
    /// Sessions that ended without waiting for their running listeners.
    left_running: Vec<Weak<SessionCore>>,
}

impl ConnectionCore {
    /// The error of every call once the connection is closed or its link lost.
    pub(crate) fn usable(&self) -> Result<()> {
        self.open()?;
        self.failure().map_or(Ok(()), |error| Err(error.clone()))
    }

    pub(crate) fn open(&self) -> Result<()> {
        self.life.check(self.id, "connection")
    }

    pub(crate) fn failure(&self) -> Option<&Error> {
        self.failure.get()
    }

    pub(crate) fn forget(&self, session: u64) {
        self.state.lock().sessions.remove(&session);
    }

    pub(crate) fn close_timeout(&self) -> Duration {
        self.close_timeout
    }

    fn sessions(&self) -> Vec<Arc<SessionCore>> {
        self.state.lock().sessions.values().filter_map(Weak::upgrade).collect()
    }

    /// The sessions that are left; closed when there are none, before another one can be registered.
    fn sessions_or_closed(&self) -> Vec<Arc<SessionCore>> {
        let state = self.state.lock();
        let sessions: Vec<_> = state.sessions.values().filter_map(Weak::upgrade).collect();
        if sessions.is_empty() {
            self.life.close();
        }
        sessions
    }

    /// Whether any consumer of this connection is open on `destination`.
    pub(crate) fn is_consumed(&self, destination: &Address) -> bool {
        self.sessions().iter().any(|session| session.consumes(destination))
    }

    pub(crate) fn on_event(&self, event: DriverEvent) {
        let event = match event {
            DriverEvent::LinkLost { error, .. } => {
                self.fail(&error);
                Event::ConnectionLost { error }
            }
            DriverEvent::Blocked { reason } => {
                self.blocked.store(true, Ordering::Release);
                Event::Blocked { reason }
            }
            DriverEvent::Unblocked => {
                self.blocked.store(false, Ordering::Release);
                Event::Unblocked
            }
            DriverEvent::SettleFailed { error } => Event::AcknowledgeFailed { error },
            DriverEvent::TemporaryDeleted { destination } => {
                self.temporaries.lock().remove(&destination);
                Event::TemporaryDeleted { destination }
            }
        };
        self.events.publish(&event);
    }

    fn fail(&self, error: &Error) {
        if self.failure.set(error.clone()).is_ok() {
            for session in self.sessions() {
                session.deliveries.fail(error);
            }
        }
    }

    fn start(&self) {
        let mut state = self.state.lock();
        state.started = true;
        drop(state);
        for session in self.sessions() {
            for grant in session.deliveries.start() {
                grant.apply();
            }
        }
    }

    async fn stop(&self) -> Result<()> {
        let turn = Arc::clone(&self.transition).lock_owned().await;
        self.state.lock().started = false;
        let sessions = self.sessions();
        let subscriptions: Vec<_> = sessions.iter().flat_map(|s| s.deliveries.stop()).collect();
        let stopping: Vec<_> = subscriptions.iter().map(|s| s.stop_delivery()).collect();
        let running: Vec<_> = sessions.iter().map(|s| s.deliveries.running()).collect();
        let (limit, stopped) = (self.request_timeout, sessions.clone());
        // Detached: credit that was taken back and is thought to be there would never be granted again.
        let outcome = detached(async move {
            let mut outcome = Ok(());
            for done in stopping {
                outcome = outcome.and(within(limit, done).await);
            }
            for session in stopped {
                session.deliveries.revoke_credit();
            }
            drop(turn);
            outcome
        })
        .await;
        // Not part of the turn: these listeners may start the connection again.
        for (session, running) in sessions.iter().zip(running) {
            let returned = session.deliveries.wait_idle(|current| Some(current) == running);
            session.over.or(returned).await;
        }
        outcome
    }

    /// A session ended whose listeners still run.
    pub(crate) fn left_running(&self, session: Weak<SessionCore>) {
        let mut state = self.state.lock();
        state.left_running.retain(|session| session.strong_count() > 0);
        state.left_running.push(session);
    }

    /// Waits for the listeners that sessions left running; says whether all have returned.
    async fn stragglers_returned(&self, end: Instant) -> bool {
        let stragglers = std::mem::take(&mut self.state.lock().left_running);
        for session in stragglers.iter().filter_map(Weak::upgrade) {
            if tokio::time::timeout_at(end, session.idle()).await.is_err() {
                return false;
            }
        }
        true
    }

    /// From now on nothing is handed out, and only running listeners use the connection.
    fn begin_close(&self) {
        self.life.begin_close();
        for session in self.sessions() {
            session.begin_close();
        }
    }

    async fn close(self: Arc<Self>, deadline: Duration) -> Result<DrainReport> {
        let end = Instant::now() + clamped(deadline);
        let mut report = DrainReport {
            complete: true,
            ..DrainReport::default()
        };
        // A running listener may still open a session while the others end.
        loop {
            let sessions = self.sessions_or_closed();
            if sessions.is_empty() {
                break;
            }
            for session in &sessions {
                session.begin_close();
            }
            for session in sessions {
                let drained = session.close_by(end).await;
                report.complete &= drained.complete;
                report.released += drained.released;
                report.unconfirmed += drained.unconfirmed;
                self.forget(session.id);
            }
        }
        let left = end.saturating_duration_since(Instant::now());
        if !matches!(tokio::time::timeout(left, self.driver.close(left)).await, Ok(Ok(()))) {
            self.driver.abandon();
            report.complete = false;
        }
        report.complete &= self.stragglers_returned(end).await;
        self.temporaries.lock().clear();
        self.events.close();
        Ok(report)
    }

    /// Ends at once what an orderly close could not end.
    fn give_up(&self) {
        for session in self.sessions() {
            session.abandon();
        }
        self.life.close();
        self.end();
    }

    fn abandon(&self) {
        if !self.life.close() {
            self.end();
        }
    }

    fn end(&self) {
        self.driver.abandon();
        self.temporaries.lock().clear();
        self.events.close();
    }

    fn open_deliveries(&self, mode: AckMode) -> impl FnOnce(bool) -> Arc<Deliveries> {
        let max_unsettled = self.driver.limits().max_unsettled;
        let clock = Arc::clone(&self.clock);
        let redelivery = self.redelivery;
        move |started| Arc::new(Deliveries::new(mode, started, max_unsettled, clock).with_redelivery(redelivery))
    }
}

impl fmt::Debug for ConnectionCore {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Connection")
            .field("provider", &self.provider)
            .field("id", &self.id)
            .finish_non_exhaustive()
    }
}

/// What the application holds. The last one to go, children included, abandons the connection.
#[derive(Debug, Clone)]
pub(crate) struct ConnectionHandle(Arc<Held>);

#[derive(Debug)]
struct Held(Arc<ConnectionCore>);

impl Drop for Held {
    fn drop(&mut self) {
        self.0.abandon();
    }
}

impl ConnectionHandle {
    pub(crate) fn new(
        id: u64,
        driver: &Arc<dyn Driver>,
        connection: Arc<dyn DriverConnection>,
        options: &FactoryOptions,
        settings: Settings,
    ) -> Self {
        let metadata = ConnectionMetaData::new(driver.name(), driver.version(), connection.broker());
        Self(Arc::new(Held(Arc::new(ConnectionCore {
            id,
            provider: driver.name(),
            max_message_size: connection.limits().max_message_size,
            driver: connection,
            clock: Arc::clone(&options.clock),
            events: Arc::new(EventHub::new(options.event_capacity)),
            client_id: settings.client_id,
            prefetch: settings.prefetch,
            request_timeout: settings.request_timeout,
            temporaries: Mutex::default(),
            redelivery: settings.redelivery.as_ref().and_then(Redelivery::new),
            close_timeout: settings.close_timeout,
            metadata,
            failure: OnceLock::new(),
            blocked: AtomicBool::new(false),
            life: Life::default(),
            state: Mutex::default(),
            transition: Arc::default(),
            closing: CloseOnce::default(),
        }))))
    }

    pub(crate) fn core(&self) -> &Arc<ConnectionCore> {
        &self.0.0
    }

    /// Lists the session, so that start, stop and close reach it.
    fn register(&self, mode: AckMode, driver: Arc<dyn crate::spi::DriverSession>) -> Result<SessionHandle> {
        static NEXT: AtomicU64 = AtomicU64::new(1);
        let core = self.core();
        let open_deliveries = core.open_deliveries(mode);
        let mut state = core.state.lock();
        if let Err(error) = core.open() {
            drop(state);
            driver.abandon();
            return Err(error);
        }
        let id = NEXT.fetch_add(1, Ordering::Relaxed);
        let session = SessionCore::new(id, Arc::clone(core), driver, mode, open_deliveries(state.started));
        state.sessions.insert(id, Arc::downgrade(&session));
        drop(state);
        Ok(SessionHandle::new(session, self.clone()))
    }
}

#[async_trait]
impl Connection for ConnectionHandle {
    fn metadata(&self) -> Result<ConnectionMetaData> {
        self.core().open()?;
        Ok(self.core().metadata.clone())
    }

    fn client_id(&self) -> Result<Option<String>> {
        self.core().open()?;
        Ok(self.core().client_id.clone())
    }

    fn capabilities(&self) -> Result<Capabilities> {
        self.core().open()?;
        Ok(self.core().driver.capabilities())
    }

    fn capabilities_of(&self, destination: &dyn Destination) -> Result<Capabilities> {
        self.core().open()?;
        Ok(self.core().driver.capabilities_of(destination.address()))
    }

    fn limits(&self) -> Result<Limits> {
        self.core().open()?;
        Ok(self.core().driver.limits())
    }

    fn events(&self) -> Result<Events> {
        self.core().open()?;
        Ok(self.core().events.subscribe())
    }

    fn health(&self) -> Result<Health> {
        let core = self.core();
        core.open()?;
        let mut health = Health {
            connected: core.failure().is_none(),
            started: core.state.lock().started,
            blocked: core.blocked.load(Ordering::Acquire),
            ..Health::default()
        };
        for session in core.sessions() {
            let (consumers, served) = session.deliveries.census();
            health.consumers += consumers;
            health.consumers_served += if health.connected { served } else { 0 };
        }
        Ok(health)
    }

    async fn create_session(&self, mode: AckMode) -> Result<Arc<dyn Session>> {
        let core = self.core();
        core.usable()?;
        let name = |error: Error| error.with_provider(core.provider).with_operation("create session");
        if let Some(capability) = mode.capability() {
            core.require(capability).map_err(name)?;
        }
        let spec = SessionSpec::new(mode == AckMode::Transacted);
        let opening = core.driver.open_session(spec);
        let driver = bounded(core.request_timeout, Retry::Safe, opening)
            .await
            .map_err(name)?;
        Ok(Arc::new(self.register(mode, driver)?))
    }

    async fn create_xa_session(&self) -> Result<XaSession> {
        self.core().usable()?;
        self.core().require(Capability::Xa)?;
        // No kernel session speaks XA yet, whatever a driver declares.
        Err(Error::unsupported(Capability::Xa))
    }

    async fn start(&self) -> Result<()> {
        let core = self.core();
        core.usable()?;
        let _transition = core.transition.lock().await;
        core.start();
        Ok(())
    }

    async fn stop(&self) -> Result<()> {
        let core = self.core();
        core.usable()?;
        if scope::inside_connection(core.id) {
            return Err(Error::new(
                ErrorKind::IllegalState,
                "a listener cannot stop its own connection",
            ));
        }
        core.stop().await
    }

    async fn close(&self) -> Result<()> {
        self.close_with_deadline(self.core().close_timeout).await.map(drop)
    }

    async fn close_with_deadline(&self, deadline: Duration) -> Result<DrainReport> {
        let core = self.core();
        if scope::inside_connection(core.id) {
            return Err(Error::new(
                ErrorKind::IllegalState,
                "a listener cannot close its own connection",
            ));
        }
        core.begin_close();
        let panicked = Arc::clone(core);
        let give_up = move |panic: Panic| {
            tracing::error!(%panic, "closing a connection");
            panicked.give_up();
            Ok(DrainReport::default())
        };
        core.closing.run(|| Arc::clone(core).close(deadline), give_up).await
    }
}
