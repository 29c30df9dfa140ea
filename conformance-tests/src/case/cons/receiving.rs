//! CONS: receiving by asking.

use std::{
    sync::Arc,
    time::{Duration, Instant},
};

use anymq_api::{AckMode, Consumer, ErrorKind, Received};
use futures_util::{FutureExt, future::try_join_all};
use tokio::task::JoinHandle;

use super::listener::Recorder;
use crate::{
    case::{
        Context, Failure, Passed, Verdict, expect_kind, expect_list,
        flow::{numbered, send_all},
        text_of,
    },
    poll,
};

type Receiving = JoinHandle<anymq_api::Result<Option<Received>>>;

fn receive(consumer: &Arc<dyn Consumer>) -> Receiving {
    let consumer = Arc::clone(consumer);
    tokio::spawn(async move { consumer.receive().await })
}

fn receive_timeout(consumer: &Arc<dyn Consumer>, timeout: Duration) -> Receiving {
    let consumer = Arc::clone(consumer);
    tokio::spawn(async move { consumer.receive_timeout(timeout).await })
}

/// The outcome of a receive that must end now.
async fn outcome(context: &Context, receiving: Receiving) -> Result<Option<String>, Failure> {
    let received = context.in_time("a receive that was to end", receiving).await???;
    Ok(received.as_ref().map(text_of))
}

pub(super) async fn untimed(context: &Context) -> Verdict {
    let pair = context.pair(AckMode::Auto).await?;
    let zero = pair.consumer.receive_timeout(Duration::ZERO);
    let zero = context.in_time("a receive with a zero timeout", zero).await??;
    ensure!(zero.is_none(), "a message came from nowhere");

    let receiving = receive(&pair.consumer);
    context.quiet().await;
    ensure!(!receiving.is_finished(), "a receive ended without a message");
    pair.send(&["first"]).await?;
    ensure_eq!(outcome(context, receiving).await?.as_deref(), Some("first"));

    // A pause is no reason to give up.
    let receiving = receive(&pair.consumer);
    pair.connection.stop().await?;
    context.quiet().await;
    pair.connection.start().await?;
    context.quiet().await;
    ensure!(
        !receiving.is_finished(),
        "a receive ended when its connection was stopped"
    );
    pair.send(&["second"]).await?;
    ensure_eq!(outcome(context, receiving).await?.as_deref(), Some("second"));

    let receiving = receive(&pair.consumer);
    context.quiet().await;
    pair.consumer.close().await?;
    ensure_eq!(outcome(context, receiving).await?, None, "after close");
    Ok(Passed::AsStated)
}

pub(super) async fn timed(context: &Context) -> Verdict {
    let pair = context.pair(AckMode::Auto).await?;
    let timing = context.timing();
    let begin = Instant::now();
    let receiving = async {
        let received = pair.consumer.receive_timeout(timing.quiet).await;
        (received, begin.elapsed())
    };
    // A clock beside it: a machine that is late is late for both.
    let sleeping = async {
        tokio::time::sleep(timing.quiet).await;
        begin.elapsed()
    };
    let ((received, waited), slept) = tokio::join!(receiving, sleeping);
    ensure!(received?.is_none(), "a message came from nowhere");
    ensure!(waited >= timing.quiet, "gave up after {waited:?} of {:?}", timing.quiet);
    let late = waited.saturating_sub(slept);
    ensure!(late <= timing.margin, "gave up {late:?} after its time");

    let begin = Instant::now();
    let receiving = receive_timeout(&pair.consumer, timing.wait * 10);
    context.quiet().await;
    pair.send(&["in time"]).await?;
    ensure_eq!(outcome(context, receiving).await?.as_deref(), Some("in time"));
    ensure!(begin.elapsed() < timing.wait * 10, "a message did not end the wait");

    // What comes after a receive has given up waits for the next.
    context.nothing(&pair.consumer).await?;
    pair.send(&["late"]).await?;
    ensure_eq!(text_of(&context.receive(&pair.consumer).await?), "late");
    Ok(Passed::AsStated)
}

pub(super) async fn no_wait(context: &Context) -> Verdict {
    let pair = context.pair(AckMode::Auto).await?;
    ensure!(pair.consumer.try_receive()?.is_none(), "a message came from nowhere");
    let texts = numbered("", 5);
    send_all(&pair.producer, &texts).await?;
    let mut got = Vec::new();
    while got.len() < texts.len() {
        let look = || std::future::ready(pair.consumer.try_receive().transpose());
        let found = poll::until(context.timing().wait, Duration::from_millis(2), look).await??;
        got.push(text_of(&found));
    }
    expect_list(&got, &texts)?;
    ensure!(pair.consumer.try_receive()?.is_none(), "one message too many");
    context.nothing(&pair.consumer).await?;
    Ok(Passed::AsStated)
}

