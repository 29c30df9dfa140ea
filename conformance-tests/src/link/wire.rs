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

use super::Direction;

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

impl Wire {
    pub(super) fn new(events: Arc<dyn EventSink>) -> Arc<Self> {
        Arc::new(Self {
            state: RwLock::default(),
            gone: watch::Sender::new(false),
            events,
            inner: OnceLock::new(),
            epoch: AtomicU32::new(0),
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
        if std::mem::replace(&mut self.state.write().cut, true) {
            return;
        }
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

    /// Submits a request, which the broker may get and may answer.
    pub(super) fn submit(self: &Arc<Self>, request: impl FnOnce() -> Done<()>) -> Done<()> {
        match self.to_broker() {
            Way::Cut => Done::ready(Err(lost(Retry::Safe))),
            Way::Stalled => self.never_answered(),
            Way::Open => match request().into_ready() {
                _ if !self.answers() => self.never_answered(),
                Ok(outcome) => Done::ready(outcome.map_err(|error| self.blame(error))),
                Err(pending) => {
                    let wire = Arc::clone(self);
                    Done::pending(async move { wire.answer(pending).await })
                }
            },
        }
    }

    /// Asks the broker and waits for its answer, which may never come.
    pub(super) async fn ask<T>(&self, request: impl Future<Output = Result<T>> + Send) -> Result<T> {
        match self.to_broker() {
            Way::Cut => Err(lost(Retry::Safe)),
            Way::Stalled => Err(self.gone().await),
            Way::Open => self.answer(request).await,
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
