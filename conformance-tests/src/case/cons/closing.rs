//! CONS: what becomes of the messages that a closed consumer was not handed.

use std::sync::Arc;

use anymq_api::{AckMode, Address, Consumer, Received};

use super::listener::Gated;
use crate::case::{
    Context, Failure, Pair, Passed, Verdict, expect_list,
    flow::{gather, numbered, send_all},
    text_of, texts_of,
};

const COUNT: usize = 10;

pub(super) async fn undelivered_goes_on(context: &Context) -> Verdict {
    after_a_listener(context).await?;
    for end in [End::Closed, End::Dropped] {
        let (_, rest) = after_a_receive(context, end).await?;
        expect_list(&texts_of(&rest), &numbered("", COUNT)[1..])
            .map_err(|failure| failure.about(&format!("{end:?}")))?;
    }
    to_one_that_waits(context).await?;
    Ok(Passed::AsStated)
}

pub(super) async fn undelivered_is_not_flagged(context: &Context) -> Verdict {
    let (first, rest) = after_a_receive(context, End::Closed).await?;
    expect_list(&texts_of(&rest), &numbered("", COUNT)[1..])?;
    for received in std::iter::once(&first).chain(&rest) {
        let text = text_of(received);
        ensure!(!received.redelivered(), "{text} is flagged");
        ensure_eq!(received.delivery_count(), 1, "deliveries of {text}");
    }
    Ok(Passed::AsStated)
}

/// How a consumer ends.
#[derive(Clone, Copy, Debug)]
enum End {
    Closed,
    /// Without a word: the API has it closed then, too.
    Dropped,
}

/// A consumer on another connection, which takes over.
async fn successor(context: &Context, queue: &Address) -> Result<Arc<dyn Consumer>, Failure> {
    let session = context.started().await?.create_session(AckMode::Auto).await?;
    context.consumer(&session, queue).await
}

/// One message is handed to the consumer, then it ends, and its session goes on; gives that message, and what its
/// successor gets.
async fn after_a_receive(context: &Context, end: End) -> Result<(Received, Vec<Received>), Failure> {
    let pair = context.pair(AckMode::Auto).await?;
    send_all(&pair.producer, &numbered("", COUNT)).await?;
    let first = context.receive(&pair.consumer).await?;
    ensure_eq!(text_of(&first), "000");
    // Time for the others to be delivered ahead.
    context.quiet().await;
    let Pair {
        session,
        destination,
        consumer,
        ..
    } = pair;
    match end {
        End::Closed => consumer.close().await?,
        End::Dropped => {
            drop(consumer);
            // A drop waits for nothing: time for the broker to hear of it.
            context.quiet().await;
        }
    }
    let next = successor(context, &destination).await?;
    let mut rest = gather(context, &[&next], COUNT - 1).await?;
    ensure_eq!(
        session.ack_mode()?,
        AckMode::Auto,
        "the mode of the session, which is still open"
    );
    Ok((first, rest.pop().unwrap_or_default()))
}

async fn after_a_listener(context: &Context) -> Result<(), Failure> {
    let pair = context.pair(AckMode::Auto).await?;
    let (listener, gate) = Gated::new();
    pair.consumer.set_listener(Some(Arc::clone(&listener) as _)).await?;
    send_all(&pair.producer, &numbered("", COUNT)).await?;
    context
        .eventually("the listener's call", || listener.begun() == 1)
        .await?;
    let consumer = Arc::clone(&pair.consumer);
    let closing = tokio::spawn(async move { consumer.close().await });
    context.quiet().await;
    gate.open();
    context.in_time("close", closing).await???;
    ensure_eq!(listener.begun(), 1, "calls when close returned");
    let next = successor(context, &pair.destination).await?;
    let got = gather(context, &[&next], COUNT - 1).await?;
    ensure_eq!(listener.begun(), 1, "calls after close");
    expect_list(&texts_of(&got.concat()), &numbered("", COUNT)[1..])
}

/// What is given back does not wait for a new consumer. How far the closed one was ahead is the provider's choice, so
/// only what comes after the close has a known order.
async fn to_one_that_waits(context: &Context) -> Result<(), Failure> {
    let pair = context.pair(AckMode::Auto).await?;
    let texts = numbered("", COUNT);
    send_all(&pair.producer, &texts).await?;
    ensure_eq!(text_of(&context.receive(&pair.consumer).await?), "000");
    context.quiet().await;
    let waiting = successor(context, &pair.destination).await?;
    let mut got = Vec::new();
    while let Some(received) = waiting.receive_timeout(context.timing().quiet).await? {
        got.push(text_of(&received));
    }
    let before = got.len();
    // Already asking when the other one closes, if anything is left to ask for.
    let asking = async {
        if before == COUNT - 1 {
            return Ok(None);
        }
        waiting.receive_timeout(context.timing().wait).await
    };
    let (closed, first) = tokio::join!(pair.consumer.close(), asking);
    closed?;
    got.extend(first?.as_ref().map(text_of));
    let rest = gather(context, &[&waiting], COUNT - 1 - got.len()).await?;
    got.extend(texts_of(&rest.concat()));
    let (early, late) = got.split_at(before);
    ensure!(late.is_sorted(), "given back out of order: {late:?}");
    let mut all = [early, late].concat();
    all.sort();
    expect_list(&all, &texts[1..])
}
