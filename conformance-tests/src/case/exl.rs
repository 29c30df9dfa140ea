//! EXL: connection events.

use std::sync::Arc;

use anymq_api::{AckMode, Capability, Connection, ErrorKind, Event, Message};
use futures_util::future::{join, join_all, try_join_all};

use super::{
    Context, Failure, Pair, Passed, Verdict, expect_kind,
    faulty::{Fault, Faulty},
    later::{expect_only, recoverable},
    line::{Line, all_events, expect_one_loss},
    listening::Heard,
    setup::{begun, send_texts, sender},
};
use crate::link::Direction;

cases! {
    "EXL-02" => only_consuming,
    "EXL-03" => not_twice,
    "EXL-04" => one_at_a_time,
    "EXL-06" => nothing_hangs,
}

async fn only_consuming(context: &Context) -> Verdict {
    let line = Line::new(context).await?;
    let pair = line.pair(AckMode::Auto).await?;
    let heard = Heard::default();
    pair.consumer.set_listener(Some(heard.listener())).await?;
    let mut events = pair.connection.events()?;
    let producer = sender(context, &pair.destination).await?;
    send_texts(&producer, &["before"]).await?;
    heard.wait(context, 1).await?;
    line.cut_when_quiet().await;
    let seen = all_events(context, &mut events, 1).await;
    let error = expect_one_loss(&seen)?;
    ensure!(!error.detail().is_empty(), "the event does not say why");
    ensure!(
        !pair.connection.health()?.connected,
        "the connection calls itself connected"
    );
    let next = line.later(&pair.destination).await?;
    send_texts(&producer, &["after"]).await?;
    expect_only(context, &next, &["after"]).await?;
    ensure_eq!(heard.texts(), ["before"], "what the lost consumer heard");
    Ok(Passed::With(format!("{error}")))
}

async fn not_twice(context: &Context) -> Verdict {
    let mut calls = vec!["send"];
    let line = Line::new(context).await?;
    let pair = line.pair(AckMode::Auto).await?;
    let mut events = pair.connection.events()?;
    expect_kind(pair.session.commit().await, ErrorKind::IllegalState)?;
    let kept = if context.supports(Capability::ClientAck) {
        let aside = context.pair_on(Arc::clone(&pair.connection), AckMode::Client).await?;
        aside.send(&["unsettled"]).await?;
        let received = context.receive(&aside.consumer).await?;
        // A message is acknowledged by its session, which is kept for it.
        Some((aside, received))
    } else {
        None
    };
    line.stall(Direction::ToBroker);
    let producer = Arc::clone(&pair.producer);
    let sending = async move { producer.send(Message::text("lost")).await.map(drop) };
    let send = begun(context, sending).await?;
    let acknowledge = match &kept {
        None => None,
        Some((_, received)) => {
            let received = received.clone();
            Some(begun(context, async move { received.acknowledge().await }).await?)
        }
    };
    line.cut();
    expect_kind(context.in_time("the send", send).await??, ErrorKind::ConnectionLost)?;
    // Some protocols do not answer acknowledgements.
    if let Some(acknowledge) = acknowledge
        && let Err(error) = context.in_time("the acknowledgement", acknowledge).await??
    {
        ensure_eq!(error.kind(), ErrorKind::ConnectionLost, "the acknowledgement");
        calls.push("acknowledge");
    }
    expect_kind(
        pair.producer.send(Message::text("late")).await,
        ErrorKind::ConnectionLost,
    )?;
    expect_kind(pair.consumer.receive().await, ErrorKind::ConnectionLost)?;
    let session = pair.connection.create_session(AckMode::Auto).await;
    expect_kind(session, ErrorKind::ConnectionLost)?;
    // That the connection is lost is a matter of its life, and told to everybody; the errors of the calls are not.
    expect_one_loss(&all_events(context, &mut events, 1).await)?;
    Ok(Passed::With(calls.join(", ")))
}

