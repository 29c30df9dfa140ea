use std::{
    sync::{
        Arc, OnceLock,
        atomic::{AtomicBool, AtomicU64, Ordering},
    },
    time::Duration,
};

use async_trait::async_trait;
use parking_lot::Mutex;

use super::{ConnectionCore, LinkState};
use crate::{
    AckMode, Capabilities, Capability, Connection, ConnectionMetaData, Destination, DrainReport, Error, ErrorKind,
    Events, Health, Limits, Result, Retry, Session, XaSession,
    event::EventHub,
    kernel::{
        FactoryOptions,
        close_once::CloseOnce,
        content::Carried,
        detach::bounded,
        dispatch::Panic,
        factory::Settings,
        life::Life,
        redelivery::Redelivery,
        scope,
        session::{SessionCore, SessionHandle},
    },
    spi::{Driver, DriverConnection, SessionSpec},
};
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
        driver: &dyn Driver,
        connection: Arc<dyn DriverConnection>,
        options: &FactoryOptions,
        settings: Settings,
    ) -> Self {
        let metadata = ConnectionMetaData::new(driver.name(), driver.version(), connection.broker());
        Self(Arc::new(Held(Arc::new(ConnectionCore {
            id,
            provider: driver.name(),
            max_message_size: connection.limits().max_message_size,
            carried: Carried::by(&connection.capabilities()),
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
            link: LinkState::up(settings.host, options.clock.now()),
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
            started: core.state.lock().started,
            blocked: core.blocked.load(Ordering::Acquire),
            last_error: core.events.last_error(),
            ..Health::default()
        };
        core.link.describe(&mut health);
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
        let spec = SessionSpec::new(mode == AckMode::Transacted).with_prompt_settlements(mode == AckMode::Auto);
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
