//! Individual acknowledgement, and messages held unacknowledged.

use anymq_api::{AckMode, Capability, ConsumerOptions, ErrorKind};
use futures_util::future::try_join_all;

use super::{
    Context, Failure, Passed, Verdict, declared, expect_deliveries, expect_kind, expect_only, expect_texts, fed, later,
    names, numbers,
};
use crate::case::{
    later::expect_only_set,
    setup::{send_texts, sender},
};

pub(super) async fn one_by_one(context: &Context) -> Verdict {
    let pair = fed(context, AckMode::Individual).await?;
    send_texts(&pair.producer, &numbers(1..=6)).await?;
    let received = context.receive_many(&pair.consumer, 6).await?;
    expect_texts(&received, &numbers(1..=6))?;
    for index in [4, 1, 2] {
        received[index].acknowledge().await?;
    }
    let mut left = vec!["1", "4", "6"];
    if context.supports(Capability::Recover) {
        pair.session.recover().await?;
        // Whatever else comes stands among what is left at the end.
        let again = context.receive_many(&pair.consumer, 3).await?;
        expect_texts(&again, &left)?;
        again[1].acknowledge().await?;
        left.remove(1);
    }
    pair.session.close().await?;
    let next = later(context, &pair.connection, &pair.destination).await?;
    expect_only_set(context, &next, &left).await?;
    Ok(Passed::AsStated)
}

pub(super) async fn beyond_the_prefetch(context: &Context) -> Verdict {
    let modes = [AckMode::Client, AckMode::Individual, AckMode::Transacted];
    let modes = declared(context, &modes);
    if modes.is_empty() {
        return Ok(Passed::NotRun("no mode leaves messages unacknowledged".into()));
    }
    try_join_all(modes.iter().map(|&mode| beyond_the_prefetch_in(context, mode))).await?;
    Ok(names(&modes))
}

async fn beyond_the_prefetch_in(context: &Context, mode: AckMode) -> Result<(), Failure> {
    /// The most that a stated limit is tried with.
    const MOST: usize = 1000;
    let (prefetch, count) = match context.prefetch() {
        Some(prefetch) => (prefetch, 3),
        None => (std::num::NonZeroU32::MIN.saturating_add(9), 30),
    };
    let connection = context.started().await?;
    let limit = connection.limits()?.max_unsettled;
    let limit = limit
        .and_then(|limit| usize::try_from(limit).ok())
        .filter(|&limit| limit < MOST);
    let count = limit.map_or(count, |limit| count.max(limit + 1));
    let arriving = limit.map_or(count, |limit| count.min(limit));

    let destination = context.destination();
    let session = connection.create_session(mode).await?;
    let options = ConsumerOptions::new().with_prefetch(prefetch);
    let consumer = context.consumer_with(&session, &destination, options).await?;
    let producer = sender(context, &destination).await?;
    send_texts(&producer, &numbers(1..=count)).await?;

    let received = context.receive_many(&consumer, arriving).await?;
    expect_texts(&received, &numbers(1..=arriving))?;
    if arriving < count {
        let beyond = consumer.receive_timeout(context.timing().wait).await;
        expect_kind(beyond, ErrorKind::ResourceAllocation)?;
    }
    Ok(())
}

pub(super) async fn release_and_reject(context: &Context) -> Verdict {
    let pair = fed(context, AckMode::Individual).await?;
    pair.send(&["1", "2", "3"]).await?;
    let received = context.receive_many(&pair.consumer, 3).await?;
    expect_texts(&received, &["1", "2", "3"])?;
    received[1].release().await?;
    let again = context.receive_many(&pair.consumer, 1).await?;
    expect_texts(&again, &["2"])?;
    expect_deliveries(context, &again, &[2])?;
    expect_kind(received[1].release().await, ErrorKind::IllegalState)?;

    again[0].reject().await?;
    expect_kind(again[0].reject().await, ErrorKind::IllegalState)?;
    received[0].acknowledge().await?;
    pair.session.close().await?;
    // What was neither acknowledged nor rejected.
    let next = later(context, &pair.connection, &pair.destination).await?;
    expect_only(context, &next, &["3"]).await?;
    Ok(Passed::AsStated)
}
