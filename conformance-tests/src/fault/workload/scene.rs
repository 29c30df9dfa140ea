//! What all who take part in a run share.

use std::{
    future::Future,
    sync::{
        Arc,
        atomic::{AtomicBool, AtomicUsize, Ordering},
    },
    time::Duration,
};

use anymq_api::{Error, ErrorKind, Received as Message, Result, Retry};
use tokio::{sync::watch, time::Instant};

use crate::fault::{
    Script,
    oracle::{Oracle, Payload, Received, Settled},
};

/// What all who take part in a run share.
#[derive(Debug)]
pub struct Scene {
    /// Judges them.
    pub oracle: Arc<Oracle>,
    /// The faults.
    pub script: Arc<Script>,
    /// How long a call may take, whatever happens to the link.
    pub patience: Duration,
    /// A pause after each message, for runs without an end.
    pub pace: Option<Duration>,
    over: watch::Sender<bool>,
    /// Nobody is to send anything more.
    enough: AtomicBool,
    producing: AtomicUsize,
}

/// The pause before the same is tried again, and how long a consumer waits before it looks whether the run is over.
const PAUSE: Duration = Duration::from_millis(10);
pub(super) const LOOK: Duration = Duration::from_millis(100);
/// A call that takes longer is worth a note.
const LONG: Duration = Duration::from_secs(1);

/// With a pace, nobody sends more while so many messages have not come.
const BACKLOG: usize = 2000;

impl Scene {
    /// Nothing has happened yet.
    pub fn new(oracle: Arc<Oracle>, script: Arc<Script>, patience: Duration) -> Self {
        Self {
            oracle,
            script,
            patience,
            pace: None,
            over: watch::Sender::new(false),
            enough: AtomicBool::new(false),
            producing: AtomicUsize::new(0),
        }
    }

    /// Sets a pause after each message.
    #[must_use]
    pub fn with_pace(self, pace: Duration) -> Self {
        Self {
            pace: Some(pace),
            ..self
        }
    }

    /// Tells those who send that it is enough.
    pub fn stop_producing(&self) {
        self.enough.store(true, Ordering::SeqCst);
    }

    pub(super) fn is_enough(&self) -> bool {
        self.enough.load(Ordering::SeqCst) || self.is_over()
    }

    /// Tells all to come to an end.
    pub fn end(&self) {
        self.over.send_replace(true);
    }

    pub(super) fn is_over(&self) -> bool {
        *self.over.borrow()
    }

    pub(super) async fn ended(&self) {
        // The sender lives as long as this.
        let _ = self.over.subscribe().wait_for(|over| *over).await;
    }

    /// One more who has something to send.
    pub(super) fn begin_producing(self: &Arc<Self>) -> Producing {
        self.producing.fetch_add(1, Ordering::SeqCst);
        Producing(Arc::clone(self))
    }

    /// Whether somebody still has something to send.
    pub fn is_producing(&self) -> bool {
        self.producing.load(Ordering::SeqCst) > 0
    }

    pub(super) async fn rest(&self) {
        let Some(pace) = self.pace else {
            return;
        };
        tokio::time::sleep(pace).await;
        while self.oracle.missing() > BACKLOG && !self.is_enough() {
            self.pause().await;
        }
    }

    /// Calls; `None` when the call hangs, which is a breach.
    pub(super) async fn call<T>(&self, what: &str, call: impl Future<Output = Result<T>>) -> Option<Result<T>> {
        let begin = Instant::now();
        let outcome = tokio::time::timeout(self.patience, call).await;
        if begin.elapsed() > LONG {
            self.script
                .note(format!("application: {what} took {:.1?}", begin.elapsed()));
        }
        if outcome.is_err() {
            self.oracle.breach(format!("{what} hangs for {:?}", self.patience));
        }
        outcome.ok()
    }

    /// Calls until it succeeds, as long as nothing stands in the way but the lost link; `None` otherwise, which is a
    /// breach.
    pub(super) async fn insist<T, F>(&self, what: &str, call: impl FnMut() -> F) -> Option<T>
    where
        F: Future<Output = Result<T>>,
    {
        self.insist_while(what, is_passing, call).await
    }

    /// The same for the first connection, which tries each broker once: one that is deaf takes the whole time.
    pub(super) async fn insist_on_connecting<T, F>(&self, call: impl FnMut() -> F) -> Option<T>
    where
        F: Future<Output = Result<T>>,
    {
        let is_deaf = |error: &Error| error.kind() == ErrorKind::Timeout && error.retry() == Retry::Safe;
        self.insist_while("connecting", |error| is_passing(error) || is_deaf(error), call)
            .await
    }

    async fn insist_while<T, F>(
        &self,
        what: &str,
        is_passing: impl Fn(&Error) -> bool,
        mut call: impl FnMut() -> F,
    ) -> Option<T>
    where
        F: Future<Output = Result<T>>,
    {
        let trying = async {
            loop {
                match call().await {
                    Err(error) if is_passing(&error) => tokio::time::sleep(PAUSE).await,
                    outcome => return outcome,
                }
            }
        };
        match self.call(what, trying).await? {
            Ok(value) => Some(value),
            Err(error) => {
                self.oracle.breach(format!("{what} failed: {error}"));
                None
            }
        }
    }

    pub(super) async fn pause(&self) {
        tokio::time::sleep(PAUSE).await;
    }

    /// Notes what a consumer was handed.
    pub(super) fn received(
        &self,
        stream: usize,
        consumer: u16,
        message: &Message,
        settled: Settled,
    ) -> Option<Payload> {
        let Some(payload) = message.as_text().and_then(Payload::parse) else {
            self.oracle.breach(format!("a message of unknown make: {message:?}"));
            return None;
        };
        let received = Received {
            payload,
            redelivered: message.redelivered(),
            consumer,
            settled,
        };
        self.oracle.received(stream, &received);
        Some(payload)
    }
}

/// What goes by: the link is lost, or the broker still holds what the lost client had.
fn is_passing(error: &Error) -> bool {
    matches!(error.kind(), ErrorKind::ConnectionLost | ErrorKind::InvalidClientId)
}

/// Somebody who has something to send.
#[derive(Debug)]
pub(super) struct Producing(Arc<Scene>);

impl Drop for Producing {
    fn drop(&mut self) {
        self.0.producing.fetch_sub(1, Ordering::SeqCst);
    }
}
