//! What causes redelivery.

use anymq_api::{AckMode, Capability, Received};
use futures_util::{future::try_join_all, try_join};

use super::{
    Context, Failure, Pair, Passed, Verdict, expect_deliveries, expect_only, expect_texts, fed, judge_order, later,
    numbers, recoverable,
};
use crate::case::{
    faulty::{Fault, Faulty},
    later::{declared, expect_only_set},
    setup::send_texts,
};

/// A pair with two messages received and not settled.
async fn holding(context: &Context, mode: AckMode) -> Result<Pair, Failure> {
    let pair = fed(context, mode).await?;
    pair.send(&["1", "2"]).await?;
    let received = context.receive_many(&pair.consumer, 2).await?;
    expect_texts(&received, &["1", "2"])?;
    expect_deliveries(context, &received, &[1, 1])?;
    Ok(pair)
}

#[track_caller]
fn expect_again(context: &Context, received: &[Received]) -> Result<(), Failure> {
    expect_deliveries(context, received, &[2, 2])
}

pub(super) async fn each(context: &Context) -> Verdict {
    let closing = declared(context, &[AckMode::Client, AckMode::Individual, AckMode::Transacted]);
    try_join!(
        failed_listener(context),
        rollback(context),
        recover(context),
        try_join_all(closing.iter().map(|&mode| close(context, mode))),
    )?;
    let mut causes = vec!["a failed listener".to_owned()];
    let asked = [(Capability::Transactions, "rollback"), (Capability::Recover, "recover")];
    causes.extend(
        asked
            .iter()
            .filter(|(c, _)| context.supports(*c))
            .map(|(_, cause)| (*cause).to_owned()),
    );
    causes.extend(closing.iter().map(|mode| format!("closing in {mode} mode")));
    Ok(Passed::With(format!(
        "{}; a lost link was not tried",
        causes.join(", ")
    )))
}

async fn failed_listener(context: &Context) -> Result<(), Failure> {
    let pair = fed(context, AckMode::Auto).await?;
    pair.send(&["1", "2"]).await?;
    let heard = Faulty::failing(&[("1", Fault::Error), ("2", Fault::Panic)]);
    pair.consumer.set_listener(Some(heard.clone())).await?;
    let all = heard.all(context, 4).await;
    expect_texts(&all, &["1", "1", "2", "2"])?;
    expect_deliveries(context, &all, &[1, 2, 1, 2])
}

async fn rollback(context: &Context) -> Result<(), Failure> {
    if !context.supports(Capability::Transactions) {
        return Ok(());
    }
    let pair = holding(context, AckMode::Transacted).await?;
    pair.session.rollback().await?;
    expect_again(context, &expect_only(context, &pair.consumer, &["1", "2"]).await?)
}

async fn recover(context: &Context) -> Result<(), Failure> {
    if !context.supports(Capability::Recover) {
        return Ok(());
    }
    let pair = holding(context, recoverable(context)).await?;
    pair.session.recover().await?;
    expect_again(context, &expect_only(context, &pair.consumer, &["1", "2"]).await?)
}

async fn close(context: &Context, mode: AckMode) -> Result<(), Failure> {
    let pair = holding(context, mode).await?;
    pair.session.close().await?;
    let next = later(context, &pair.connection, &pair.destination).await?;
    expect_again(context, &expect_only_set(context, &next, &["1", "2"]).await?)
}

pub(super) async fn in_place(context: &Context) -> Verdict {
    let mut verdicts = vec![("a failed listener", after_a_failed_listener(context).await?)];
    if context.supports(Capability::Transactions) {
        verdicts.push(("rollback", after_rollback(context).await?));
    }
    if context.supports(Capability::ClientAck) {
        verdicts.push(("closing", after_closing(context).await?));
    }
    let observed: Vec<_> = verdicts
        .into_iter()
        .filter_map(|(cause, passed)| match passed {
            Passed::Observed(order) => Some(format!("{cause}: {order}")),
            _ => None,
        })
        .collect();
    Ok(if observed.is_empty() {
        Passed::AsStated
    } else {
        Passed::Observed(observed.join("; "))
    })
}

async fn after_a_failed_listener(context: &Context) -> Verdict {
    let pair = fed(context, AckMode::Auto).await?;
    send_texts(&pair.producer, &numbers(1..=5)).await?;
    let heard = Faulty::failing(&[("2", Fault::Error), ("4", Fault::Error)]);
    pair.consumer.set_listener(Some(heard.clone())).await?;
    let all = heard.wait(context, 7).await;
    judge_order(context, &all, &["1", "2", "2", "3", "4", "4", "5"])
}

async fn after_rollback(context: &Context) -> Verdict {
    let pair = fed(context, AckMode::Transacted).await?;
    send_texts(&pair.producer, &numbers(1..=6)).await?;
    let held = context.receive_many(&pair.consumer, 3).await?;
    expect_texts(&held, &numbers(1..=3))?;
    pair.session.rollback().await?;
    let all = context.receive_many(&pair.consumer, 6).await?;
    judge_order(context, &all, &numbers(1..=6))
}

async fn after_closing(context: &Context) -> Verdict {
    let pair = fed(context, AckMode::Client).await?;
    send_texts(&pair.producer, &numbers(1..=6)).await?;
    let held = context.receive_many(&pair.consumer, 3).await?;
    expect_texts(&held, &numbers(1..=3))?;
    pair.session.close().await?;
    let next = later(context, &pair.connection, &pair.destination).await?;
    let all = context.receive_many(&next, 6).await?;
    judge_order(context, &all, &numbers(1..=6))
}
