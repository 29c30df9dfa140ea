//! Listeners that a case watches from outside.

use std::sync::Arc;

use anymq_api::{BoxError, MessageListener, Received};
use parking_lot::Mutex;
use tokio::sync::Semaphore;

use super::{Context, Failure, text_of};

/// A listener from a closure.
pub(crate) fn listen<F, Fut>(call: F) -> Arc<dyn MessageListener>
where
    F: Fn(Received) -> Fut + Send + Sync + 'static,
    Fut: Future<Output = Result<(), BoxError>> + Send + 'static,
{
    Arc::new(call)
}

/// The texts that listeners got, in order.
#[derive(Clone, Debug, Default)]
pub(crate) struct Heard(Arc<Mutex<Vec<String>>>);

impl Heard {
    pub(crate) fn note(&self, received: &Received) {
        self.0.lock().push(text_of(received));
    }

    pub(crate) fn texts(&self) -> Vec<String> {
        self.0.lock().clone()
    }

    pub(crate) fn count(&self) -> usize {
        self.0.lock().len()
    }

    /// A listener that notes and succeeds.
    pub(crate) fn listener(&self) -> Arc<dyn MessageListener> {
        let heard = self.clone();
        listen(move |received| {
            heard.note(&received);
            std::future::ready(Ok(()))
        })
    }

    /// Waits until so many were noted.
    #[track_caller]
    pub(crate) fn wait<'a>(
        &'a self,
        context: &'a Context,
        count: usize,
    ) -> impl Future<Output = Result<(), Failure>> + Send + 'a {
        context.eventually("the listeners got their messages", move || self.count() >= count)
    }
}

/// Holds listeners inside their call until it is opened, or dropped.
#[derive(Debug, Default)]
pub(crate) struct Gate(Turnstile);

/// The listener's side of a gate.
#[derive(Clone, Debug)]
pub(crate) struct Turnstile(Arc<Halves>);

#[derive(Debug)]
struct Halves {
    entered: Semaphore,
    open: Semaphore,
}

impl Default for Turnstile {
    fn default() -> Self {
        Self(Arc::new(Halves {
            entered: Semaphore::new(0),
            open: Semaphore::new(0),
        }))
    }
}

impl Turnstile {
    /// Tells that the listener is here, and waits for the gate to open.
    pub(crate) async fn pass(&self) {
        self.0.entered.add_permits(1);
        // It never gets a permit: it opens by closing the semaphore.
        let _ = self.0.open.acquire().await;
    }
}

impl Gate {
    pub(crate) fn turnstile(&self) -> Turnstile {
        self.0.clone()
    }

    /// Waits until one more listener has come to it.
    #[track_caller]
    pub(crate) fn entered<'a>(&'a self, context: &'a Context) -> impl Future<Output = Result<(), Failure>> + 'a {
        let arrival = context.in_time("a listener is called", self.0.0.entered.acquire());
        async move {
            if let Ok(permit) = arrival.await? {
                permit.forget();
            }
            Ok(())
        }
    }

    /// From now on everybody passes.
    pub(crate) fn open(&self) {
        self.0.0.open.close();
    }
}

impl Drop for Gate {
    // A case that fails must not leave its listener behind.
    fn drop(&mut self) {
        self.open();
    }
}
