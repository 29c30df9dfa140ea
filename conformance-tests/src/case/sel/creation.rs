//! SEL: no selector, and malformed ones.

use std::sync::Arc;

use anymq_api::{AckMode, Capability, ConsumerOptions, ErrorKind, Message, Producer, Session};

use super::rows;
use crate::{
    case::{
        Context, Failure, Pair, Passed, Verdict, browsing, expect_kind, expect_list,
        flow::{gather, numbered, send_all},
        sel::expected::Expected,
        texts_of,
    },
    checklist::Place,
};

/// Nothing, and the empty text, which is E01 of the examples.
fn none_and_empty() -> [(&'static str, ConsumerOptions); 2] {
    [
        ("none", ConsumerOptions::new()),
        ("empty", ConsumerOptions::new().with_selector("")),
    ]
}

pub(super) async fn no_selector(context: &Context) -> Verdict {
    let session = context.started().await?.create_session(AckMode::Auto).await?;
    let texts = numbered("", 5);
    for (what, options) in none_and_empty() {
        let destination = context.destination();
        let name = context.name();
        let consumer = context.subscribe(&session, &destination, &name, options).await?;
        ensure_eq!(consumer.selector()?, None, "the getter, {what}");
        let producer = session.create_producer(&destination).await?;
        send_mixed(&producer, &texts).await?;
        let got = gather(context, &[&consumer], texts.len()).await?.concat();
        expect_list(&texts_of(&got), &texts)?;
        context.end_subscription(&session, &consumer, &name).await?;
    }
    match context.place() {
        Place::Durable => no_change(context, &session).await?,
        Place::Queue if context.supports(Capability::Browser) => browsed(context, &session).await?,
        Place::Queue | Place::Topic => {}
    }
    Ok(Passed::AsStated)
}

/// Some with properties, some without any.
async fn send_mixed(producer: &Arc<dyn Producer>, texts: &[String]) -> Result<(), Failure> {
    for (number, text) in texts.iter().enumerate() {
        let message = Message::text(text.clone());
        let message = if number % 2 == 0 {
            message
        } else {
            message.with_property("t", false)?
        };
        producer.send(message).await?;
    }
    Ok(())
}

/// To come back with the empty text instead of none, or with none instead of the empty text, changes nothing: what
/// waited for the subscription is there.
async fn no_change(context: &Context, session: &Arc<dyn Session>) -> Result<(), Failure> {
    let [(_, none), (_, empty)] = none_and_empty();
    let topic = context.destination();
    let name = context.name();
    let producer = session.create_producer(&topic).await?;
    let first = context.subscribe(session, &topic, &name, none.clone()).await?;
    first.close().await?;
    for (round, options) in [empty.clone(), none, empty].into_iter().enumerate() {
        let texts = numbered(&format!("round {round}, "), 3);
        send_mixed(&producer, &texts).await?;
        let again = context.subscribe(session, &topic, &name, options).await?;
        ensure_eq!(again.selector()?, None, "the getter");
        let got = gather(context, &[&again], texts.len()).await?.concat();
        expect_list(&texts_of(&got), &texts)?;
        again.close().await?;
    }
    session.unsubscribe(&name).await?;
    Ok(())
}

async fn browsed(context: &Context, session: &Arc<dyn Session>) -> Result<(), Failure> {
    let queue = context.destination();
    let texts = numbered("", 5);
    send_mixed(&session.create_producer(&queue).await?, &texts).await?;
    for selector in [None, Some("")] {
        let browser = session.create_browser(&queue, selector).await?;
        ensure_eq!(browser.selector()?, None, "the getter of a browser, {selector:?}");
        expect_list(&texts_of(&browsing::rest(context, &browser).await?), &texts)?;
        browser.close().await?;
    }
    Ok(())
}

pub(super) async fn malformed(context: &Context) -> Verdict {
    // Not started: it shows when the consumer is made, and not when a message comes.
    let connection = context.connect().await?;
    let pair = context.pair_on(connection, AckMode::Auto).await?;
    let before = pair.connection.health()?.consumers;
    let texts = malformed_texts();
    for text in &texts {
        refused(context, &pair, text).await?;
    }
    ensure_eq!(pair.connection.health()?.consumers, before, "consumers");

    // Of a consumer that was left behind these would be the share.
    pair.connection.start().await?;
    let sent = numbered("", 20);
    send_all(&pair.producer, &sent).await?;
    let got = gather(context, &[&pair.consumer], sent.len()).await?.concat();
    expect_list(&texts_of(&got), &sent)?;
    if context.place() == Place::Durable {
        nothing_changed(context, &pair, &texts).await?;
    }
    Ok(Passed::With(format!("{} texts", texts.len())))
}

/// The malformed examples, and more.
fn malformed_texts() -> Vec<String> {
    const MORE: [&str; 20] = [
        "n = 7 /* c */",
        "n /* c */ = 7",
        "n = 7 // c",
        "n = 7;",
        "AND",
        "NOT",
        "n = 7 OR",
        "OR n = 7",
        "n = = 7",
        "n => 7",
        "n =< 7",
        "n + = 7",
        "n * * 2 = 7",
        "n % 2 = 1",
        "n & 1 = 1",
        "t && t",
        "!t",
        "n IS NOT NUL",
        "(n, 7)",
        "s LIKE 'a",
    ];
    let examples = rows("SEL-02").into_iter();
    let malformed = examples.filter(|row| row.expected == Expected::Invalid);
    let more = MORE.into_iter().map(str::to_owned);
    malformed.map(|row| row.selector).chain(more).collect()
}

/// Every call of this place that takes a selector refuses it, and leaves no subscription.
async fn refused(context: &Context, pair: &Pair, text: &str) -> Result<(), Failure> {
    let (session, destination) = (&pair.session, &pair.destination);
    let options = ConsumerOptions::new().with_selector(text);
    let name = context.name();
    let made = context.subscribe(session, destination, &name, options.clone()).await;
    expect_refused("a consumer", text, made)?;
    match context.place() {
        Place::Queue if context.supports(Capability::Browser) => {
            let made = session.create_browser(destination, Some(text)).await;
            expect_refused("a browser", text, made)?;
        }
        Place::Topic if context.supports(Capability::SharedSubscriptions) => {
            let made = session.create_shared_consumer(destination, &name, options).await;
            expect_refused("a shared consumer", text, made)?;
        }
        Place::Durable if context.supports(Capability::SharedDurableSubscriptions) => {
            let made = session.create_shared_durable_consumer(destination, &name, options);
            expect_refused("a shared durable consumer", text, made.await)?;
        }
        Place::Queue | Place::Topic | Place::Durable => {}
    }
    if context.place() == Place::Durable && context.supports(Capability::DurableGuard) {
        expect_kind(session.unsubscribe(&name).await, ErrorKind::InvalidDestination)?;
    }
    Ok(())
}

#[track_caller]
fn expect_refused<T>(what: &str, text: &str, made: anymq_api::Result<T>) -> Result<(), Failure> {
    match expect_kind(made, ErrorKind::InvalidSelector) {
        Ok(_) => Ok(()),
        Err(failure) => Err(Failure::new(format!("{what} with {text:?}: {failure}"))),
    }
}

/// A durable subscription outlives the attempt to come back to it with a malformed selector, and keeps what it holds.
async fn nothing_changed(context: &Context, pair: &Pair, texts: &[String]) -> Result<(), Failure> {
    let name = context.subscription_name(&pair.destination);
    pair.consumer.close().await?;
    let kept = numbered("kept", 3);
    send_all(&pair.producer, &kept).await?;
    for text in texts {
        let options = ConsumerOptions::new().with_selector(text.as_str());
        let made = context.subscribe(&pair.session, &pair.destination, &name, options);
        expect_refused("to come back", text, made.await)?;
    }
    let again = context.consumer(&pair.session, &pair.destination).await?;
    let got = gather(context, &[&again], kept.len()).await?.concat();
    expect_list(&texts_of(&got), &kept)?;
    context.end_subscription(&pair.session, &again, &name).await
}
