//! Waiting for a condition, always with a deadline.

use std::future::Future;
use std::time::{Duration, Instant};

use tokio::time::MissedTickBehavior;

/// The condition did not come true in time.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("not reached within {limit:?}")]
pub struct TimedOut {
    /// How long was waited.
    pub limit: Duration,
}

/// Calls `probe` at once and then every `pause` until it gives a value, for `limit` at most.
///
/// The limit also ends a probe that hangs.
///
/// # Errors
///
/// [`TimedOut`] when the limit passes first.
///
/// # Cancel safety
///
/// Dropping the future drops the running probe and does nothing else.
///
/// # Panics
///
/// When `pause` is zero, as [`tokio::time::interval`] does.
///
/// # Examples
///
/// ```
/// # use std::time::Duration;
/// # #[tokio::main(flavor = "current_thread")]
/// # async fn main() -> Result<(), anymq_conformance::poll::TimedOut> {
/// let mut left = 3;
/// let value = anymq_conformance::poll::until(Duration::from_secs(1), Duration::from_millis(1), || {
///     left -= 1;
///     std::future::ready((left == 0).then_some("done"))
/// })
/// .await?;
/// assert_eq!(value, "done");
/// # Ok(())
/// # }
/// ```
pub async fn until<T, P, F>(limit: Duration, pause: Duration, mut probe: P) -> Result<T, TimedOut>
where
    P: FnMut() -> F,
    F: Future<Output = Option<T>>,
{
    let mut ticks = tokio::time::interval(pause);
    ticks.set_missed_tick_behavior(MissedTickBehavior::Delay);
    let polling = async {
        loop {
            ticks.tick().await;
            if let Some(value) = probe().await {
                return value;
            }
        }
    };
    tokio::time::timeout(limit, polling)
        .await
        .map_err(|_| TimedOut { limit })
}

/// The same for places without a runtime, such as [`Drop`]: blocks the thread.
///
/// # Errors
///
/// [`TimedOut`] when the limit passes first.
pub fn until_blocking<T>(
    limit: Duration,
    pause: Duration,
    mut probe: impl FnMut() -> Option<T>,
) -> Result<T, TimedOut> {
    let start = Instant::now();
    loop {
        if let Some(value) = probe() {
            return Ok(value);
        }
        if start.elapsed() >= limit {
            return Err(TimedOut { limit });
        }
        std::thread::sleep(pause);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const SHORT: Duration = Duration::from_millis(50);
    const TICK: Duration = Duration::from_millis(1);

    #[tokio::test]
    async fn the_first_probe_comes_at_once() {
        let day = Duration::from_secs(86_400);
        assert_eq!(until(SHORT, day, || async { Some(1) }).await, Ok(1));
    }

    #[tokio::test]
    async fn a_hanging_probe_is_ended() {
        let outcome = until(SHORT, TICK, std::future::pending::<Option<()>>).await;
        assert_eq!(outcome, Err(TimedOut { limit: SHORT }));
    }

    #[test]
    fn blocking_gives_up_after_the_limit() {
        let mut calls = 0;
        let outcome = until_blocking(SHORT, TICK, || {
            calls += 1;
            None::<()>
        });
        assert_eq!(outcome, Err(TimedOut { limit: SHORT }));
        assert!(calls > 1);
    }
}
