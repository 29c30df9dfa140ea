//! Flags and counts.

use std::sync::Arc;

use anymq_api::{AckMode, Capability, Connection, Received, Session};
use futures_util::future::try_join_all;

use super::{
    Context, Failure, Pair, Passed, Verdict, counts_for_ever, expect_deliveries, expect_only, expect_texts, fed, later,
    numbers, reconnect, recoverable,
};
use crate::case::setup::send_texts;

/// What is closed over messages that were delivered ahead.
#[derive(Clone, Copy, Debug)]
enum Closing {
    Consumer,
    Session,
    Connection,
}

pub(super) async fn never_at_first(context: &Context) -> Verdict {
    let closings = [Closing::Consumer, Closing::Session, Closing::Connection];
    try_join_all(closings.map(|closing| never_after(context, closing))).await?;
    Ok(Passed::With("after closing consumer, session, connection".into()))
}

async fn never_after(context: &Context, closing: Closing) -> Result<(), Failure> {
    let pair = fed(context, AckMode::Auto).await?;
    send_texts(&pair.producer, &numbers(1..=5)).await?;
    let first = context.receive_many(&pair.consumer, 2).await?;
    expect_texts(&first, &["1", "2"])?;
    expect_deliveries(context, &first, &[1, 1])?;
    let connection = close(context, &pair, closing).await?;
    let next = later(context, &connection, &pair.destination).await?;
    let rest = expect_only(context, &next, &["3", "4", "5"]).await?;
    let flagged = rest.iter().any(Received::redelivered);
    ensure!(!flagged, "flagged after closing the {closing:?}");
    expect_deliveries(context, &rest, &[1, 1, 1])
}

async fn close(context: &Context, pair: &Pair, closing: Closing) -> Result<Arc<dyn Connection>, Failure> {
    match closing {
        Closing::Consumer => pair.consumer.close().await?,
        Closing::Session => pair.session.close().await?,
        Closing::Connection => return reconnect(context, &pair.connection).await,
    }
    Ok(Arc::clone(&pair.connection))
}

pub(super) async fn one_by_one(context: &Context) -> Verdict {
    let mode = if context.supports(Capability::Transactions) {
        AckMode::Transacted
    } else if context.supports(Capability::Recover) {
        recoverable(context)
    } else {
        return Ok(Passed::NotRun("neither rollback nor recover".into()));
    };
    let pair = fed(context, mode).await?;
    pair.send(&["1"]).await?;
    for count in 1..=6 {
        let received = context.receive_many(&pair.consumer, 1).await?;
        expect_texts(&received, &["1"])?;
        expect_deliveries(context, &received, &[count])?;
        if count <= 5 {
            give_back(&pair.session, mode).await?;
        }
    }
    pair.session.close().await?;
    let next = later(context, &pair.connection, &pair.destination).await?;
    let received = expect_only(context, &next, &["1"]).await?;
    let count = received[0].delivery_count();
    if counts_for_ever(context) {
        ensure_eq!(count, 7, "the count in the next session");
    } else {
        let known = context.supports(Capability::RedeliveryFlag);
        ensure!(count >= 2 || !known, "the count in the next session: {count}");
    }
    Ok(Passed::With(format!("in the next session {count}")))
}

async fn give_back(session: &Arc<dyn Session>, mode: AckMode) -> Result<(), Failure> {
    match mode {
        AckMode::Transacted => session.rollback().await?,
        _ => session.recover().await?,
    }
    Ok(())
}
