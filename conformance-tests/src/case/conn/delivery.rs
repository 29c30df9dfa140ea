//! Starting and stopping delivery.

use std::{sync::Arc, time::Instant};

use anymq_api::{AckMode, BoxError, Consumer};
use futures_util::try_join;

use crate::case::{
    Context, Failure, Pair, Passed, Verdict, expect_list,
    flow::numbered,
    listening::{Gate, Heard, listen},
    setup::{begun, send_texts, sender},
    text_of, texts_of,
};

/// A consumer on a connection that is not started, with a message from elsewhere waiting for it.
async fn waiting(context: &Context) -> Result<Pair, Failure> {
    let pair = context.pair_on(context.connect().await?, AckMode::Auto).await?;
    send_texts(&sender(context, &pair.destination).await?, &["waits"]).await?;
    Ok(pair)
}

async fn expect_texts<T: AsRef<str>>(
    context: &Context,
    consumer: &Arc<dyn Consumer>,
    texts: &[T],
) -> Result<(), Failure> {
    let received = context.receive_many(consumer, texts.len()).await?;
    let expected: Vec<_> = texts.iter().map(|text| text.as_ref().to_owned()).collect();
    expect_list(&texts_of(&received), &expected)?;
    context.nothing(consumer).await
}

pub(super) async fn nothing_before_start(context: &Context) -> Verdict {
    let pair = waiting(context).await?;
    context.nothing(&pair.consumer).await?;
    let at_hand = pair.consumer.try_receive()?;
    ensure!(at_hand.is_none(), "a no-wait receive found a message");
    let heard = Heard::default();
    pair.consumer.set_listener(Some(heard.listener())).await?;
    context.quiet().await;
    expect_list(&heard.texts(), &[])?;
    Ok(Passed::AsStated)
}

pub(super) async fn stopped_connections_send(context: &Context) -> Verdict {
    let listening = context.pair(AckMode::Auto).await?;
    let stopped = context.connect().await?;
    let session = stopped.create_session(AckMode::Auto).await?;
    let producer = session.create_producer(&listening.destination).await?;
    let sending = send_texts(&producer, &["never started"]);
    context.in_time("sending before the start", sending).await??;
    stopped.start().await?;
    stopped.stop().await?;
    let sending = send_texts(&producer, &["stopped"]);
    context.in_time("sending after the stop", sending).await??;
    expect_texts(context, &listening.consumer, &["never started", "stopped"]).await?;
    Ok(Passed::AsStated)
}

pub(super) async fn start_delivers(context: &Context) -> Verdict {
    try_join!(
        start_lets_receive(context),
        start_calls_listeners(context),
        start_ends_receives(context)
    )?;
    Ok(Passed::With("receive, listener and a pending receive".to_owned()))
}

async fn start_lets_receive(context: &Context) -> Result<(), Failure> {
    let pair = waiting(context).await?;
    pair.connection.start().await?;
    expect_texts(context, &pair.consumer, &["waits"]).await
}

async fn start_calls_listeners(context: &Context) -> Result<(), Failure> {
    let pair = waiting(context).await?;
    let heard = Heard::default();
    pair.consumer.set_listener(Some(heard.listener())).await?;
    pair.connection.start().await?;
    heard.wait(context, 1).await?;
    context.quiet().await;
    expect_list(&heard.texts(), &["waits".to_owned()])
}

async fn start_ends_receives(context: &Context) -> Result<(), Failure> {
    let pair = waiting(context).await?;
    let consumer = Arc::clone(&pair.consumer);
    let receive = begun(context, async move { consumer.receive().await }).await?;
    context.quiet().await;
    ensure!(!receive.is_finished(), "a receive ended before the start");
    pair.connection.start().await?;
    let received = context.in_time("the receive", receive).await???;
    ensure_eq!(received.as_ref().map(text_of), Some("waits".to_owned()));
    Ok(())
}

