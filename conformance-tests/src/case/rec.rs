//! REC: recovery.

use std::sync::{
    Arc, Weak,
    atomic::{AtomicUsize, Ordering},
};

use anymq_api::{AckMode, BoxError, Capability, ErrorKind, MessageListener, Received, Session};
use async_trait::async_trait;
use futures_util::{future::try_join_all, try_join};
use parking_lot::Mutex;

use super::{
    Context, Failure, Passed, Verdict, expect_kind,
    later::{expect_deliveries, expect_only, expect_texts, fed, judge_order, names, numbers, recoverable, settle},
    listening::{Gate, Turnstile},
    setup::{send_texts, sender},
};

cases! {
    "REC-01" => unacknowledged_only,
    "REC-02" => flag_and_count,
    "REC-03" => order,
    "REC-04" => every_consumer,
    "REC-05" => transacted,
    "REC-06" => inside_a_listener,
    "REC-07" => again_and_again,
}

async fn unacknowledged_only(context: &Context) -> Verdict {
    let mode = recoverable(context);
    let pair = fed(context, mode).await?;
    send_texts(&pair.producer, &numbers(1..=5)).await?;
    let first = context.receive_many(&pair.consumer, 2).await?;
    expect_texts(&first, &["1", "2"])?;
    settle(&pair.session, mode, &first).await?;
    let rest = context.receive_many(&pair.consumer, 3).await?;
    expect_texts(&rest, &["3", "4", "5"])?;
    pair.session.recover().await?;
    expect_only(context, &pair.consumer, &["3", "4", "5"]).await?;
    Ok(Passed::AsStated)
}

async fn flag_and_count(context: &Context) -> Verdict {
    let pair = fed(context, recoverable(context)).await?;
    pair.send(&["1", "2"]).await?;
    let first = context.receive_many(&pair.consumer, 2).await?;
    ensure!(!first.iter().any(Received::redelivered), "flagged at once");
    pair.session.recover().await?;
    let again = expect_only(context, &pair.consumer, &["1", "2"]).await?;
    ensure!(again.iter().all(Received::redelivered), "not flagged");
    if context.supports(Capability::DeliveryCount) {
        let counts: Vec<_> = again.iter().map(Received::delivery_count).collect();
        ensure!(counts.iter().all(|&count| count >= 2), "counted {counts:?}");
    }
    Ok(Passed::AsStated)
}

async fn order(context: &Context) -> Verdict {
    let mode = recoverable(context);
    let pair = fed(context, mode).await?;
    send_texts(&pair.producer, &numbers(1..=7)).await?;
    let first = context.receive_many(&pair.consumer, 1).await?;
    settle(&pair.session, mode, &first).await?;
    let held = context.receive_many(&pair.consumer, 3).await?;
    expect_texts(&held, &["2", "3", "4"])?;
    pair.session.recover().await?;
    let all = context.receive_many(&pair.consumer, 6).await?;
    judge_order(context, &all, &numbers(2..=7))
}

async fn every_consumer(context: &Context) -> Verdict {
    let pair = fed(context, recoverable(context)).await?;
    let destination = context.destination();
    let second = context.consumer(&pair.session, &destination).await?;
    let to_second = sender(context, &destination).await?;
    pair.send(&["a1", "a2"]).await?;
    send_texts(&to_second, &["b1"]).await?;
    let received = [
        context.receive(&pair.consumer).await?,
        context.receive(&second).await?,
        context.receive(&pair.consumer).await?,
    ];
    expect_texts(&received, &["a1", "b1", "a2"])?;
    pair.session.recover().await?;
    try_join!(
        expect_only(context, &second, &["b1"]),
        expect_only(context, &pair.consumer, &["a1", "a2"]),
    )?;
    Ok(Passed::AsStated)
}

async fn transacted(context: &Context) -> Verdict {
    let connection = context.started().await?;
    let session = connection.create_session(AckMode::Transacted).await?;
    expect_kind(session.recover().await, ErrorKind::IllegalState)?;
    Ok(Passed::AsStated)
}

async fn inside_a_listener(context: &Context) -> Verdict {
    let modes = [AckMode::Auto, recoverable(context)];
    try_join_all(modes.map(|mode| inside_a_listener_in(context, mode))).await?;
    Ok(names(&modes))
}

async fn inside_a_listener_in(context: &Context, mode: AckMode) -> Result<(), Failure> {
    let pair = fed(context, mode).await?;
    pair.send(&["1", "2"]).await?;
    let gate = Gate::default();
    let listener = Arc::new(Recoverer {
        session: Arc::downgrade(&pair.session),
        turnstile: gate.turnstile(),
        received: Mutex::default(),
        recovered: Mutex::default(),
        inside: AtomicUsize::new(0),
        overlaps: AtomicUsize::new(0),
    });
    pair.consumer.set_listener(Some(listener.clone())).await?;
    let recovered = || listener.recovered.lock().is_some();
    context.eventually("recover inside the listener", recovered).await?;
    // The first call has not returned: nothing may come.
    context.quiet().await;
    expect_texts(&listener.received.lock(), &["1"])?;
    gate.open();
    let heard = || listener.received.lock().len() >= 3;
    context.eventually("the message again, and the next", heard).await?;
    context.quiet().await;

    let received = listener.received.lock().clone();
    expect_texts(&received, &["1", "1", "2"])?;
    expect_deliveries(context, &received, &[1, 2, 1])?;
    ensure_eq!(listener.overlaps.load(Ordering::Acquire), 0, "overlapping calls");
    listener.recovered.lock().take().unwrap_or(Ok(()))?;
    Ok(())
}

/// Recovers its session on the first message.
struct Recoverer {
    session: Weak<dyn Session>,
    turnstile: Turnstile,
    received: Mutex<Vec<Received>>,
    recovered: Mutex<Option<Result<(), anymq_api::Error>>>,
    inside: AtomicUsize,
    overlaps: AtomicUsize,
}

#[async_trait]
impl MessageListener for Recoverer {
    async fn on_message(&self, message: Received) -> Result<(), BoxError> {
        self.overlaps
            .fetch_add(self.inside.fetch_add(1, Ordering::AcqRel), Ordering::AcqRel);
        let first = self.received.lock().is_empty();
        self.received.lock().push(message);
        if first {
            if let Some(session) = self.session.upgrade() {
                let outcome = session.recover().await;
                *self.recovered.lock() = Some(outcome);
            }
            self.turnstile.pass().await;
        }
        self.inside.fetch_sub(1, Ordering::AcqRel);
        Ok(())
    }
}

async fn again_and_again(context: &Context) -> Verdict {
    let mode = recoverable(context);
    let pair = fed(context, mode).await?;
    pair.session.recover().await?;
    pair.send(&["1"]).await?;
    let mut received = context.receive_many(&pair.consumer, 1).await?;
    expect_deliveries(context, &received, &[1])?;
    for count in 2..=5 {
        pair.session.recover().await?;
        received = context.receive_many(&pair.consumer, 1).await?;
        expect_texts(&received, &["1"])?;
        expect_deliveries(context, &received, &[count])?;
    }
    settle(&pair.session, mode, &received).await?;
    pair.session.recover().await?;
    context.nothing(&pair.consumer).await?;
    Ok(Passed::AsStated)
}