pub(super) async fn closed_while_blocked(context: &Context) -> Verdict {
    let long = context.timing().wait * 10;
    for timeout in [None, Some(long)] {
        let pair = context.pair(AckMode::Auto).await?;
        let receiving = match timeout {
            None => receive(&pair.consumer),
            Some(timeout) => receive_timeout(&pair.consumer, timeout),
        };
        context.quiet().await;
        ensure!(!receiving.is_finished(), "a receive ended without a message");
        let closing = pair.consumer.close();
        context.in_time("closing with a receive blocked", closing).await??;
        ensure_eq!(outcome(context, receiving).await?, None, "the blocked receive");
    }
    Ok(Passed::AsStated)
}

pub(super) async fn closed(context: &Context) -> Verdict {
    let pair = context.pair(AckMode::Auto).await?;
    let consumer = &pair.consumer;
    // At the same time, and one after the other.
    try_join_all([consumer.close(), consumer.close()]).await?;
    consumer.close().await?;

    let illegal = ErrorKind::IllegalState;
    expect_kind(context.in_time("receive", consumer.receive()).await?, illegal)?;
    expect_kind(consumer.receive_timeout(context.timing().quiet).await, illegal)?;
    expect_kind(consumer.receive_timeout(Duration::ZERO).await, illegal)?;
    expect_kind(consumer.try_receive(), illegal)?;
    expect_kind(consumer.destination(), illegal)?;
    expect_kind(consumer.selector(), illegal)?;
    expect_kind(consumer.listener().map(drop), illegal)?;
    expect_kind(consumer.set_listener(Some(Recorder::new().listener())).await, illegal)?;
    consumer.close().await?;

    // The session is as it was.
    let next = context.consumer(&pair.session, &pair.destination).await?;
    pair.send(&["next"]).await?;
    ensure_eq!(text_of(&context.receive(&next).await?), "next");
    Ok(Passed::AsStated)
}

pub(super) async fn dropped(context: &Context) -> Verdict {
    let pair = context.pair(AckMode::Auto).await?;
    for _ in 0..20 {
        // Polled once, then dropped.
        let early = pair.consumer.receive().now_or_never();
        ensure!(early.is_none(), "a receive ended without a message");
    }
    let blocked = [
        receive(&pair.consumer),
        receive_timeout(&pair.consumer, context.timing().wait * 10),
    ];
    context.quiet().await;
    for receiving in &blocked {
        receiving.abort();
    }
    for receiving in blocked {
        ensure!(receiving.await.is_err(), "a receive ended without a message");
    }
    let early = numbered("early", 5);
    send_all(&pair.producer, &early).await?;
    let mut got = Vec::new();
    for _ in &early {
        got.push(text_of(&context.receive(&pair.consumer).await?));
    }
    expect_list(&got, &early)?;

    let racing = numbered("racing", 200);
    let sending = send_all(&pair.producer, &racing);
    let receiving = receive_impatiently(context, &pair.consumer, racing.len());
    let ((), got) = tokio::try_join!(sending, receiving)?;
    expect_list(&got, &racing)?;
    context.nothing(&pair.consumer).await?;
    Ok(Passed::With(
        "225 receives dropped while idle or racing with messages".to_owned(),
    ))
}

/// Gives up receives after ever another number of polls, so that some are dropped just when a message arrives.
async fn receive_impatiently(
    context: &Context,
    consumer: &Arc<dyn Consumer>,
    count: usize,
) -> Result<Vec<String>, Failure> {
    let mut got = Vec::new();
    let mut patience = 0;
    while got.len() < count {
        let next = next_impatiently(consumer, &mut patience);
        let next = context
            .in_time("a message for receives that are dropped", next)
            .await??;
        got.push(text_of(&next));
    }
    Ok(got)
}

async fn next_impatiently(consumer: &Arc<dyn Consumer>, patience: &mut usize) -> Result<Received, Failure> {
    loop {
        *patience = (*patience + 1) % 5;
        tokio::select! {
            biased;
            received = consumer.receive() => {
                return received?.ok_or_else(|| Failure::new("a receive ended without a message"));
            }
            () = pause(*patience) => {}
        }
    }
}

/// Short, but now and then long enough to let others work.
async fn pause(length: usize) {
    if length == 0 {
        return tokio::time::sleep(Duration::from_millis(1)).await;
    }
    for _ in 0..length {
        tokio::task::yield_now().await;
    }
}
