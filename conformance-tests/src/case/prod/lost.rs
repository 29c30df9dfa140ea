//! Sends over a link that is lost.

use std::sync::Arc;

use anymq_api::{AckMode, DeliveryMode, ErrorKind, Message, Retry, SendOptions};

use super::{Context, Failure, Passed, Verdict, expect_kind};
use crate::{
    case::{
        Pair, expect_set,
        flow::numbered,
        later::all_that_comes,
        line::Line,
        setup::{begun, sender},
        texts_of,
    },
    link::Direction,
};

fn non_persistent() -> SendOptions {
    SendOptions::new().with_delivery_mode(DeliveryMode::NonPersistent)
}

/// Non-persistent messages that are received, wait, or are being sent when the link is lost: none comes twice.
pub(super) async fn never_twice(context: &Context) -> Verdict {
    let received = while_received(context).await?;
    let mut certain = Vec::new();
    for direction in [Direction::ToBroker, Direction::ToClient] {
        certain.push(while_sent(context, direction).await?);
    }
    Ok(Passed::With(format!(
        "{received} of 20 kept; of 5 that were being sent {} without answers, {} that did not arrive",
        certain[1], certain[0]
    )))
}

async fn while_received(context: &Context) -> Result<usize, Failure> {
    let texts = numbered("", 20);
    let line = Line::new(context).await?;
    let pair = line.pair(AckMode::Auto).await?;
    let producer = sender(context, &pair.destination).await?;
    for text in &texts {
        producer
            .send_with(Message::text(text.clone()), non_persistent())
            .await?;
    }
    let mut all = context.receive_many(&pair.consumer, 7).await?;
    line.cut_and_tell(&pair.connection).await?;
    expect_kind(pair.consumer.try_receive(), ErrorKind::ConnectionLost)?;
    let next = line.later(&pair.destination).await?;
    all.extend(all_that_comes(context, &next, 13).await?);
    at_most_once(&texts_of(&all), &texts)
}

async fn while_sent(context: &Context, stalled: Direction) -> Result<usize, Failure> {
    let texts = numbered("", 5);
    let line = Line::new(context).await?;
    let pair = line.pair(AckMode::Auto).await?;
    let Pair { destination, .. } = &pair;
    // Some clients ask for a destination before they first send to it.
    pair.send(&["first"]).await?;
    context.receive(&pair.consumer).await?;
    context.quiet().await;
    // The only consumer is gone before the rest is sent.
    pair.consumer.close().await?;
    line.stall(stalled);
    let mut sends = Vec::new();
    for text in texts.clone() {
        let producer = Arc::clone(&pair.producer);
        let send = async move { producer.send_with(Message::text(text), non_persistent()).await };
        sends.push(begun(context, send).await?);
    }
    line.cut_when_quiet().await;
    let mut safe = Vec::new();
    for (send, text) in sends.into_iter().zip(&texts) {
        let error = expect_kind(context.in_time("the send", send).await??, ErrorKind::ConnectionLost)?;
        match error.retry() {
            Retry::MayDuplicate => {}
            // The client knows that it never sent it.
            Retry::Safe => safe.push(text.clone()),
            Retry::Never => return Err(Failure::new("a send that a lost link ended is said to be hopeless")),
        }
        ensure!(error.message_id().is_some(), "the error does not name the message");
    }
    let wanted = match stalled {
        Direction::ToBroker => 0,
        Direction::ToClient => texts.len() - safe.len(),
    };
    let next = line.later(destination).await?;
    let came = texts_of(&all_that_comes(context, &next, wanted).await?);
    let wrong: Vec<_> = safe.iter().filter(|text| came.contains(text)).collect();
    ensure!(wrong.is_empty(), "said to be safe to repeat, and arrived: {wrong:?}");
    at_most_once(&came, &texts)
}

/// How many came, none of them twice.
fn at_most_once(came: &[String], sent: &[String]) -> Result<usize, Failure> {
    let kept: Vec<_> = sent.iter().filter(|text| came.contains(text)).cloned().collect();
    expect_set(came, &kept)?;
    Ok(kept.len())
}
