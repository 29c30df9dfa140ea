//! The link of one connection: whole, stalled or cut.

use std::{
    fmt,
    sync::{
        Arc, OnceLock, Weak,
        atomic::{AtomicU32, Ordering},
    },
};

use anymq_api::{
    Error, ErrorKind, Result, Retry,
    spi::{Done, DriverConnection, DriverEvent, EventSink},
};
use futures_util::future::{Either, select};
use parking_lot::RwLock;
use tokio::sync::watch;

use super::{Direction, station::Station};
use crate::fault::{Moment, Point};

/// Whatever passes holds the state for reading, so that nothing is half through when a cut returns.
pub(super) struct Wire {
    state: RwLock<State>,
    /// Becomes true when the broker has seen the client vanish.
    gone: watch::Sender<bool>,
    events: Arc<dyn EventSink>,
    /// Weakly: it keeps this as its event sink.
    inner: OnceLock<Weak<dyn DriverConnection>>,
    /// Of the latest delivery.
    epoch: AtomicU32,
    /// Where a script is followed.
    station: Option<Station>,
}

#[derive(Clone, Copy, Debug, Default)]
struct State {
    to_broker: bool,
    to_client: bool,
    cut: bool,
}

/// What a request meets on its way to the broker.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Way {
    /// It arrives.
    Open,
    /// It does not arrive, and nobody says so.
    Stalled,
    /// There is no link any more.
    Cut,
}

/// What a script learns of a request, and of its answer where that is told apart.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Passing {
    asked: Option<Point>,
    answered: Option<Point>,
}

impl Passing {
    pub(super) const UNSEEN: Self = Self {
        asked: None,
        answered: None,
    };

    pub(super) const fn asked(point: Point) -> Self {
        Self {
            asked: Some(point),
            answered: None,
        }
    }

    pub(super) const fn answered(self, point: Point) -> Self {
        Self {
            answered: Some(point),
            ..self
        }
    }
}

impl Wire {
    pub(super) fn new(events: Arc<dyn EventSink>, station: Option<Station>) -> Arc<Self> {
        Arc::new(Self {
            state: RwLock::default(),
            gone: watch::Sender::new(false),
            events,
            inner: OnceLock::new(),
            epoch: AtomicU32::new(0),
            station,
        })
    }

    /// What to abandon at a cut.
    pub(super) fn attach(&self, inner: &Arc<dyn DriverConnection>) {
        // Attached once, right after the connection was made.
        let _ = self.inner.set(Arc::downgrade(inner));
        if self.is_cut() {
            inner.abandon();
        }
    }

    pub(super) fn stall(&self, direction: Direction) {
        let mut state = self.state.write();
        match direction {
            Direction::ToBroker => state.to_broker = true,
            Direction::ToClient => state.to_client = true,
        }
    }

    /// The broker first: it knows nothing of the client any more when the client learns of it.
    pub(super) fn cut(&self) {
        if self.sever() {
            self.tell();
        }
    }

    /// The first half of a cut: nothing passes any more. Whether it did before. May be called from within a call of the
    /// driver's.
    pub(super) fn sever(&self) -> bool {
        !std::mem::replace(&mut self.state.write().cut, true)
    }

    /// The second half.
    pub(super) fn tell(&self) {
        if let Some(inner) = self.inner.get().and_then(Weak::upgrade) {
            inner.abandon();
        }
        self.gone.send_replace(true);
        let epoch = self.epoch.load(Ordering::Relaxed);
        let error = lost(Retry::Safe);
        self.events.event(DriverEvent::LinkLost { epoch, error });
    }

    /// The connection came to an orderly end: there is nothing left to cut.
    pub(super) fn close(&self) {
        self.state.write().cut = true;
        self.gone.send_replace(true);
    }

    pub(super) fn is_cut(&self) -> bool {
        self.state.read().cut
    }

    pub(super) fn to_broker(&self) -> Way {
        match *self.state.read() {
            State { cut: true, .. } => Way::Cut,
            State { to_broker: true, .. } => Way::Stalled,
            State { .. } => Way::Open,
        }
    }

    /// Lets something pass to the client, if it can.
    pub(super) fn pass(&self, epoch: Option<u32>, hand_over: impl FnOnce()) {
        let state = self.state.read();
        if !state.cut && !state.to_client {
            if let Some(epoch) = epoch {
                self.epoch.store(epoch, Ordering::Relaxed);
            }
            hand_over();
        }
    }

    pub(super) fn answers(&self) -> bool {
        !self.state.read().to_client
    }

