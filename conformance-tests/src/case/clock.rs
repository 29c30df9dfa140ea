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

/// Waits until an instant has passed by every clock.
pub(crate) async fn pass(context: &Context, instant: Timestamp) {
    let now = Timestamp::now();
    let left = instant.saturating_since(now) + context.timing().margin;
    tokio::time::sleep(left).await;
}

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
        for receipt in receipts {
            let Some(expiration) = receipt.expiration() else {
                return Err(never);
            };
            pass(context, expiration).await;
        }
        Ok(())
    }
}
