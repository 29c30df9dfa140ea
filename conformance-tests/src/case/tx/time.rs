//! Times in transactions.

use std::time::Duration;

use anymq_api::{AckMode, Capability, Message, SendOptions, Timestamp};
use tokio::time::Instant;

use super::{Context, Failure, Passed, Verdict, expect_only, later};

pub(super) async fn counts_from_the_send(context: &Context) -> Verdict {
    expires(context).await?;
    if context.supports(Capability::DeliveryDelay) {
        falls_due(context).await?;
        return Ok(Passed::With("expiration and due time".into()));
    }
    Ok(Passed::With("expiration".into()))
}

async fn expires(context: &Context) -> Result<(), Failure> {
    let pair = context.pair(AckMode::Transacted).await?;
    let target = context.destination();
    let watcher = later(context, &pair.connection, &target).await?;
    let producer = pair.session.create_producer(&target).await?;
    let short = SendOptions::new().with_ttl(Duration::from_millis(50));
    let long = SendOptions::new().with_ttl(context.timing().wait * 10);
    let short = producer.send_with(Message::text("short"), short).await?;
    let long = producer.send_with(Message::text("long"), long).await?;
    pass(context, short.expiration()).await?;
    pair.session.commit().await?;
    let received = expect_only(context, &watcher, &["long"]).await?;
    if context.supports(Capability::Headers) {
        ensure_eq!(received[0].expiration(), long.expiration(), "the expiration");
    }
    Ok(())
}

/// Waits until the instant has passed, on every clock.
async fn pass(context: &Context, instant: Option<Timestamp>) -> Result<(), Failure> {
    let Some(instant) = instant else {
        return Err(Failure::new("the receipt lacks the instant"));
    };
    let margin = context.timing().margin;
    let passed = || Timestamp::now().saturating_since(instant) > margin;
    context.eventually("the instant passes", passed).await
}

async fn falls_due(context: &Context) -> Result<(), Failure> {
    // Long enough to tell a delay counted from the commit.
    let delay = context.timing().wait / 4;
    let pair = context.pair(AckMode::Auto).await?;
    let session = pair.connection.create_session(AckMode::Transacted).await?;
    let producer = session.create_producer(&pair.destination).await?;
    let options = SendOptions::new().with_delay(delay);
    let receipt = producer.send_with(Message::text("due"), options).await?;
    pass(context, receipt.delivery_time()).await?;
    let committed = Instant::now();
    session.commit().await?;
    let received = context.receive(&pair.consumer).await?;
    let took = committed.elapsed();
    ensure!(
        took < delay,
        "it came {took:?} after the commit, although it was due before"
    );
    if context.supports(Capability::Headers) {
        ensure_eq!(received.delivery_time(), receipt.delivery_time(), "the due time");
    }
    Ok(())
}
