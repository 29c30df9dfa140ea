//! Waiting for what was submitted, so that giving up the wait changes nothing.

use std::{future::Future, time::Duration};

use crate::{Error, ErrorKind, Result, Retry, spi::Done};

/// Runs `work` to its end even if the returned future is dropped.
pub(crate) async fn detached<T: Send + 'static>(work: impl Future<Output = Result<T>> + Send + 'static) -> Result<T> {
    match tokio::spawn(work).await {
        Ok(outcome) => outcome,
        Err(error) => Err(Error::new(ErrorKind::Other, "a kernel task did not finish").with_source(error)),
    }
}

/// Waits for an outcome, but no longer than `limit`. The work itself goes on.
pub(crate) async fn within<T: Unpin>(limit: Duration, done: Done<T>) -> Result<T> {
    match done.into_ready() {
        Ok(outcome) => outcome,
        Err(pending) => match tokio::time::timeout(limit, pending).await {
            Ok(outcome) => outcome,
            Err(_) => Err(late(limit)),
        },
    }
}

/// Does `work`, but no longer than `limit`: then it is dropped, and the error says `retry`.
pub(crate) async fn bounded<T>(
    limit: Duration,
    retry: Retry,
    work: impl Future<Output = Result<T>> + Send,
) -> Result<T> {
    match tokio::time::timeout(limit, work).await {
        Ok(outcome) => outcome,
        Err(_) => Err(late(limit).with_retry(retry)),
    }
}

/// A limit that can be added to the present: more than a year is as good as none.
pub(crate) fn clamped(limit: Duration) -> Duration {
    limit.min(Duration::from_secs(366 * 24 * 60 * 60))
}

/// Of something that was submitted, and goes on.
pub(crate) fn late(limit: Duration) -> Error {
    Error::new(ErrorKind::Timeout, format!("no answer within {limit:?}")).with_retry(Retry::MayDuplicate)
}