    /// Submits a request, which the broker may get and may answer. A script learns of both.
    pub(super) fn submit(self: &Arc<Self>, passing: Passing, request: impl FnOnce() -> Done<()>) -> Done<()> {
        let way = self.to_broker();
        if way == Way::Cut {
            return Done::ready(Err(lost(Retry::Safe)));
        }
        let reaches = || way == Way::Open && self.to_broker() == Way::Open;
        let done = self.passes(passing.asked, || reaches().then(request)).flatten();
        let Some(done) = done.filter(|_| self.hears()) else {
            return self.never_answered();
        };
        match done.into_ready() {
            Ok(outcome) => self
                .answered(passing.answered, outcome)
                .unwrap_or_else(|| self.never_answered()),
            Err(pending) => {
                let wire = Arc::clone(self);
                Done::pending(async move {
                    let outcome = wire.answer(pending).await;
                    match wire.answered(passing.answered, outcome) {
                        Some(done) => done.await,
                        None => Err(wire.gone().await),
                    }
                })
            }
        }
    }

    /// The answer, unless it is lost on its way.
    fn answered(&self, point: Option<Point>, outcome: Result<()>) -> Option<Done<()>> {
        let outcome = outcome.map_err(|error| self.blame(error));
        match point.filter(|_| outcome.is_ok()) {
            None => Some(Done::ready(outcome)),
            Some(point) => self.passes(Some(point), || self.hears().then(|| Done::ready(outcome)))?,
        }
    }

    /// Lets something pass a point of the script, if it still can when the script has done what it says.
    pub(super) fn passes<T>(&self, point: Option<Point>, pass: impl FnOnce() -> T) -> Option<T> {
        let (Some(station), Some(point)) = (&self.station, point) else {
            return Some(pass());
        };
        let Some(fault) = station.fault(point) else {
            return Some(pass());
        };
        match fault.moment {
            Moment::Before => {
                station.strike(fault);
                (!self.is_cut()).then(pass)
            }
            Moment::After => {
                let passed = pass();
                station.strike(fault);
                Some(passed)
            }
        }
    }

    /// Whether an answer reaches the client.
    fn hears(&self) -> bool {
        let state = self.state.read();
        !state.cut && !state.to_client
    }

    /// Asks the broker and waits for its answer, which may never come.
    pub(super) async fn ask<T>(&self, request: impl Future<Output = Result<T>> + Send) -> Result<T> {
        match self.to_broker() {
            Way::Cut => return Err(lost(Retry::Safe)),
            Way::Stalled => return Err(self.gone().await),
            Way::Open => {}
        }
        match self.passes(Some(Point::Other), || ()) {
            Some(()) if self.to_broker() == Way::Open => self.answer(request).await,
            _ => Err(self.gone().await),
        }
    }

    async fn answer<T>(&self, request: impl Future<Output = Result<T>> + Send) -> Result<T> {
        let (request, gone) = (std::pin::pin!(request), std::pin::pin!(self.gone()));
        match select(request, gone).await {
            Either::Left((_, gone)) if !self.answers() => Err(gone.await),
            Either::Left((outcome, _)) => outcome.map_err(|error| self.blame(error)),
            Either::Right((lost, _)) => Err(lost),
        }
    }

    fn never_answered(self: &Arc<Self>) -> Done<()> {
        let wire = Arc::clone(self);
        Done::pending(async move { Err(wire.gone().await) })
    }

    /// Waits for the cut, which leaves the fate of what waits for it unknown.
    async fn gone(&self) -> Error {
        let mut gone = self.gone.subscribe();
        // The sender lives as long as this.
        let _ = gone.wait_for(|gone| *gone).await;
        lost(Retry::MayDuplicate)
    }

    /// What the abandoned connection says to those that were on their way when the link was cut.
    fn blame(&self, error: Error) -> Error {
        if self.is_cut() {
            lost(Retry::MayDuplicate)
        } else {
            error
        }
    }
}

/// What the driver reports of itself. The abandoned connection has nothing to say.
impl EventSink for Wire {
    fn event(&self, event: DriverEvent) {
        if !matches!(event, DriverEvent::LinkLost { .. }) {
            self.pass(None, || self.events.event(event));
        } else if !std::mem::replace(&mut self.state.write().cut, true) {
            self.gone.send_replace(true);
            self.events.event(event);
        }
    }
}

impl fmt::Debug for Wire {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("Wire").field(&*self.state.read()).finish()
    }
}

pub(super) fn lost(retry: Retry) -> Error {
    Error::new(ErrorKind::ConnectionLost, "the link was cut").with_retry(retry)
}
