//! Closing: it happens once, runs to its end, and everybody who asks waits for the same outcome.

use std::future::Future;

use parking_lot::Mutex;
use tokio::sync::watch;

use super::dispatch::{Panic, catch_panic};
use crate::{Error, ErrorKind, Result};

type Outcome<T> = watch::Receiver<Option<Result<T>>>;

/// The one run of a closing procedure.
#[derive(Debug)]
pub(crate) struct CloseOnce<T>(Mutex<Option<Outcome<T>>>);

impl<T> Default for CloseOnce<T> {
    fn default() -> Self {
        Self(Mutex::new(None))
    }
}

impl<T: Clone + Send + Sync + 'static> CloseOnce<T> {
    /// Starts the procedure in a task of its own unless that was done before, and waits for its outcome. A procedure
    /// that panics is followed by `give_up`, which must leave nothing open.
    pub(crate) async fn run<F>(
        &self,
        procedure: impl FnOnce() -> F,
        give_up: impl FnOnce(Panic) -> Result<T> + Send + 'static,
    ) -> Result<T>
    where
        F: Future<Output = Result<T>> + Send + 'static,
    {
        let mut outcome = self.outcome(procedure, give_up);
        match outcome.wait_for(Option::is_some).await {
            Ok(outcome) => outcome.clone().unwrap_or_else(|| Err(interrupted())),
            Err(_) => Err(interrupted()),
        }
    }

    fn outcome<F>(
        &self,
        procedure: impl FnOnce() -> F,
        give_up: impl FnOnce(Panic) -> Result<T> + Send + 'static,
    ) -> Outcome<T>
    where
        F: Future<Output = Result<T>> + Send + 'static,
    {
        let mut slot = self.0.lock();
        if let Some(outcome) = slot.as_ref().filter(|outcome| will_come(outcome)) {
            return outcome.clone();
        }
        let (sender, receiver) = watch::channel(None);
        *slot = Some(receiver.clone());
        drop(slot);
        let work = procedure();
        tokio::spawn(async move {
            sender.send_replace(Some(catch_panic(work).await.unwrap_or_else(give_up)));
        });
        receiver
    }
}

/// Whether there is an outcome or somebody who works on it. There is not when the runtime of an earlier attempt ended.
fn will_come<T>(outcome: &Outcome<T>) -> bool {
    // In this order: what has no sender any more does not change.
    outcome.has_changed().is_ok() || outcome.borrow().is_some()
}

fn interrupted() -> Error {
    Error::new(ErrorKind::Other, "closing was interrupted by the end of the runtime")
}

#[cfg(test)]
mod tests {
    use futures_util::FutureExt;

    use super::*;

    #[test]
    fn a_runtime_that_ends_does_not_end_closing_for_ever() {
        let closing = CloseOnce::default();
        let runtime = || tokio::runtime::Builder::new_current_thread().build().unwrap();
        let give_up = |panic: Panic| Err(panic.into_error("close"));
        runtime().block_on(async {
            let begun = closing.run(std::future::pending::<Result<u8>>, give_up);
            assert!(begun.now_or_never().is_none());
        });
        let attempt = |outcome| runtime().block_on(closing.run(|| async move { Ok(outcome) }, give_up));
        assert_eq!([attempt(1).unwrap(), attempt(2).unwrap()], [1, 1]);
    }
}
