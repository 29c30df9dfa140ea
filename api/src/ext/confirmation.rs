use std::{
    fmt,
    future::Future,
    pin::Pin,
    sync::Arc,
    task::{Context, Poll, ready},
};

use async_trait::async_trait;
use parking_lot::Mutex;
use tokio::sync::oneshot;

use crate::{CompletionListener, Error, ErrorKind, Message, Result, SendReceipt};

/// The outcome of a message that was submitted, as a future; see [`ProducerExt::submit`](crate::ProducerExt::submit).
///
/// Dropping it gives up waiting; the send runs to its end.
#[must_use = "whether the broker has taken the message shows when this is awaited"]
pub struct Confirmation(oneshot::Receiver<Result<SendReceipt>>);

impl Confirmation {
    /// One to wait with, and the listener that ends the wait.
    pub(super) fn new() -> (Self, Arc<dyn CompletionListener>) {
        let (sender, receiver) = oneshot::channel();
        (Self(receiver), Arc::new(Once(Mutex::new(Some(sender)))))
    }
}

impl Future for Confirmation {
    type Output = Result<SendReceipt>;

    fn poll(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Self::Output> {
        let outcome = ready!(Pin::new(&mut self.0).poll(context));
        let ended = |_| Err(Error::new(ErrorKind::Other, "the session ended before the send did"));
        Poll::Ready(outcome.unwrap_or_else(ended))
    }
}

impl fmt::Debug for Confirmation {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Confirmation").finish_non_exhaustive()
    }
}

/// Passes one outcome on.
struct Once(Mutex<Option<oneshot::Sender<Result<SendReceipt>>>>);

impl Once {
    fn pass(&self, outcome: Result<SendReceipt>) {
        if let Some(sender) = self.0.lock().take() {
            // Nobody waits any more: the send itself has run to its end.
            let _ = sender.send(outcome);
        }
    }
}

#[async_trait]
impl CompletionListener for Once {
    async fn on_completion(&self, _message: Message, receipt: SendReceipt) {
        self.pass(Ok(receipt));
    }

    async fn on_error(&self, _message: Message, error: Error) {
        self.pass(Err(error));
    }
}
