//! What a transaction receives.

use anymq_api::AckMode;

use super::{Context, Passed, Verdict, expect_texts, fed, later, numbers, reconnect};
use crate::case::{later::expect_deliveries, setup::send_texts};

pub(super) async fn gone_after_commit(context: &Context) -> Verdict {
    let pair = fed(context, AckMode::Transacted).await?;
    pair.send(&["1", "2", "3"]).await?;
    let received = context.receive_many(&pair.consumer, 2).await?;
    expect_texts(&received, &["1", "2"])?;
    pair.session.commit().await?;
    pair.session.close().await?;
    let next = later(context, &pair.connection, &pair.destination).await?;
    expect_texts(&[context.receive(&next).await?], &["3"])?;
    let connection = reconnect(context, &pair.connection).await?;
    let last = later(context, &connection, &pair.destination).await?;
    context.nothing(&last).await?;
    Ok(Passed::AsStated)
}

pub(super) async fn again_after_rollback(context: &Context) -> Verdict {
    let pair = fed(context, AckMode::Transacted).await?;
    send_texts(&pair.producer, &numbers(1..=6)).await?;
    let received = context.receive_many(&pair.consumer, 4).await?;
    expect_texts(&received, &numbers(1..=4))?;
    expect_deliveries(context, &received, &[1, 1, 1, 1])?;
    pair.session.rollback().await?;
    let again = context.receive_many(&pair.consumer, 6).await?;
    expect_texts(&again, &numbers(1..=6))?;
    expect_deliveries(context, &again, &[2, 2, 2, 2, 1, 1])?;
    pair.session.commit().await?;
    pair.session.close().await?;
    let next = later(context, &pair.connection, &pair.destination).await?;
    context.nothing(&next).await?;
    Ok(Passed::AsStated)
}

pub(super) async fn nobody_else_meanwhile(context: &Context) -> Verdict {
    let pair = fed(context, AckMode::Transacted).await?;
    pair.send(&["1"]).await?;
    let received = context.receive_many(&pair.consumer, 1).await?;
    expect_texts(&received, &["1"])?;
    let elsewhere = context.started().await?;
    let elsewhere = later(context, &elsewhere, &pair.destination).await?;
    context.nothing(&elsewhere).await?;
    // Held back, not lost.
    pair.session.close().await?;
    expect_texts(&[context.receive(&elsewhere).await?], &["1"])?;
    Ok(Passed::AsStated)
}
