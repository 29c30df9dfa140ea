//! Client acknowledgement.

use std::sync::Arc;

use anymq_api::AckMode;
use futures_util::try_join;

use super::{Context, Fault, Faulty, Passed, Verdict, expect_deliveries, expect_only, expect_texts, fed, later};
use crate::case::{
    later::{expect_only_set, fed_on, numbers},
    setup::{send_texts, sender},
};

pub(super) async fn covers_the_session(context: &Context) -> Verdict {
    let first = fed(context, AckMode::Client).await?;
    // A second consumer of the same session, and a session of the same connection.
    let destination = context.destination();
    let second = context.consumer(&first.session, &destination).await?;
    let to_second = sender(context, &destination).await?;
    let other = fed_on(context, Arc::clone(&first.connection), AckMode::Client).await?;
    first.send(&["a1", "a2"]).await?;
    send_texts(&to_second, &["b1"]).await?;
    other.send(&["c1"]).await?;

    let early = context.receive(&first.consumer).await?;
    let received = [
        early.clone(),
        context.receive(&second).await?,
        context.receive(&first.consumer).await?,
        context.receive(&other.consumer).await?,
    ];
    expect_texts(&received, &["a1", "b1", "a2", "c1"])?;
    early.acknowledge().await?;
    first.session.close().await?;
    other.session.close().await?;

    let connection = &first.connection;
    let after_first = later(context, connection, &first.destination).await?;
    let after_second = later(context, connection, &destination).await?;
    let after_other = later(context, connection, &other.destination).await?;
    try_join!(
        context.nothing(&after_first),
        context.nothing(&after_second),
        expect_only(context, &after_other, &["c1"]),
    )?;
    Ok(Passed::AsStated)
}

pub(super) async fn covers_later_ones(context: &Context) -> Verdict {
    let pair = fed(context, AckMode::Client).await?;
    pair.send(&["1", "2", "3"]).await?;
    let received = context.receive_many(&pair.consumer, 3).await?;
    expect_texts(&received, &["1", "2", "3"])?;
    received[1].acknowledge().await?;
    pair.send(&["4"]).await?;
    let fourth = context.receive_many(&pair.consumer, 1).await?;
    expect_texts(&fourth, &["4"])?;
    pair.session.recover().await?;
    expect_only(context, &pair.consumer, &["4"]).await?;
    Ok(Passed::AsStated)
}

pub(super) async fn spares_the_prefetched(context: &Context) -> Verdict {
    let pair = fed(context, AckMode::Client).await?;
    send_texts(&pair.producer, &numbers(1..=10)).await?;
    let received = context.receive_many(&pair.consumer, 3).await?;
    expect_texts(&received, &["1", "2", "3"])?;
    received[2].acknowledge().await?;
    pair.session.close().await?;
    let next = later(context, &pair.connection, &pair.destination).await?;
    // What one session gives back, another one need not get in order.
    expect_only_set(context, &next, &numbers(4..=10)).await?;
    Ok(Passed::AsStated)
}

pub(super) async fn gives_back(context: &Context) -> Verdict {
    let pair = fed(context, AckMode::Client).await?;
    pair.send(&["1", "2", "3", "4", "5"]).await?;
    let received = context.receive_many(&pair.consumer, 3).await?;
    expect_texts(&received, &["1", "2", "3"])?;
    let other = context.started().await?;
    let other = later(context, &other, &pair.destination).await?;
    pair.session.close().await?;
    // In any order: the other consumer was there before some of them came back.
    expect_only_set(context, &other, &["1", "2", "3", "4", "5"]).await?;
    Ok(Passed::AsStated)
}

pub(super) async fn stays_away(context: &Context) -> Verdict {
    let pair = fed(context, AckMode::Client).await?;
    pair.send(&["1", "2", "3", "4", "5"]).await?;
    let received = context.receive_many(&pair.consumer, 3).await?;
    expect_texts(&received, &["1", "2", "3"])?;
    received[0].acknowledge().await?;
    let more = context.receive_many(&pair.consumer, 2).await?;
    expect_texts(&more, &["4", "5"])?;
    pair.session.close().await?;
    let next = later(context, &pair.connection, &pair.destination).await?;
    expect_only_set(context, &next, &["4", "5"]).await?;
    Ok(Passed::AsStated)
}

pub(super) async fn after_the_consumer(context: &Context) -> Verdict {
    let pair = fed(context, AckMode::Client).await?;
    pair.send(&["1", "2"]).await?;
    let received = context.receive_many(&pair.consumer, 2).await?;
    expect_texts(&received, &["1", "2"])?;
    pair.consumer.close().await?;
    received[1].acknowledge().await?;
    pair.session.close().await?;
    let next = later(context, &pair.connection, &pair.destination).await?;
    context.nothing(&next).await?;
    Ok(Passed::AsStated)
}

pub(super) async fn keeps_from_others(context: &Context) -> Verdict {
    let pair = fed(context, AckMode::Client).await?;
    pair.send(&["1", "2"]).await?;
    let received = context.receive_many(&pair.consumer, 2).await?;
    expect_texts(&received, &["1", "2"])?;
    let other = context.started().await?;
    let other = later(context, &other, &pair.destination).await?;
    pair.consumer.close().await?;
    context.nothing(&other).await?;
    // Held back, not lost.
    pair.session.close().await?;
    expect_only_set(context, &other, &["1", "2"]).await?;
    Ok(Passed::AsStated)
}

pub(super) async fn failed_listener(context: &Context) -> Verdict {
    let pair = fed(context, AckMode::Client).await?;
    pair.send(&["1", "2", "3"]).await?;
    let heard = Faulty::failing(&[("1", Fault::Error), ("2", Fault::Panic)]);
    pair.consumer.set_listener(Some(heard.clone())).await?;
    expect_texts(&heard.all(context, 3).await, &["1", "2", "3"])?;
    pair.session.recover().await?;
    let all = heard.all(context, 6).await;
    expect_texts(&all, &["1", "2", "3", "1", "2", "3"])?;
    expect_deliveries(context, &all, &[1, 1, 1, 2, 2, 2])?;
    Ok(Passed::AsStated)
}
