//! A message that is larger than the broker takes.

use std::sync::Arc;

use anymq_api::{AckMode, Capability, Connection, ErrorKind, Message, Retry, Support};
use futures_util::future::join_all;

use super::{Context, Failure, Pair, Passed, Verdict, all_that_comes, expect_only, texts_of, travel};
use crate::case::{
    expect_kind,
    later::numbers,
    recorder::Recorder,
    setup::{send_texts, sender},
};

/// What headers may take of a limit of the whole message.
const HEADERS: usize = 64 * 1024;

pub(super) async fn refused(context: &Context) -> Verdict {
    let Some(limit) = context.harness().max_message_size() else {
        return Err(Failure::new("the harness says that it sets limits, and has set none"));
    };
    let pair = context.pair(AckMode::Auto).await?;
    let declared = pair.connection.limits()?.max_message_size;
    ensure!(
        declared.is_none_or(|declared| declared <= limit.get() as u64),
        "{declared:?} is declared, and the limit is {limit}"
    );
    let most = travel(context, &pair, of_size(limit.get().saturating_sub(HEADERS))).await;
    most.map_err(|failure| failure.about("a message below the limit"))?;
    let large = of_size(limit.get() + 1);
    for _ in 0..2 {
        alone(context, &pair, &large).await?;
    }
    let mut report = vec![match declared {
        Some(bytes) => format!("{bytes} bytes are declared"),
        None => format!("{limit} bytes, which the broker tells nobody"),
    }];
    report.push(among_others(context, &pair, &large).await?);
    if context.supports(Capability::AsyncSend) {
        submitted(context, &pair, &large).await?;
    }
    if context.supports(Capability::Transactions) {
        report.push(in_a_transaction(context, &pair.connection, &large).await?);
    }
    ensure!(pair.connection.health()?.connected, "the connection is lost by it");
    Ok(Passed::With(report.join("; ")))
}

fn of_size(size: usize) -> Message {
    Message::bytes(vec![7; size])
}

/// Its sender is told, by an error that trying again does not help; the producer goes on, and so do others.
async fn alone(context: &Context, pair: &Pair, large: &Message) -> Result<(), Failure> {
    let other = sender(context, &pair.destination).await?;
    pair.send(&["before"]).await?;
    let sending = context.in_time("the send", pair.producer.send(large.clone()));
    let error = expect_kind(sending.await?, ErrorKind::ResourceAllocation)?;
    ensure_eq!(error.retry(), Retry::Never, "{error}");
    pair.send(&["after"]).await?;
    send_texts(&other, &["other"]).await?;
    expect_only(context, &pair.consumer, &["before", "after", "other"]).await?;
    Ok(())
}

/// Among others that are on their way at the same time: each of them is taken once, or its sender knows.
async fn among_others(context: &Context, pair: &Pair, large: &Message) -> Result<String, Failure> {
    const AROUND: usize = 20;
    let texts = numbers(0..AROUND);
    let mut messages: Vec<_> = texts.iter().cloned().map(Message::text).collect();
    messages.insert(AROUND / 2, large.clone());
    let sends = messages.into_iter().map(|message| pair.producer.send(message));
    let mut outcomes = context.in_time("the sends", join_all(sends)).await?;
    expect_kind(outcomes.remove(AROUND / 2), ErrorKind::ResourceAllocation)?;
    let taken = outcomes.iter().filter(|outcome| outcome.is_ok()).count();
    let came = texts_of(&all_that_comes(context, &pair.consumer, taken).await?);
    for (text, outcome) in texts.iter().zip(&outcomes) {
        let times = came.iter().filter(|one| *one == text).count();
        let allowed = match outcome.as_ref().map_err(anymq_api::Error::retry) {
            Ok(_) => 1..=1,
            Err(Retry::MayDuplicate) => 0..=1,
            Err(Retry::Never | Retry::Safe) => 0..=0,
        };
        ensure!(allowed.contains(&times), "{text} came {times} times after {outcome:?}");
    }
    ensure!(
        came.iter().all(|text| texts.contains(text)),
        "others came as well: {came:?}"
    );
    Ok(format!("{taken} of {AROUND} around it are taken"))
}

/// The call fails, or the completion listener is told.
async fn submitted(context: &Context, pair: &Pair, large: &Message) -> Result<(), Failure> {
    let recorder = Recorder::new();
    let call = pair.producer.send_async(large.clone(), None, recorder.clone()).await;
    let calls = match call {
        Err(error) => vec![Err(error)],
        Ok(()) => recorder
            .wait(context, 1)
            .await
            .into_iter()
            .map(|call| call.outcome)
            .collect(),
    };
    for outcome in &calls {
        expect_kind(outcome.clone(), ErrorKind::ResourceAllocation)?;
    }
    ensure_eq!(calls.len(), 1, "errors of an asynchronous send");
    let next = Recorder::new();
    pair.producer
        .send_async(Message::text("after"), None, next.clone())
        .await?;
    expect_only(context, &pair.consumer, &["after"]).await?;
    ensure_eq!(next.wait(context, 1).await.len(), 1, "completions of the next send");
    Ok(())
}

/// The send is refused and the transaction is what it was without it, or the transaction is undone; half of it only where
/// transactions are emulated, and said to be in doubt.
async fn in_a_transaction(
    context: &Context,
    connection: &Arc<dyn Connection>,
    large: &Message,
) -> Result<String, Failure> {
    let watched = context.pair_on(Arc::clone(connection), AckMode::Auto).await?;
    let session = connection.create_session(AckMode::Transacted).await?;
    let producer = session.create_producer(&watched.destination).await?;
    send_texts(&producer, &["with it"]).await?;
    let sent = producer.send(large.clone()).await.map(drop);
    let committed = context.in_time("the commit", session.commit()).await?;
    let is_emulated = context.capabilities().get(Capability::Transactions) == Support::Emulated;
    let (kept, how): (&[&str], _) = match (sent, committed) {
        (Err(error), Ok(())) if error.kind() == ErrorKind::ResourceAllocation => (&["with it"], "refuses it"),
        (_, Err(error)) if error.kind() == ErrorKind::TransactionRolledBack => (&[], "is undone by it"),
        (_, Err(error)) if error.kind() == ErrorKind::TransactionInDoubt && is_emulated => {
            (&["with it"], "is in doubt by it")
        }
        (sent, committed) => {
            return Err(Failure::new(format!(
                "sending gives {sent:?}, committing {committed:?}"
            )));
        }
    };
    send_texts(&producer, &["next"]).await?;
    session.commit().await?;
    let expected = [kept, &["next"]].concat();
    expect_only(context, &watched.consumer, &expected).await?;
    Ok(format!("a transaction {how}"))
}
