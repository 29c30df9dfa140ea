//! The calls of the completion listener.

use std::sync::{
    Arc,
    atomic::{AtomicUsize, Ordering},
};

use anymq_api::{AckMode, Body, Capability, DeliveryMode, Message, Priority, SendOptions, SendReceipt};
use futures_util::join;

use super::{
    Context, Failure, Gate, Pair, Passed, Recorder, Verdict, expect_list, expect_only, held, numbers, submit, successes,
};
use crate::case::later::{expect_only_set, expect_texts};

pub(super) async fn exactly_once(context: &Context) -> Verdict {
    const COUNT: usize = 90;
    let pair = context.pair(AckMode::Auto).await?;
    let recorder = Recorder::new();
    submit(&pair.producer, &numbers(1..=COUNT), &recorder).await?;
    let texts = numbers(1..=COUNT);
    let receiving = expect_only(context, &pair.consumer, &texts);
    let (mut calls, received) = join!(recorder.all(context, COUNT), receiving);
    received?;
    calls.sort_by_key(|call| call.text().parse::<usize>().unwrap_or(0));
    expect_list(&successes(&calls)?, &texts)?;
    for call in &calls {
        ensure_eq!(call.receipt()?.message(), &call.message, "the message in the receipt");
    }
    Ok(Passed::With(format!("{COUNT} messages")))
}

pub(super) async fn as_safe_as_a_plain_send(context: &Context) -> Verdict {
    const COUNT: usize = 20;
    // It is there before the sends, as topics keep nothing for those who come later.
    let pair = context.pair(AckMode::Auto).await?;
    let recorder = Recorder::new();
    {
        // Not the context's, so that it can be dropped, without an orderly close.
        let connection = context
            .factory()
            .create_connection_with(context.connect_options())
            .await?;
        let session = connection.create_session(AckMode::Auto).await?;
        let producer = session.create_producer(&pair.destination).await?;
        submit(&producer, &numbers(1..=COUNT), &recorder).await?;
        let all = || recorder.calls().len() >= COUNT;
        context.eventually("all completions", all).await?;
    }
    expect_list(&successes(&recorder.calls())?, &numbers(1..=COUNT))?;
    expect_only(context, &pair.consumer, &numbers(1..=COUNT)).await?;
    Ok(Passed::AsStated)
}

pub(super) async fn in_order(context: &Context) -> Verdict {
    const COUNT: usize = 200;
    let pair = context.pair(AckMode::Auto).await?;
    let recorder = Recorder::new();
    // Of several sizes, as the larger ones must not be overtaken.
    for number in 1..=COUNT {
        let padding = if number % 10 == 0 { 100_000 } else { 0 };
        let message = Message::text(format!("{number}{}", " ".repeat(padding)));
        pair.producer.send_async(message, None, recorder.clone()).await?;
    }
    let texts = successes(&recorder.wait(context, COUNT).await)?;
    let got: Vec<_> = texts.iter().map(|text| text.trim_end().to_owned()).collect();
    expect_list(&got, &numbers(1..=COUNT))?;
    Ok(Passed::With(format!("{COUNT} messages")))
}

pub(super) async fn one_at_a_time(context: &Context) -> Verdict {
    let pair = context.pair(AckMode::Auto).await?;
    let second = pair.session.create_producer(&pair.destination).await?;
    let gate = Gate::default();
    let recorder = held(&gate);
    submit(&pair.producer, &["1", "2"], &recorder).await?;
    submit(&second, &["3", "4"], &recorder).await?;
    // All have arrived, so nothing but the first call holds up the others.
    let received = context.receive_many(&pair.consumer, 4).await?;
    expect_texts(&received, &["1", "2", "3", "4"])?;
    gate.entered(context).await?;
    context.quiet().await;
    ensure_eq!(recorder.begun(), 1, "calls at the same time");
    gate.open();
    let calls = recorder.wait(context, 4).await;
    expect_list(&successes(&calls)?, &numbers(1..=4))?;
    Ok(Passed::AsStated)
}

tokio::task_local! {
    static SENDING: ();
}

