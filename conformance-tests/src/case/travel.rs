//! Sending messages and receiving them.

use anymq_api::{Message, Received, SendOptions, SendReceipt};

use super::{Context, Failure, Pair};

/// Sends a message to the pair's destination and receives it there.
///
/// # Errors
/// [`Failure`] when it cannot be sent, or does not come.
#[track_caller]
pub(super) fn travel<'a>(
    context: &'a Context,
    pair: &'a Pair,
    message: Message,
) -> impl Future<Output = Result<Received, Failure>> + 'a {
    let journey = travel_with(context, pair, message, SendOptions::new());
    async move { Ok(journey.await?.1) }
}

/// As [`travel`], with options, and with what the send decided.
///
/// # Errors
/// As [`travel`].
#[track_caller]
pub(super) fn travel_with<'a>(
    context: &'a Context,
    pair: &'a Pair,
    message: Message,
    options: SendOptions,
) -> impl Future<Output = Result<(SendReceipt, Received), Failure>> + 'a {
    let at = Failure::new("");
    async move {
        let receipt = match pair.producer.send_with(message, options).await {
            Ok(receipt) => receipt,
            Err(error) => return Err(at.with_text(format!("sending fails: {error}"))),
        };
        match pair.consumer.receive_timeout(context.timing().wait).await {
            Ok(Some(received)) => Ok((receipt, received)),
            Ok(None) => Err(at.with_text("the message did not come")),
            Err(error) => Err(at.with_text(format!("receiving fails: {error}"))),
        }
    }
}
