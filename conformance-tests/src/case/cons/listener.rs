//! The listeners of these cases.

use std::sync::{
    Arc,
    atomic::{AtomicUsize, Ordering},
};

use anymq_api::{BoxError, MessageListener, Received};
use async_trait::async_trait;
use parking_lot::Mutex;
use tokio::sync::Semaphore;

use crate::case::text_of;

/// Keeps the texts that it gets.
#[derive(Debug, Default)]
pub(super) struct Recorder(Mutex<Vec<String>>);

impl Recorder {
    pub(super) fn new() -> Arc<Self> {
        Arc::default()
    }

    /// As a consumer takes it.
    pub(super) fn listener(self: &Arc<Self>) -> Arc<dyn MessageListener> {
        Arc::clone(self) as _
    }

    pub(super) fn texts(&self) -> Vec<String> {
        self.0.lock().clone()
    }

    pub(super) fn count(&self) -> usize {
        self.0.lock().len()
    }
}

#[async_trait]
impl MessageListener for Recorder {
    async fn on_message(&self, message: Received) -> Result<(), BoxError> {
        self.0.lock().push(text_of(&message));
        Ok(())
    }
}

/// Stays in each call until it is let go.
#[derive(Debug)]
pub(super) struct Gated {
    begun: AtomicUsize,
    ended: AtomicUsize,
    gate: Semaphore,
}

impl Gated {
    /// The listener, and what lets it go at the latest when the case ends.
    pub(super) fn new() -> (Arc<Self>, Gate) {
        let listener = Arc::new(Self {
            begun: AtomicUsize::new(0),
            ended: AtomicUsize::new(0),
            gate: Semaphore::new(0),
        });
        let gate = Gate(Arc::clone(&listener));
        (listener, gate)
    }

    /// How many calls there were.
    pub(super) fn begun(&self) -> usize {
        self.begun.load(Ordering::Acquire)
    }

    /// How many of them have returned.
    pub(super) fn ended(&self) -> usize {
        self.ended.load(Ordering::Acquire)
    }
}

#[async_trait]
impl MessageListener for Gated {
    async fn on_message(&self, _message: Received) -> Result<(), BoxError> {
        self.begun.fetch_add(1, Ordering::AcqRel);
        // Closed is open.
        drop(self.gate.acquire().await);
        self.ended.fetch_add(1, Ordering::AcqRel);
        Ok(())
    }
}

/// Lets every call go, these and later ones.
#[derive(Debug)]
pub(super) struct Gate(Arc<Gated>);

impl Gate {
    pub(super) fn open(&self) {
        self.0.gate.close();
    }
}

impl Drop for Gate {
    fn drop(&mut self) {
        self.open();
    }
}