pub(super) async fn outside_the_send(context: &Context) -> Verdict {
    let pair = context.pair(AckMode::Auto).await?;
    let gate = Gate::default();
    let turnstile = gate.turnstile();
    let inside = Arc::new(AtomicUsize::new(0));
    let count = Arc::clone(&inside);
    let recorder = Recorder::doing(move || {
        if SENDING.try_with(|()| ()).is_ok() {
            count.fetch_add(1, Ordering::AcqRel);
        }
        let turnstile = turnstile.clone();
        Box::pin(async move { turnstile.pass().await })
    });
    // The call cannot return before the send has.
    let sending = SENDING.scope((), submit(&pair.producer, &["1", "2", "3"], &recorder));
    context.in_time("the send waits for its callback", sending).await??;
    gate.open();
    let calls = recorder.wait(context, 3).await;
    expect_list(&successes(&calls)?, &numbers(1..=3))?;
    let inside = inside.load(Ordering::Acquire);
    ensure_eq!(inside, 0, "calls in the sender's task");
    Ok(Passed::AsStated)
}

pub(super) async fn mixed_with_plain_sends(context: &Context) -> Verdict {
    const COUNT: usize = 60;
    let pair = context.pair(AckMode::Auto).await?;
    let recorder = Recorder::new();
    for number in 1..=COUNT {
        let message = Message::text(number.to_string());
        // Every third is a plain one, between two others.
        if number % 3 == 0 {
            pair.producer.send(message).await?;
        } else {
            pair.producer.send_async(message, None, recorder.clone()).await?;
        }
    }
    let texts = numbers(1..=COUNT);
    let asynchronous = numbers((1..=COUNT).filter(|number| number % 3 != 0));
    let receiving = expect_only(context, &pair.consumer, &texts);
    let (calls, received) = join!(recorder.all(context, asynchronous.len()), receiving);
    received?;
    expect_list(&successes(&calls)?, &asynchronous)?;
    Ok(Passed::With(format!("{COUNT} messages")))
}

pub(super) async fn outcome(context: &Context) -> Verdict {
    let pair = context.pair(AckMode::Auto).await?;
    let recorder = Recorder::new();
    let options = SendOptions::new()
        .with_delivery_mode(DeliveryMode::NonPersistent)
        .with_priority(Priority::HIGHEST)
        .with_ttl(context.timing().wait * 100);
    let producer = &pair.producer;
    let first = producer.send_async(Message::text("1"), Some(options.clone()), recorder.clone());
    first.await?;
    let calls = recorder.wait(context, 1).await;
    ensure_eq!(calls.len(), 1, "calls");
    let receipt = calls[0].receipt()?;
    ensure_eq!(receipt.destination(), &pair.destination, "the destination");
    ensure_eq!(receipt.delivery_mode(), options.delivery_mode, "the delivery mode");
    ensure_eq!(receipt.priority(), options.priority, "the priority");
    ensure!(receipt.message_id().is_some(), "no message id");
    ensure!(receipt.timestamp().is_some(), "no timestamp");
    ensure!(
        receipt.expiration() > receipt.timestamp(),
        "the expiration is {:?}",
        receipt.expiration()
    );

    // The same message, changed and sent again.
    let again = calls[0].message.clone().with_body(Body::Text("2".into()));
    producer.send_async(again, None, recorder.clone()).await?;
    let calls = recorder.wait(context, 2).await;
    expect_list(&successes(&calls)?, &numbers(1..=2))?;
    let second = calls[1].receipt()?;
    ensure!(second.message_id() != receipt.message_id(), "the same id twice");
    expect_received(context, &pair, [receipt, second]).await?;
    Ok(Passed::AsStated)
}

async fn expect_received(context: &Context, pair: &Pair, receipts: [&SendReceipt; 2]) -> Result<(), Failure> {
    // In any order: the modes differ.
    let received = expect_only_set(context, &pair.consumer, &["1", "2"]).await?;
    if !context.supports(Capability::Headers) {
        return Ok(());
    }
    for receipt in receipts {
        let text = receipt.message().as_text();
        let mut same = received.iter().filter(|received| received.as_text() == text);
        let id = same.next().and_then(|received| received.message_id());
        ensure_eq!(id, receipt.message_id(), "the id of {text:?}");
    }
    Ok(())
}
