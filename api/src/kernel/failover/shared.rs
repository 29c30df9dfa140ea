//! What a connection's objects share: which link is up, and what has to be made again when it is lost.

use std::{
    fmt,
    sync::{
        Arc, Weak,
        atomic::{AtomicU32, Ordering},
    },
};

use parking_lot::Mutex;
use tokio::{sync::watch, time::Instant};

use super::{
    epoch,
    gate::{Gate, GatedEvents},
    hosts::{Host, Requirements},
    is_lost,
    link::Status,
    session::FailoverSession,
    watcher::{Interruption, Restoration, Watcher},
};
use crate::{
    Address, Error, ErrorKind, ReconnectPolicy, Result, Retry,
    spi::{ConnectSpec, DriverConnection, DriverEvent},
};

pub(super) struct Shared {
    pub(super) hosts: Vec<Host>,
    pub(super) spec: ConnectSpec,
    pub(super) requirements: Requirements,
    pub(super) policy: ReconnectPolicy,
    pub(super) watcher: Arc<dyn Watcher>,
    /// The generation that is up; 0 while there is none.
    current: AtomicU32,
    link: Mutex<Link>,
    /// One piece of news at a time, and the latest last.
    telling: Mutex<()>,
    pub(super) status: watch::Sender<Status>,
    pub(super) sessions: Mutex<Vec<Weak<FailoverSession>>>,
    pub(super) temporaries: Mutex<Vec<Address>>,
}

struct Link {
    /// How many were tried so far.
    made: u32,
    /// How many of them were up.
    published: u32,
    /// The latest.
    latest: Option<(Arc<Gate>, Arc<dyn DriverConnection>)>,
    lost_at: Instant,
}

/// A link that is not up yet.
pub(super) struct Made {
    pub(super) gate: Arc<Gate>,
    pub(super) connection: Arc<dyn DriverConnection>,
    pub(super) host: Option<String>,
}

impl Made {
    pub(super) fn give_up(&self) {
        self.gate.close();
        self.connection.abandon();
    }
}

impl Shared {
    pub(super) fn new(
        hosts: Vec<Host>,
        spec: ConnectSpec,
        requirements: Requirements,
        policy: ReconnectPolicy,
        watcher: Arc<dyn Watcher>,
    ) -> Arc<Self> {
        Arc::new(Self {
            hosts,
            spec,
            requirements,
            policy,
            watcher,
            current: AtomicU32::new(0),
            link: Mutex::new(Link {
                made: 0,
                published: 0,
                latest: None,
                lost_at: Instant::now(),
            }),
            telling: Mutex::default(),
            status: watch::Sender::new(Status::Down),
            sessions: Mutex::default(),
            temporaries: Mutex::default(),
        })
    }

    /// Whether this generation is up.
    pub(super) fn is_up(&self, generation: u32) -> bool {
        generation != 0 && self.current.load(Ordering::Acquire) == generation
    }

    pub(super) fn is_down(&self) -> bool {
        self.current.load(Ordering::Acquire) == 0
    }

    pub(super) fn is_over(&self) -> bool {
        matches!(*self.status.borrow(), Status::Over(_))
    }

    /// One attempt to make a link to one host.
    pub(super) async fn make(self: &Arc<Self>, host: &Host) -> Result<Made> {
        let gate = {
            let mut link = self.link.lock();
            link.made += 1;
            Gate::new(link.made, link.published + 1)
        };
        let events = GatedEvents {
            gate: Arc::clone(&gate),
            shared: Arc::downgrade(self),
        };
        let connecting = host.connect_fit(self.spec.clone(), &self.requirements, Arc::new(events));
        let connection = connecting.await.inspect_err(|_| gate.close())?;
        Ok(Made {
            gate,
            connection,
            host: host.driver.target(),
        })
    }

    /// From now on this link is the one, unless it was lost or the connection closed meanwhile.
    pub(super) fn publish(&self, made: &Made) -> Result<()> {
        // Not while the loss of the link before is still being told.
        let _telling = self.telling.lock();
        let mut link = self.link.lock();
        if !made.gate.is_open() || self.is_over() {
            return Err(Error::new(ErrorKind::ConnectionLost, "the new link is lost already"));
        }
        link.published = made.gate.nth;
        link.latest = Some((Arc::clone(&made.gate), Arc::clone(&made.connection)));
        self.current.store(made.gate.generation, Ordering::Release);
        Ok(())
    }

    /// Tells everybody that what was published is there, unless it was lost again.
    pub(super) fn tell_up(&self, made: &Made) {
        let generation = made.gate.generation;
        self.status.send_if_modified(|status| {
            let news = matches!(status, Status::Down) && self.is_up(generation);
            if news {
                *status = Status::Up(generation);
            }
            news
        });
    }

    pub(super) fn tell_restored(&self, made: &Made) {
        let after = self.link.lock().lost_at.elapsed();
        let _telling = self.telling.lock();
        if !self.is_up(made.gate.generation) {
            return;
        }
        self.watcher.restored(Restoration {
            host: made.host.clone(),
            after,
        });
    }

