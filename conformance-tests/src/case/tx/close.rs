//! Closing before the transaction ends.

use anymq_api::AckMode;
use futures_util::try_join;

use super::{Context, Failure, Passed, Verdict, expect_only, expect_texts, fed, later, reconnect};
use crate::case::{
    later::{expect_deliveries, expect_only_set},
    setup::send_texts,
};

pub(super) async fn of_the_session(context: &Context) -> Verdict {
    let pair = fed(context, AckMode::Transacted).await?;
    let target = context.destination();
    let watcher = later(context, &pair.connection, &target).await?;
    let producer = pair.session.create_producer(&target).await?;
    pair.send(&["1", "2"]).await?;
    let received = context.receive_many(&pair.consumer, 2).await?;
    expect_texts(&received, &["1", "2"])?;
    send_texts(&producer, &["sent"]).await?;
    pair.session.close().await?;
    context.nothing(&watcher).await?;
    let next = later(context, &pair.connection, &pair.destination).await?;
    expect_only_set(context, &next, &["1", "2"]).await?;
    Ok(Passed::AsStated)
}

pub(super) async fn of_the_consumer(context: &Context) -> Verdict {
    try_join!(then_commit(context), then_rollback(context))?;
    Ok(Passed::AsStated)
}

async fn then_commit(context: &Context) -> Result<(), Failure> {
    let pair = fed(context, AckMode::Transacted).await?;
    pair.send(&["1", "2"]).await?;
    let received = context.receive_many(&pair.consumer, 2).await?;
    expect_texts(&received, &["1", "2"])?;
    pair.consumer.close().await?;
    pair.session.commit().await?;
    pair.session.close().await?;
    let next = later(context, &pair.connection, &pair.destination).await?;
    context.nothing(&next).await
}

async fn then_rollback(context: &Context) -> Result<(), Failure> {
    let pair = fed(context, AckMode::Transacted).await?;
    pair.send(&["1", "2"]).await?;
    let received = context.receive_many(&pair.consumer, 2).await?;
    expect_texts(&received, &["1", "2"])?;
    pair.consumer.close().await?;
    pair.session.rollback().await?;
    let next = context.consumer(&pair.session, &pair.destination).await?;
    let again = expect_only_set(context, &next, &["1", "2"]).await?;
    expect_deliveries(context, &again, &[2, 2])
}

pub(super) async fn durable(context: &Context) -> Verdict {
    let pair = fed(context, AckMode::Transacted).await?;
    pair.send(&["1", "2"]).await?;
    let received = context.receive_many(&pair.consumer, 2).await?;
    expect_texts(&received, &["1", "2"])?;
    pair.session.rollback().await?;
    let again = expect_only(context, &pair.consumer, &["1", "2"]).await?;
    expect_deliveries(context, &again, &[2, 2])?;
    pair.session.rollback().await?;
    pair.consumer.close().await?;

    // Subscribed anew in the same session, and after a reconnect.
    let next = context.consumer(&pair.session, &pair.destination).await?;
    expect_only_set(context, &next, &["1", "2"]).await?;
    pair.session.rollback().await?;
    let connection = reconnect(context, &pair.connection).await?;
    let last = later(context, &connection, &pair.destination).await?;
    expect_only_set(context, &last, &["1", "2"]).await?;
    Ok(Passed::AsStated)
}