pub(super) async fn starting_again(context: &Context) -> Verdict {
    let pair = context.pair(AckMode::Auto).await?;
    pair.send(&["1", "2"]).await?;
    pair.connection.start().await?;
    let first = context.receive(&pair.consumer).await?;
    ensure_eq!(text_of(&first), "1");
    pair.connection.start().await?;
    pair.send(&["3"]).await?;
    pair.connection.start().await?;
    expect_texts(context, &pair.consumer, &["2", "3"]).await?;
    Ok(Passed::AsStated)
}

pub(super) async fn stopping_again(context: &Context) -> Verdict {
    let pair = waiting(context).await?;
    pair.connection.stop().await?;
    pair.connection.stop().await?;
    pair.connection.start().await?;
    pair.connection.stop().await?;
    pair.connection.stop().await?;
    context.nothing(&pair.consumer).await?;
    pair.connection.start().await?;
    expect_texts(context, &pair.consumer, &["waits"]).await?;
    Ok(Passed::AsStated)
}

pub(super) async fn stop_holds_back(context: &Context) -> Verdict {
    try_join!(stop_between_calls(context), stop_while_idle(context))?;
    Ok(Passed::AsStated)
}

/// Stop comes while a listener is at the third of twenty messages.
async fn stop_between_calls(context: &Context) -> Result<(), Failure> {
    let pair = context.pair(AckMode::Auto).await?;
    let texts = numbered("message", 20);
    let (heard, gate) = (Heard::default(), Gate::default());
    let (noting, turnstile, third) = (heard.clone(), gate.turnstile(), texts[2].clone());
    let listener = listen(move |received| {
        noting.note(&received);
        let turnstile = (received.as_text() == Some(third.as_str())).then(|| turnstile.clone());
        async move {
            if let Some(turnstile) = turnstile {
                turnstile.pass().await;
            }
            Ok::<(), BoxError>(())
        }
    });
    pair.consumer.set_listener(Some(listener)).await?;
    send_texts(&sender(context, &pair.destination).await?, &texts).await?;
    gate.entered(context).await?;
    // Without the budget of cooperative tasks, which could end a poll before it began.
    let mut stopping = tokio::task::unconstrained(pair.connection.stop());
    ensure!(
        futures_util::poll!(&mut stopping).is_pending(),
        "stop did not wait for the listener"
    );
    gate.open();
    context.in_time("stopping", stopping).await??;
    let begun = heard.count();
    context.quiet().await;
    expect_list(&heard.texts(), &texts[..begun])?;
    ensure!(begun < texts.len(), "all messages were delivered in spite of the stop");
    pair.connection.start().await?;
    heard.wait(context, texts.len()).await?;
    context.quiet().await;
    expect_list(&heard.texts(), &texts)
}

/// Messages come while an idle listener and a pending receive of a stopped connection wait.
async fn stop_while_idle(context: &Context) -> Result<(), Failure> {
    let connection = context.started().await?;
    let listening = context.pair_on(Arc::clone(&connection), AckMode::Auto).await?;
    let receiving = context.pair_on(Arc::clone(&connection), AckMode::Auto).await?;
    let heard = Heard::default();
    listening.consumer.set_listener(Some(heard.listener())).await?;
    let consumer = Arc::clone(&receiving.consumer);
    let receive = begun(context, async move { consumer.receive().await }).await?;
    context.quiet().await;
    connection.stop().await?;
    send_texts(&sender(context, &listening.destination).await?, &["to the listener"]).await?;
    send_texts(&sender(context, &receiving.destination).await?, &["to the receive"]).await?;
    context.quiet().await;
    expect_list(&heard.texts(), &[])?;
    ensure!(!receive.is_finished(), "a pending receive ended while stopped");
    connection.start().await?;
    let received = context.in_time("the pending receive", receive).await???;
    ensure_eq!(received.as_ref().map(text_of), Some("to the receive".to_owned()));
    heard.wait(context, 1).await?;
    expect_list(&heard.texts(), &["to the listener".to_owned()])
}