    /// Passes on what a driver reports, except of lost links.
    pub(super) fn tell(&self, event: DriverEvent) {
        if let DriverEvent::TemporaryDeleted { destination } = &event {
            self.temporaries.lock().retain(|other| other != destination);
        }
        self.watcher.event(event);
    }

    /// From a driver: this link is gone.
    pub(super) fn lost(&self, gate: &Gate, error: Error) {
        // Held to the end: the link that follows must not be up before all is told of this one.
        let _telling = self.telling.lock();
        let was_up = {
            let mut link = self.link.lock();
            gate.close();
            let was_up = self.retire(gate.generation);
            if was_up {
                link.lost_at = Instant::now();
            }
            was_up
        };
        if !was_up {
            return;
        }
        let epoch = epoch::first(gate.nth + 1);
        self.watcher.interrupted(Interruption { epoch, error });
        // At last: what comes over the next link must not be forgotten with the old.
        self.status.send_if_modified(|status| {
            let news = !matches!(status, Status::Over(_));
            if news {
                *status = Status::Down;
            }
            news
        });
    }

    fn retire(&self, generation: u32) -> bool {
        let retired = self
            .current
            .compare_exchange(generation, 0, Ordering::AcqRel, Ordering::Acquire);
        retired.is_ok()
    }

    /// No link any more; gives back the latest. Only the first end counts.
    pub(super) fn end(&self, reason: Option<Error>) -> Option<Arc<dyn DriverConnection>> {
        let ended = self.status.send_if_modified(|status| {
            let news = !matches!(status, Status::Over(_));
            if news {
                *status = Status::Over(reason);
            }
            news
        });
        if !ended {
            return None;
        }
        let latest = {
            let link = self.link.lock();
            self.current.store(0, Ordering::Release);
            link.latest.clone()
        };
        for session in self.live_sessions() {
            session.end();
        }
        latest.map(|(gate, connection)| {
            gate.close();
            connection
        })
    }

    /// The policy is at its end.
    pub(super) fn give_up(&self, error: Error) {
        let detail = format!("gave up reconnecting: {}", error.detail());
        let lost = Error::new(ErrorKind::ConnectionLost, detail).with_source(error);
        if self.end(Some(lost.clone())).is_some() {
            self.watcher.event(DriverEvent::LinkLost { epoch: 0, error: lost });
        }
    }

    /// Waits for a link.
    pub(super) async fn up(&self) -> Result<(Arc<Gate>, Arc<dyn DriverConnection>)> {
        let mut status = self.status.subscribe();
        loop {
            // Cloned, so that no other lock is taken with this one held.
            let known = status.borrow_and_update().clone();
            match known {
                Status::Up(generation) => {
                    if let Some(link) = self.at(generation) {
                        return Ok(link);
                    }
                }
                Status::Down => {}
                Status::Over(reason) => return Err(Status::end(reason.as_ref())),
            }
            if status.changed().await.is_err() {
                return Err(Error::closed("connection"));
            }
        }
    }

    fn at(&self, generation: u32) -> Option<(Arc<Gate>, Arc<dyn DriverConnection>)> {
        self.latest_up().filter(|(gate, _)| gate.generation == generation)
    }

    /// The latest link, up or not: what it can do is asked at any time.
    pub(super) fn latest(&self) -> Option<Arc<dyn DriverConnection>> {
        let link = self.link.lock();
        link.latest.as_ref().map(|(_, connection)| Arc::clone(connection))
    }

    /// The link that is up.
    pub(super) fn latest_up(&self) -> Option<(Arc<Gate>, Arc<dyn DriverConnection>)> {
        let link = self.link.lock();
        link.latest.clone().filter(|(gate, _)| self.is_up(gate.generation))
    }

    /// Waits until this generation is not up any more; gives up early, since what looked like a lost link may not be one.
    pub(super) async fn until_down(&self, generation: u32) -> bool {
        const PATIENCE: std::time::Duration = std::time::Duration::from_secs(2);
        let mut status = self.status.subscribe();
        let other = |status: &Status| !matches!(status, Status::Up(up) if *up == generation);
        tokio::time::timeout(PATIENCE, status.wait_for(other)).await.is_ok()
    }

    /// Whether it is worth asking again over another link.
    pub(super) async fn asks_again(&self, generation: u32, error: &Error) -> bool {
        is_lost(error) && (!self.is_up(generation) || self.until_down(generation).await)
    }

    pub(super) fn live_sessions(&self) -> Vec<Arc<FailoverSession>> {
        let mut sessions = self.sessions.lock();
        sessions.retain(|session| session.strong_count() > 0);
        sessions.iter().filter_map(Weak::upgrade).collect()
    }
}

/// Of an operation that never began.
pub(super) fn not_begun() -> Error {
    Error::new(ErrorKind::ConnectionLost, "there is no link").with_retry(Retry::Safe)
}

impl fmt::Debug for Shared {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Shared")
            .field("status", &*self.status.borrow())
            .finish_non_exhaustive()
    }
}
