//! A delay that runs.

use std::time::{Duration, Instant};

use anymq_api::SendOptions;

use super::{Context, Failure};

/// A delay, measured from before the send, so that whoever else counts it began later.
#[derive(Clone, Copy, Debug)]
pub(in crate::case) struct Running {
    began: Instant,
    length: Duration,
    slack: Duration,
}

impl Running {
    /// Begins now.
    pub(in crate::case) fn begin(context: &Context, length: Duration) -> Self {
        // The reference broker has the case's own clock; others may be a margin ahead.
        let slack = match context.harness().target() {
            // An instant in whole milliseconds may be one short.
            "in-vm" => Duration::from_millis(2),
            _ => context.timing().margin,
        };
        Self {
            began: Instant::now(),
            length,
            slack,
        }
    }

    /// How long it still runs; zero when it is over.
    pub(in crate::case) fn left(&self) -> Duration {
        self.length.saturating_sub(self.began.elapsed())
    }

    /// Waits until it is over by every clock.
    pub(in crate::case) async fn pass(&self, context: &Context) {
        tokio::time::sleep(self.left() + context.timing().margin).await;
    }

    /// Fails when it is not over yet; else for how long it has been.
    ///
    /// # Errors
    /// [`Failure`] saying how early it is.
    #[track_caller]
    pub(in crate::case) fn expect_over(&self) -> Result<Duration, Failure> {
        let elapsed = self.began.elapsed();
        if elapsed + self.slack < self.length {
            let text = format!("it came {elapsed:?} after the send, whose delay is {:?}", self.length);
            return Err(Failure::new(text));
        }
        Ok(elapsed.saturating_sub(self.length))
    }
}

/// Sends with this delay.
pub(in crate::case) fn delayed(delay: Duration) -> SendOptions {
    SendOptions::new().with_delay(delay)
}