pub(super) async fn timeouts_run_while_stopped(context: &Context) -> Verdict {
    try_join!(timeout_runs_on(context), timeout_begins_while_stopped(context))?;
    Ok(Passed::AsStated)
}

/// The receive begins before the stop.
async fn timeout_runs_on(context: &Context) -> Result<(), Failure> {
    let pair = context.pair(AckMode::Auto).await?;
    let timeout = context.timing().quiet;
    let consumer = Arc::clone(&pair.consumer);
    let begin = Instant::now();
    let pending = begun(context, async move { consumer.receive_timeout(timeout).await }).await?;
    pair.connection.stop().await?;
    pair.send(&["waits"]).await?;
    let outcome = context
        .in_time("a receive that began before the stop", pending)
        .await???;
    ensure!(outcome.is_none(), "it got a message while stopped");
    ensure!(begin.elapsed() >= timeout, "it ended after {:?}", begin.elapsed());
    pair.connection.start().await?;
    ensure_eq!(text_of(&context.receive(&pair.consumer).await?), "waits");
    Ok(())
}

async fn timeout_begins_while_stopped(context: &Context) -> Result<(), Failure> {
    let pair = waiting(context).await?;
    let timeout = context.timing().quiet;
    let begin = Instant::now();
    let receive = pair.consumer.receive_timeout(timeout);
    let outcome = context.in_time("a receive while stopped", receive).await??;
    ensure!(outcome.is_none(), "it got a message while stopped");
    ensure!(begin.elapsed() >= timeout, "it ended after {:?}", begin.elapsed());
    pair.connection.start().await?;
    expect_texts(context, &pair.consumer, &["waits"]).await
}

pub(super) async fn no_wait_while_stopped(context: &Context) -> Verdict {
    let pair = context.pair(AckMode::Auto).await?;
    pair.send(&["1", "2"]).await?;
    let first = context.receive(&pair.consumer).await?;
    ensure_eq!(text_of(&first), "1");
    // The next one has had the time to come near.
    context.quiet().await;
    pair.connection.stop().await?;
    pair.send(&["3"]).await?;
    let at_hand = pair.consumer.try_receive()?;
    ensure!(at_hand.is_none(), "it found what came before the stop");
    context.quiet().await;
    let at_hand = pair.consumer.try_receive()?;
    ensure!(at_hand.is_none(), "it found what came after the stop");
    pair.connection.start().await?;
    expect_texts(context, &pair.consumer, &["2", "3"]).await?;
    Ok(Passed::AsStated)
}

pub(super) async fn what_came_while_stopped(context: &Context) -> Verdict {
    try_join!(received_after_stop(context), heard_after_stop(context))?;
    Ok(Passed::With("by receive and by listener".to_owned()))
}

async fn received_after_stop(context: &Context) -> Result<(), Failure> {
    let (before, between, after) = (numbered("before", 5), numbered("between", 20), numbered("after", 5));
    let pair = context.pair(AckMode::Auto).await?;
    send_texts(&pair.producer, &before).await?;
    context.receive_many(&pair.consumer, 2).await?;
    pair.connection.stop().await?;
    send_texts(&pair.producer, &between).await?;
    pair.connection.start().await?;
    send_texts(&pair.producer, &after).await?;
    let rest = [&before[2..], &between, &after].concat();
    expect_texts(context, &pair.consumer, &rest).await
}

async fn heard_after_stop(context: &Context) -> Result<(), Failure> {
    let (before, between) = (numbered("before", 5), numbered("between", 20));
    let pair = context.pair(AckMode::Auto).await?;
    let heard = Heard::default();
    pair.consumer.set_listener(Some(heard.listener())).await?;
    send_texts(&pair.producer, &before).await?;
    pair.connection.stop().await?;
    send_texts(&pair.producer, &between).await?;
    pair.connection.start().await?;
    let all = [before, between].concat();
    heard.wait(context, all.len()).await?;
    context.quiet().await;
    expect_list(&heard.texts(), &all)
}
