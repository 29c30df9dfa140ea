//! ACK: acknowledgement modes.

mod client;
mod individual;
mod lost;

use std::collections::BTreeSet;

use anymq_api::{AckMode, ErrorKind};
use futures_util::future::try_join_all;

use super::{
    Context, Failure, Pair, Passed, Verdict, expect_kind,
    faulty::{Fault, Faulty},
    later::{declared, expect_deliveries, expect_only, expect_texts, fed, later, names, numbers, reconnect, settle},
    setup::{modes, send_texts},
    text_of,
};
use crate::checklist::Place;

cases! {
    "ACK-01" => auto_receive,
    "ACK-02" => lost::inside_the_listener,
    "ACK-03" => idle_acknowledge,
    "ACK-04" => failed_listener,
    "ACK-05" => dups_ok,
    "ACK-06" => client::covers_the_session,
    "ACK-07" => client::covers_later_ones,
    "ACK-08" => client::spares_the_prefetched,
    "ACK-09" => client::gives_back,
    "ACK-10" => client::stays_away,
    "ACK-12" => client::after_the_consumer,
    "ACK-13" => client::keeps_from_others,
    "ACK-14" => client::failed_listener,
    "ACK-16" => closed_session,
    "ACK-17" => individual::one_by_one,
    "ACK-19" => never_again,
    "ACK-20" => individual::beyond_the_prefetch,
    "ACK-21" => individual::release_and_reject,
}

async fn auto_receive(context: &Context) -> Verdict {
    let pair = context.pair(AckMode::Auto).await?;
    pair.send(&["1", "2", "3", "4", "5"]).await?;
    let received = context.receive_many(&pair.consumer, 3).await?;
    expect_texts(&received, &["1", "2", "3"])?;
    pair.session.close().await?;
    let next = later(context, &pair.connection, &pair.destination).await?;
    expect_only(context, &next, &["4", "5"]).await?;
    Ok(Passed::AsStated)
}

async fn idle_acknowledge(context: &Context) -> Verdict {
    let modes = declared(context, &[AckMode::Auto, AckMode::DupsOk, AckMode::Transacted]);
    try_join_all(modes.iter().map(|&mode| idle_acknowledge_in(context, mode))).await?;
    Ok(names(&modes))
}

async fn idle_acknowledge_in(context: &Context, mode: AckMode) -> Result<(), Failure> {
    let pair = fed(context, mode).await?;
    pair.send(&["1", "2"]).await?;
    let received = context.receive(&pair.consumer).await?;
    received.acknowledge().await?;
    received.acknowledge().await?;
    let mut left = vec!["2"];
    // It was ignored, so the transaction is open; topics are not asked to deliver again.
    if mode == AckMode::Transacted && context.place() != Place::Topic {
        pair.session.rollback().await?;
        left.insert(0, "1");
    }
    expect_only(context, &pair.consumer, &left).await?;
    Ok(())
}

async fn failed_listener(context: &Context) -> Verdict {
    let modes = declared(context, &[AckMode::Auto, AckMode::DupsOk]);
    try_join_all(modes.iter().map(|&mode| failed_listener_in(context, mode))).await?;
    Ok(names(&modes))
}

async fn failed_listener_in(context: &Context, mode: AckMode) -> Result<(), Failure> {
    let pair = fed(context, mode).await?;
    pair.send(&["1", "2", "3"]).await?;
    let heard = Faulty::failing(&[("1", Fault::Error), ("2", Fault::Panic)]);
    pair.consumer.set_listener(Some(heard.clone())).await?;
    heard.wait(context, 5).await;
    pair.session.close().await?;
    let next = later(context, &pair.connection, &pair.destination).await?;
    context.nothing(&next).await?;
    let all = heard.received();
    expect_texts(&all, &["1", "1", "2", "2", "3"])?;
    expect_deliveries(context, &all, &[1, 2, 1, 2, 1])
}

async fn dups_ok(context: &Context) -> Verdict {
    /// Three times as many as it takes when nothing comes twice.
    const SESSIONS: usize = 15;
    let pair = fed(context, AckMode::DupsOk).await?;
    pair.consumer.close().await?;
    send_texts(&pair.producer, &numbers(1..=40)).await?;
    let mut missing: BTreeSet<_> = numbers(1..=40).into_iter().collect();
    for session in 1..=SESSIONS {
        if dups_ok_session(context, &pair, &mut missing).await? == 0 {
            ensure!(missing.is_empty(), "{} never came: {missing:?}", missing.len());
            return Ok(Passed::With(format!("nothing came in session {session}")));
        }
    }
    let text = format!("messages still come in session {SESSIONS}");
    Err(Failure::new(text))
}

/// Receives some messages and closes, without a look at whether there are more; how many that were.
async fn dups_ok_session(context: &Context, pair: &Pair, missing: &mut BTreeSet<String>) -> Result<usize, Failure> {
    let session = pair.connection.create_session(AckMode::DupsOk).await?;
    let consumer = context.consumer(&session, &pair.destination).await?;
    let timing = context.timing();
    let mut count = 0;
    while count < 10 {
        let patience = if missing.is_empty() { timing.quiet } else { timing.wait };
        let Some(received) = consumer.receive_timeout(patience).await? else {
            break;
        };
        missing.remove(&text_of(&received));
        count += 1;
    }
    session.close().await?;
    Ok(count)
}

async fn closed_session(context: &Context) -> Verdict {
    let (modes, _) = modes(context);
    for &mode in &modes {
        let pair = fed(context, mode).await?;
        pair.send(&["1"]).await?;
        let received = context.receive(&pair.consumer).await?;
        pair.session.close().await?;
        expect_kind(received.acknowledge().await, ErrorKind::IllegalState)?;
    }
    Ok(names(&modes))
}

async fn never_again(context: &Context) -> Verdict {
    let (modes, _) = modes(context);
    try_join_all(modes.iter().map(|&mode| never_again_in(context, mode))).await?;
    Ok(names(&modes))
}

async fn never_again_in(context: &Context, mode: AckMode) -> Result<(), Failure> {
    let pair = fed(context, mode).await?;
    pair.send(&["1", "2", "3"]).await?;
    let received = context.receive_many(&pair.consumer, 2).await?;
    expect_texts(&received, &["1", "2"])?;
    settle(&pair.session, mode, &received).await?;
    pair.session.close().await?;
    let next = later(context, &pair.connection, &pair.destination).await?;
    expect_texts(&context.receive_many(&next, 1).await?, &["3"])?;
    let connection = reconnect(context, &pair.connection).await?;
    let last = later(context, &connection, &pair.destination).await?;
    context.nothing(&last).await
}
