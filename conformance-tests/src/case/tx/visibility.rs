//! What a transaction sends, and when others see it.

use anymq_api::{AckMode, Capability, Destination, Message, Session};
use futures_util::try_join;
use std::sync::Arc;

use super::{Context, Failure, Passed, Verdict, expect_only, expect_texts, fed, later, numbers};
use crate::case::setup::send_texts;
use crate::{case::Pair, checklist::Place};

/// A transacted session that sends, and a plain one of the same connection that receives.
async fn sending(context: &Context) -> Result<(Pair, Arc<dyn Session>), Failure> {
    let pair = context.pair(AckMode::Auto).await?;
    let session = pair.connection.create_session(AckMode::Transacted).await?;
    let producer = session.create_producer(&pair.destination).await?;
    Ok((Pair { producer, ..pair }, session))
}

pub(super) async fn unseen_by_all(context: &Context) -> Verdict {
    let (pair, session) = sending(context).await?;
    let elsewhere = context.started().await?;
    let elsewhere = later(context, &elsewhere, &pair.destination).await?;
    pair.send(&["1"]).await?;
    try_join!(context.nothing(&pair.consumer), context.nothing(&elsewhere))?;
    let browsing = context.is_queue() && context.supports(Capability::Browser);
    if browsing {
        browse_nothing(&pair.session, &pair.destination).await?;
    }
    if context.is_queue() {
        // One of two would get it.
        pair.consumer.close().await?;
    }
    session.commit().await?;
    expect_texts(&[context.receive(&elsewhere).await?], &["1"])?;
    if !context.is_queue() {
        expect_texts(&[context.receive(&pair.consumer).await?], &["1"])?;
    }
    Ok(if browsing {
        Passed::With("sessions and a browser".into())
    } else {
        Passed::AsStated
    })
}

async fn browse_nothing(session: &Arc<dyn Session>, queue: &dyn Destination) -> Result<(), Failure> {
    let browser = session.create_browser(queue, None).await?;
    let seen = browser.next().await?;
    ensure!(seen.is_none(), "the browser sees {seen:?}");
    browser.close().await?;
    Ok(())
}

pub(super) async fn commit_shows_all(context: &Context) -> Verdict {
    let (pair, session) = sending(context).await?;
    let destination = context.destination();
    let second = later(context, &pair.connection, &destination).await?;
    let to_second = session.create_producer(&destination).await?;
    for text in numbers(1..=10) {
        pair.producer.send(Message::text(text.clone())).await?;
        to_second.send(Message::text(format!("second {text}"))).await?;
    }
    session.commit().await?;
    let expected: Vec<_> = (1..=10).map(|number| format!("second {number}")).collect();
    let first = numbers(1..=10);
    try_join!(
        expect_only(context, &pair.consumer, &first),
        expect_only(context, &second, &expected),
    )?;
    Ok(Passed::AsStated)
}

pub(super) async fn rollback_discards(context: &Context) -> Verdict {
    let (pair, session) = sending(context).await?;
    pair.send(&["1", "2"]).await?;
    session.rollback().await?;
    // Neither what ends the next transaction brings them back, nor what ends the session.
    pair.send(&["3"]).await?;
    session.commit().await?;
    session.close().await?;
    expect_only(context, &pair.consumer, &["3"]).await?;
    Ok(Passed::AsStated)
}

pub(super) async fn own_sends(context: &Context) -> Verdict {
    let pair = context.pair(AckMode::Transacted).await?;
    pair.send(&["1"]).await?;
    context.nothing(&pair.consumer).await?;
    pair.session.commit().await?;
    expect_texts(&[context.receive(&pair.consumer).await?], &["1"])?;
    Ok(Passed::AsStated)
}

pub(super) async fn one_after_another(context: &Context) -> Verdict {
    try_join!(sends_one_after_another(context), receives_one_after_another(context))?;
    Ok(Passed::AsStated)
}

async fn sends_one_after_another(context: &Context) -> Result<(), Failure> {
    let (pair, session) = sending(context).await?;
    pair.send(&["a"]).await?;
    session.commit().await?;
    pair.send(&["b"]).await?;
    session.rollback().await?;
    pair.send(&["c"]).await?;
    session.commit().await?;
    expect_only(context, &pair.consumer, &["a", "c"]).await?;
    Ok(())
}

async fn receives_one_after_another(context: &Context) -> Result<(), Failure> {
    if context.place() == Place::Topic {
        // Topics are not asked to deliver again.
        return Ok(());
    }
    let pair = fed(context, AckMode::Transacted).await?;
    send_texts(&pair.producer, &["a", "b", "c"]).await?;
    let first = context.receive_many(&pair.consumer, 1).await?;
    expect_texts(&first, &["a"])?;
    pair.session.commit().await?;
    let second = context.receive_many(&pair.consumer, 1).await?;
    expect_texts(&second, &["b"])?;
    pair.session.rollback().await?;
    expect_only(context, &pair.consumer, &["b", "c"]).await?;
    Ok(())
}