/// Faults of several sessions, and the link's end, for readers that each take one event after the other.
async fn one_at_a_time(context: &Context) -> Verdict {
    const SESSIONS: usize = 4;
    let line = Line::new(context).await?;
    let connection = line.connection().await?;
    let mut streams = [connection.events()?, connection.events()?];
    let pairs = (0..SESSIONS).map(|_| context.pair_on(Arc::clone(&connection), AckMode::Auto));
    let pairs = try_join_all(pairs).await?;
    let mut listeners = Vec::new();
    for pair in &pairs {
        let listener = Faulty::failing(&[("1", Fault::Error), ("2", Fault::Panic)]);
        pair.consumer.set_listener(Some(Arc::clone(&listener) as _)).await?;
        listeners.push(listener);
    }
    let producers = try_join_all(pairs.iter().map(|pair| sender(context, &pair.destination))).await?;
    try_join_all(producers.iter().map(|producer| send_texts(producer, &["1", "2"]))).await?;
    // Each is called again for what it failed on.
    join_all(listeners.iter().map(|listener| listener.wait(context, 4))).await;
    line.cut_when_quiet().await;
    let [first, second] = &mut streams;
    let count = SESSIONS * 2 + 1;
    let (first, second) = join(all_events(context, first, count), all_events(context, second, count)).await;
    for seen in [&first, &second] {
        let failures = seen
            .iter()
            .filter(|event| matches!(event, Event::ListenerFailed { .. }));
        ensure_eq!(
            failures.count(),
            SESSIONS * 2,
            "failures of listeners that were reported"
        );
        let last = seen.last().map_or(&[][..], std::slice::from_ref);
        expect_one_loss(last)?;
        ensure_eq!(seen.len(), count, "events");
    }
    Ok(Passed::With(format!("{count} events, two readers")))
}

/// What waits over the link, and what is called later, ends with an error, or goes on where the provider makes a new
/// link by itself.
async fn nothing_hangs(context: &Context) -> Verdict {
    let line = Line::new(context).await?;
    let pair = line.pair(AckMode::Auto).await?;
    let timed = context.pair_on(Arc::clone(&pair.connection), AckMode::Auto).await?;
    let long = context.timing().wait * 4;
    let (blocked, patient) = (Arc::clone(&pair.consumer), Arc::clone(&timed.consumer));
    let mut waiting = vec![
        begun(context, async move { blocked.receive().await.map(drop) }).await?,
        begun(context, async move { patient.receive_timeout(long).await.map(drop) }).await?,
    ];
    let unfinished = unfinished(context, &pair.connection).await?;
    line.stall(Direction::ToBroker);
    for _ in 0..5 {
        let producer = Arc::clone(&pair.producer);
        let sending = async move { producer.send(Message::text("lost")).await.map(drop) };
        waiting.push(begun(context, sending).await?);
    }
    if let Some(work) = unfinished {
        waiting.push(begun(context, async move { work.session.commit().await }).await?);
    }
    line.cut();
    for destination in [&pair.destination, &timed.destination] {
        send_texts(&sender(context, destination).await?, &["after"]).await?;
    }
    let mut ends = Ends::default();
    for call in waiting {
        let outcome = context.in_time("a call over the lost link", call).await??;
        ends.count(outcome)?;
    }
    later_calls(context, &pair, &mut ends).await?;
    context.in_time("closing", pair.connection.close()).await??;
    if ends.recovered == 0 {
        for destination in [&pair.destination, &timed.destination] {
            expect_only(context, &line.later(destination).await?, &["after"]).await?;
        }
    }
    Ok(Passed::With(format!(
        "{} ended, {} recovered",
        ends.lost, ends.recovered
    )))
}

/// A transaction that waits for its commit, where there are transactions.
async fn unfinished(context: &Context, connection: &Arc<dyn Connection>) -> Result<Option<Pair>, Failure> {
    if !context.supports(Capability::Transactions) {
        return Ok(None);
    }
    let pair = context.pair_on(Arc::clone(connection), AckMode::Transacted).await?;
    pair.send(&["uncommitted"]).await?;
    Ok(Some(pair))
}

async fn later_calls(context: &Context, pair: &Pair, ends: &mut Ends) -> Result<(), Failure> {
    let calls = async {
        ends.count(pair.producer.send(Message::text("later")).await)?;
        ends.count(pair.consumer.try_receive())?;
        ends.count(pair.consumer.receive_timeout(context.timing().quiet).await)?;
        ends.count(pair.session.create_producer(&pair.destination).await)?;
        ends.count(pair.session.create_consumer(&context.destination()).await)?;
        if context.supports(Capability::Recover) {
            let mode = recoverable(context);
            ends.count(pair.connection.create_session(mode).await)?;
        }
        ends.count(pair.connection.stop().await)?;
        ends.count(pair.connection.start().await)
    };
    context.in_time("calls after the link was lost", calls).await?
}

#[derive(Default)]
struct Ends {
    lost: usize,
    recovered: usize,
}

impl Ends {
    /// Fails when it went wrong otherwise.
    #[track_caller]
    fn count<T>(&mut self, outcome: anymq_api::Result<T>) -> Result<(), Failure> {
        match outcome {
            Ok(_) => self.recovered += 1,
            Err(error) if error.kind() == ErrorKind::ConnectionLost => self.lost += 1,
            // Of a commit nobody knows whether it arrived.
            Err(error) if error.kind() == ErrorKind::TransactionInDoubt => self.lost += 1,
            Err(error) if error.kind() == ErrorKind::TransactionRolledBack => self.lost += 1,
            Err(error) => return Err(error.into()),
        }
        Ok(())
    }
}
