//! What has to do with the time of day: how long to wait for an instant.

use std::time::Duration;

use anymq_api::{SendReceipt, Timestamp};

use super::{Context, Failure};

/// A time to live, or a delay, that is short; still longer than any two clocks may be apart.
pub(crate) fn short(context: &Context) -> Duration {
    let timing = context.timing();
    timing.quiet * 2 + timing.margin * 2
}

/// A time to live that no case waits for.
pub(crate) const LONG: Duration = Duration::from_secs(3600);

/// Waits until these messages have expired by every clock.
///
/// # Errors
/// [`Failure`] when one of them never expires.
#[track_caller]
pub(crate) fn pass_expiration<'a>(
    context: &'a Context,
    receipts: &'a [SendReceipt],
) -> impl Future<Output = Result<(), Failure>> + 'a {
    let never = Failure::new("a message with a time to live has no expiration");
    async move {
        let expirations: Option<Vec<_>> = receipts.iter().map(SendReceipt::expiration).collect();
        let last = expirations.ok_or(never)?.into_iter().max();
        let left = last.map_or(Duration::ZERO, |last| last.saturating_since(Timestamp::now()));
        tokio::time::sleep(left + context.timing().margin).await;
        Ok(())
    }
}
