//! What waits for outstanding sends.

use std::sync::Arc;

use anymq_api::{AckMode, Error};
use futures_util::{future::try_join_all, try_join};

use super::{
    Context, Failure, Gate, Pair, Passed, Verdict, expect_list, expect_only, held, later, numbers, submit, successes,
};
use crate::case::later::expect_texts;

/// What has to wait.
#[derive(Clone, Copy, Debug)]
enum End {
    CloseProducer,
    CloseSession,
    CloseConnection,
    Commit,
    Rollback,
}

impl End {
    async fn run(self, pair: &Pair) -> Result<(), Error> {
        match self {
            End::CloseProducer => pair.producer.close().await,
            End::CloseSession => pair.session.close().await,
            End::CloseConnection => pair.connection.close().await,
            End::Commit => pair.session.commit().await,
            End::Rollback => pair.session.rollback().await,
        }
    }
}

pub(super) async fn closing(context: &Context) -> Verdict {
    let ends = [End::CloseProducer, End::CloseSession, End::CloseConnection];
    try_join_all(ends.map(|end| closing_one(context, end))).await?;
    Ok(Passed::AsStated)
}

async fn closing_one(context: &Context, end: End) -> Result<(), Failure> {
    let elsewhere = context.started().await?;
    let pair = context.pair(AckMode::Auto).await?;
    let watcher = later(context, &elsewhere, &pair.destination).await?;
    // On a queue it would get its share.
    pair.consumer.close().await?;
    waits(context, end, pair).await?;
    expect_texts(&context.receive_many(&watcher, 5).await?, &numbers(1..=5))
}

/// Sends, holds up the callbacks, and watches `end` wait for them.
async fn waits(context: &Context, end: End, pair: Pair) -> Result<(), Failure> {
    let gate = Gate::default();
    let recorder = held(&gate);
    submit(&pair.producer, &numbers(1..=5), &recorder).await?;
    let calls = Arc::clone(&recorder);
    let ending = tokio::spawn(async move {
        let outcome = end.run(&pair).await;
        // Looked at before anybody else can do anything.
        (outcome, calls.calls())
    });
    gate.entered(context).await?;
    context.quiet().await;
    ensure!(!ending.is_finished(), "{end:?} does not wait");
    gate.open();
    let (outcome, calls) = context.in_time("the end, after the calls", ending).await??;
    outcome?;
    expect_list(&successes(&calls)?, &numbers(1..=5))
}

pub(super) async fn ending_a_transaction(context: &Context) -> Verdict {
    try_join!(
        ending_one(context, End::Commit, numbers(1..=5)),
        ending_one(context, End::Rollback, Vec::new()),
    )?;
    Ok(Passed::AsStated)
}

async fn ending_one(context: &Context, end: End, visible: Vec<String>) -> Result<(), Failure> {
    let plain = context.pair(AckMode::Auto).await?;
    let session = plain.connection.create_session(AckMode::Transacted).await?;
    let producer = session.create_producer(&plain.destination).await?;
    let watcher = Arc::clone(&plain.consumer);
    let pair = Pair {
        session,
        producer,
        ..plain
    };
    waits(context, end, pair).await?;
    expect_only(context, &watcher, &visible).await?;
    Ok(())
}
