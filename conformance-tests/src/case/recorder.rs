//! A completion listener that remembers, and does what it is told on the way.

use std::sync::{
    Arc,
    atomic::{AtomicUsize, Ordering},
};

use anymq_api::{CompletionListener, Error, Message, SendReceipt};
use async_trait::async_trait;
use futures_util::future::BoxFuture;
use parking_lot::Mutex;

use super::{Context, Failure};

/// One call that has returned.
#[derive(Clone, Debug)]
pub(super) struct Completed {
    pub(super) message: Message,
    pub(super) outcome: Result<SendReceipt, Error>,
}

type Action = dyn Fn() -> BoxFuture<'static, ()> + Send + Sync;

/// Remembers its calls, in the order in which they returned.
#[derive(Default)]
pub(super) struct Recorder {
    action: Option<Box<Action>>,
    begun: AtomicUsize,
    returned: Mutex<Vec<Completed>>,
}

impl Recorder {
    pub(super) fn new() -> Arc<Self> {
        Arc::default()
    }

    /// Does this in each call, before the call counts as returned.
    pub(super) fn doing(action: impl Fn() -> BoxFuture<'static, ()> + Send + Sync + 'static) -> Arc<Self> {
        Arc::new(Self {
            action: Some(Box::new(action)),
            ..Self::default()
        })
    }

    /// How many calls have begun.
    pub(super) fn begun(&self) -> usize {
        self.begun.load(Ordering::Acquire)
    }

    /// The calls that have returned.
    pub(super) fn calls(&self) -> Vec<Completed> {
        self.returned.lock().clone()
    }

    /// The calls, once `count` have returned or that took too long: what comes back tells more than a failure.
    pub(super) async fn wait(&self, context: &Context, count: usize) -> Vec<Completed> {
        let returned = || self.returned.lock().len() >= count;
        let _ = context.eventually("the calls", returned).await;
        self.calls()
    }

    /// As [`wait`](Self::wait), and the quiet time for the calls that should not come.
    pub(super) async fn all(&self, context: &Context, count: usize) -> Vec<Completed> {
        self.wait(context, count).await;
        context.quiet().await;
        self.calls()
    }

    async fn called(&self, message: Message, outcome: Result<SendReceipt, Error>) {
        self.begun.fetch_add(1, Ordering::AcqRel);
        if let Some(action) = &self.action {
            action().await;
        }
        self.returned.lock().push(Completed { message, outcome });
    }
}

#[async_trait]
impl CompletionListener for Recorder {
    async fn on_completion(&self, message: Message, receipt: SendReceipt) {
        self.called(message, Ok(receipt)).await;
    }

    async fn on_error(&self, message: Message, error: Error) {
        self.called(message, Err(error)).await;
    }
}

impl Completed {
    /// The text of the message; the kind of another.
    pub(super) fn text(&self) -> String {
        let text = self.message.as_text().map(ToOwned::to_owned);
        text.unwrap_or_else(|| format!("{:?}", self.message.kind()))
    }

    /// What the send decided.
    ///
    /// # Errors
    /// [`Failure`] when the send failed.
    #[track_caller]
    pub(super) fn receipt(&self) -> Result<&SendReceipt, Failure> {
        self.outcome
            .as_ref()
            .map_err(|error| Failure::new(format!("the send of {:?} failed: {error}", self.text())))
    }
}

/// The texts of the calls, all of which must be successes.
///
/// # Errors
/// [`Failure`] when one tells of an error.
#[track_caller]
pub(super) fn successes(calls: &[Completed]) -> Result<Vec<String>, Failure> {
    let mut texts = Vec::new();
    for call in calls {
        call.receipt()?;
        texts.push(call.text());
    }
    Ok(texts)
}
