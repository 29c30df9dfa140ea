//! A connection: what its sessions share, how it starts and stops, and how it ends.

mod closing;
mod handle;
mod link_state;

pub(crate) use handle::ConnectionHandle;
pub(crate) use link_state::LinkState;

use std::{
    collections::{BTreeMap, HashSet},
    fmt,
    sync::{
        Arc, OnceLock, Weak,
        atomic::{AtomicBool, Ordering},
    },
    time::Duration,
};

use parking_lot::Mutex;

use super::{
    close_once::CloseOnce,
    content::Carried,
    deliveries::Deliveries,
    detach::{detached, within},
    failover::{Interruption, Restoration},
    life::Life,
    redelivery::Redelivery,
    session::SessionCore,
    sink::News,
};
use crate::{
    AckMode, Address, Clock, ConnectionMetaData, DrainReport, Error, Event, Result,
    event::EventHub,
    spi::{DriverConnection, DriverEvent},
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
    pub(crate) carried: Carried,
    pub(crate) request_timeout: Duration,
    pub(crate) temporaries: Mutex<HashSet<Address>>,
    redelivery: Option<Redelivery>,
    close_timeout: Duration,
    metadata: ConnectionMetaData,
    /// Set once, when the link is lost for good.
    failure: OnceLock<Error>,
    pub(crate) link: LinkState,
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

    /// Whether any consumer of this connection is open on `destination`.
    pub(crate) fn is_consumed(&self, destination: &Address) -> bool {
        self.sessions().iter().any(|session| session.consumes(destination))
    }

    pub(crate) fn hear(&self, news: News) {
        let event = match news {
            News::Driver(event) => self.driver_event(event),
            News::Interrupted(interruption) => self.interrupted(interruption),
            News::Restored(Restoration { host, after }) => {
                let to = host.as_deref().unwrap_or(self.provider);
                tracing::info!(connection = self.id, to, ?after, "there is a link again");
                self.link.restored(host.clone(), self.clock.now());
                Event::Restored { host, after }
            }
        };
        self.events.publish(&event);
    }

    fn driver_event(&self, event: DriverEvent) -> Event {
        match event {
            DriverEvent::LinkLost { error, .. } => {
                self.link.lost(self.clock.now());
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
        }
    }

    fn interrupted(&self, interruption: Interruption) -> Event {
        self.link.lost(self.clock.now());
        self.blocked.store(false, Ordering::Release);
        for session in self.sessions() {
            for grant in session.deliveries.interrupt(&interruption) {
                grant.apply();
            }
        }
        let error = interruption.error;
        tracing::warn!(connection = self.id, %error, "the link is lost, and is made again");
        Event::Interrupted { error }
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
