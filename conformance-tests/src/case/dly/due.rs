//! When a delayed message arrives.

use std::{sync::Arc, time::Duration};

use anymq_api::{AckMode, Capability, Message};
use futures_util::try_join;

use super::{
    Context, Failure, Pair, Passed, Verdict,
    running::{Running, delayed},
    short,
};
use crate::{
    case::{
        expect_list,
        later::{expect_only, expect_texts, fed, later},
        listening::listen,
        setup::begun,
        text_of,
    },
    checklist::Place,
    poll,
};

pub(super) async fn not_before(context: &Context) -> Verdict {
    let browsing = context.is_queue() && context.supports(Capability::Browser);
    try_join!(
        to_a_waiting_consumer(context),
        to_a_later_consumer(context),
        to_who_asks_again_and_again(context),
        unseen_by_browsers(context, browsing)
    )?;
    Ok(if browsing {
        Passed::With("consumers and a browser".into())
    } else {
        Passed::With("consumers".into())
    })
}

async fn to_a_waiting_consumer(context: &Context) -> Result<(), Failure> {
    let pair = fed(context, AckMode::Auto).await?;
    // By the options of the send, and by the producer's.
    let running = Running::begin(context, short(context));
    let options = delayed(short(context));
    pair.producer.send_with(Message::text("1"), options.clone()).await?;
    expect_texts(&[context.receive(&pair.consumer).await?], &["1"])?;
    running.expect_over()?;

    pair.producer.set_options(options)?;
    let running = Running::begin(context, short(context));
    pair.producer.send(Message::text("2")).await?;
    expect_texts(&[context.receive(&pair.consumer).await?], &["2"])?;
    running.expect_over()?;
    context.nothing(&pair.consumer).await
}

/// The delay runs at the broker, whoever consumes.
async fn to_a_later_consumer(context: &Context) -> Result<(), Failure> {
    if context.place() == Place::Topic {
        return Ok(());
    }
    let pair = fed(context, AckMode::Auto).await?;
    pair.consumer.close().await?;
    let running = Running::begin(context, short(context));
    let options = delayed(short(context));
    pair.producer.send_with(Message::text("1"), options).await?;
    let consumer = later(context, &pair.connection, &pair.destination).await?;
    expect_texts(&[context.receive(&consumer).await?], &["1"])?;
    running.expect_over()?;
    context.nothing(&consumer).await
}

/// A receive without waiting finds nothing either.
async fn to_who_asks_again_and_again(context: &Context) -> Result<(), Failure> {
    let pair = fed(context, AckMode::Auto).await?;
    let running = Running::begin(context, short(context));
    let options = delayed(short(context));
    pair.producer.send_with(Message::text("1"), options).await?;
    let pause = Duration::from_millis(5);
    let looking = poll::until(context.timing().wait + short(context), pause, async || {
        let found = pair.consumer.try_receive().transpose()?;
        Some(found.map(|received| (text_of(&received), running.expect_over())))
    });
    let (text, over) = looking.await??;
    ensure_eq!(text, "1");
    over?;
    Ok(())
}

async fn unseen_by_browsers(context: &Context, browsing: bool) -> Result<(), Failure> {
    if !browsing {
        return Ok(());
    }
    let pair = fed(context, AckMode::Auto).await?;
    pair.consumer.close().await?;
    let running = Running::begin(context, short(context) * 2);
    let options = delayed(short(context) * 2);
    pair.producer.send_with(Message::text("delayed"), options).await?;
    pair.send(&["at once"]).await?;
    let early = browse(context, &pair).await?;
    // A machine that was asleep meanwhile has seen nothing early.
    if !running.left().is_zero() {
        expect_list(&early, &["at once".to_owned()])?;
    }
    running.pass(context).await;
    // Due is not yet arrived, on a busy machine.
    let both = ["at once", "delayed"].map(str::to_owned);
    let looking = poll::until(context.timing().wait, Duration::from_millis(50), async || {
        let mut late = match browse(context, &pair).await {
            Ok(late) => late,
            Err(failure) => return Some(Err(failure)),
        };
        late.sort();
        (late.len() >= both.len()).then_some(Ok(late))
    });
    expect_list(&looking.await??, &both)
}

async fn browse(context: &Context, pair: &Pair) -> Result<Vec<String>, Failure> {
    let browser = pair.session.create_browser(&pair.destination, None).await?;
    let mut texts = Vec::new();
    while let Some(received) = context.in_time("browsing", browser.next()).await?? {
        texts.push(text_of(&received));
    }
    browser.close().await?;
    Ok(texts)
}

/// A margin is for clocks; the machine may be busy with other cases.
fn latest(context: &Context) -> Duration {
    context.timing().margin * 10
}

pub(super) async fn afterwards(context: &Context) -> Verdict {
    let (receive, listener) = try_join!(by_receive(context), by_listener(context))?;
    for (who, late) in [("a receive", receive), ("a listener", listener)] {
        ensure!(late <= latest(context), "{who} got it {late:?} after its due time");
    }
    let (receive, listener) = (receive.as_millis(), listener.as_millis());
    Ok(Passed::With(format!(
        "a receive {receive} ms, a listener {listener} ms after the due time"
    )))
}

async fn by_receive(context: &Context) -> Result<Duration, Failure> {
    let pair = fed(context, AckMode::Auto).await?;
    let consumer = Arc::clone(&pair.consumer);
    let waiting = begun(context, async move { consumer.receive().await }).await?;
    let running = Running::begin(context, short(context));
    let options = delayed(short(context));
    pair.producer.send_with(Message::text("1"), options).await?;
    let received = context.in_time("the waiting receive", waiting).await???;
    let late = running.expect_over()?;
    ensure_eq!(received.as_ref().map(text_of).as_deref(), Some("1"));
    Ok(late)
}

async fn by_listener(context: &Context) -> Result<Duration, Failure> {
    let pair = fed(context, AckMode::Auto).await?;
    let (tell, mut told) = tokio::sync::mpsc::unbounded_channel();
    let running = Running::begin(context, short(context));
    let listener = listen(move |received| {
        let _ = tell.send((text_of(&received), running.expect_over()));
        std::future::ready(Ok(()))
    });
    pair.consumer.set_listener(Some(listener)).await?;
    let options = delayed(short(context));
    pair.producer.send_with(Message::text("1"), options).await?;
    let heard = context.in_time("the listener's call", told.recv()).await?;
    let (text, late) = heard.ok_or_else(|| Failure::new("the listener is gone"))?;
    ensure_eq!(text, "1");
    late
}

pub(super) async fn in_order(context: &Context) -> Verdict {
    let pair = fed(context, AckMode::Auto).await?;
    let unit = short(context);
    let mut sent: Vec<_> = Vec::new();
    for (text, delay) in [("last", 3), ("second", 1), ("third", 2), ("first", 0)] {
        let receipt = pair
            .producer
            .send_with(Message::text(text), delayed(unit * delay))
            .await?;
        ensure!(receipt.delivery_time().is_some(), "{text:?} has no delivery time");
        sent.push((receipt.delivery_time(), text.to_owned()));
    }
    // As they are named, unless sending took as long as the delays.
    sent.sort();
    let texts: Vec<_> = sent.into_iter().map(|(_, text)| text).collect();
    expect_only(context, &pair.consumer, &texts).await?;
    Ok(Passed::AsStated)
}
