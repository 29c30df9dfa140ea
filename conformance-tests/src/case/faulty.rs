//! A message listener that remembers its deliveries, and fails when told to.

use std::{collections::BTreeMap, panic::resume_unwind, sync::Arc};

use anymq_api::{BoxError, MessageListener, Received};
use async_trait::async_trait;
use parking_lot::Mutex;

use super::{Context, text_of};

/// How a listener fails.
#[derive(Clone, Copy, Debug)]
pub(super) enum Fault {
    Error,
    Panic,
}

/// Remembers what it hears, in order.
#[derive(Default)]
pub(super) struct Faulty {
    received: Mutex<Vec<Received>>,
    faults: Mutex<BTreeMap<String, Fault>>,
}

impl Faulty {
    /// Fails once for each of these texts, when it first hears it.
    pub(super) fn failing(faults: &[(&str, Fault)]) -> Arc<Self> {
        let faults = faults.iter().map(|(text, fault)| ((*text).to_owned(), *fault));
        Arc::new(Self {
            faults: Mutex::new(faults.collect()),
            ..Self::default()
        })
    }

    pub(super) fn received(&self) -> Vec<Received> {
        self.received.lock().clone()
    }

    /// What it heard, once it was called `count` times or that took too long: what comes back tells more than a
    /// failure.
    pub(super) async fn wait(&self, context: &Context, count: usize) -> Vec<Received> {
        let called = || self.received.lock().len() >= count;
        let _ = context.eventually("the calls", called).await;
        self.received()
    }

    /// As [`wait`](Self::wait), and the quiet time for the calls that should not come.
    pub(super) async fn all(&self, context: &Context, count: usize) -> Vec<Received> {
        self.wait(context, count).await;
        context.quiet().await;
        self.received()
    }
}

#[async_trait]
impl MessageListener for Faulty {
    async fn on_message(&self, message: Received) -> Result<(), BoxError> {
        let text = text_of(&message);
        self.received.lock().push(message);
        let fault = self.faults.lock().remove(&text);
        match fault {
            None => Ok(()),
            Some(Fault::Error) => Err("told to fail".into()),
            // A panic without the hook's noise in the runner's output.
            Some(Fault::Panic) => resume_unwind(Box::new("told to panic")),
        }
    }
}
