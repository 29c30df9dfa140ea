use std::sync::{
    Arc,
    atomic::{AtomicBool, Ordering},
};

use anymq_api::{Error, spi::Done};
use parking_lot::Mutex;
use tokio::sync::Notify;

use super::crowd::Crowd;

/// Holds up a session that has filled a queue, or the broker, before its next send.
#[derive(Debug, Default)]
pub(super) struct Throttle {
    /// Whether there is anything to look at: most sessions never fill a queue, and need no lock.
    held: AtomicBool,
    shared: Arc<Shared>,
}

#[derive(Debug, Default)]
struct Shared {
    state: Mutex<State>,
    ended: Notify,
}

#[derive(Debug, Default)]
struct State {
    /// The queue that was filled last.
    queue: Option<Arc<Crowd>>,
    /// The broker, when it was filled.
    broker: Option<Arc<Crowd>>,
    /// Why nothing is sent any more.
    ended: Option<Error>,
}

impl Throttle {
    pub(super) fn hold_for_queue(&self, crowd: Arc<Crowd>) {
        self.shared.state.lock().queue = Some(crowd);
        self.held.store(true, Ordering::Release);
    }

    pub(super) fn hold_for_broker(&self, crowd: &Arc<Crowd>) {
        self.shared.state.lock().broker = Some(Arc::clone(crowd));
        self.held.store(true, Ordering::Release);
    }

    pub(super) fn ready(&self) -> Done<()> {
        if !self.held.load(Ordering::Acquire) {
            return Done::ok();
        }
        let mut state = self.shared.state.lock();
        state.queue.take_if(|crowd| !crowd.is_full());
        state.broker.take_if(|crowd| !crowd.is_full());
        let full = [state.queue.clone(), state.broker.clone()];
        if full.iter().all(Option::is_none) {
            self.held.store(false, Ordering::Release);
            return Done::ok();
        }
        drop(state);
        let shared = Arc::clone(&self.shared);
        Done::pending(async move { shared.wait_for_all(full).await })
    }

    /// Whoever waits is told that the session has ended.
    pub(super) fn end(&self, error: Error) {
        self.shared.state.lock().ended = Some(error);
        self.shared.ended.notify_waiters();
    }
}

impl Shared {
    /// Until there is room in all of them at once.
    async fn wait_for_all(&self, crowds: [Option<Arc<Crowd>>; 2]) -> anymq_api::Result<()> {
        while let Some(full) = crowds.iter().flatten().find(|crowd| crowd.is_full()) {
            self.wait(full).await?;
        }
        Ok(())
    }

    async fn wait(&self, crowd: &Crowd) -> anymq_api::Result<()> {
        let ended = self.ended.notified();
        let end = self.state.lock().ended.clone();
        if let Some(error) = end {
            return Err(error);
        }
        tokio::select! {
            () = crowd.wait_for_room() => Ok(()),
            () = ended => Err(self.state.lock().ended.clone().unwrap_or_else(|| Error::closed("session"))),
        }
    }
}
