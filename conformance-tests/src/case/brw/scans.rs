//! BRW: what a scan shows.

use std::time::Instant;

use anymq_api::{AckMode, Capability, ErrorKind, Message, Priority, SendOptions};

use crate::case::{
    Context, Failure, Passed, Verdict,
    browsing::{browse, rest, shown},
    expect_kind, expect_list,
    flow::{gather, numbered, send_all},
    setup::sender,
    text_of, texts_of,
};

pub(super) async fn in_order(context: &Context) -> Verdict {
    let session = context.started().await?.create_session(AckMode::Auto).await?;
    let queue = context.destination();
    let texts = numbered("", 50);
    send_all(&sender(context, &queue).await?, &texts).await?;
    let browser = session.create_browser(&queue, None).await?;
    ensure_eq!(browser.destination()?, queue, "the browser's queue");
    expect_list(&texts_of(&rest(context, &browser).await?), &texts)?;
    // Whoever looks again sees it all again: from here while the first is open, and from elsewhere.
    expect_list(&shown(context, &session, &queue, None).await?, &texts)?;
    browser.close().await?;
    let elsewhere = context.started().await?.create_session(AckMode::Auto).await?;
    expect_list(&shown(context, &elsewhere, &queue, None).await?, &texts)?;

    let consumer = session.create_consumer(&queue).await?;
    let got = gather(context, &[&consumer], texts.len()).await?.concat();
    expect_list(&texts_of(&got), &texts)?;
    if !context.supports(Capability::Priority) {
        return Ok(Passed::AsStated);
    }
    by_priority(context).await?;
    Ok(Passed::With("by priority too".to_owned()))
}

/// The order is that of receiving, not that of sending.
async fn by_priority(context: &Context) -> Result<(), Failure> {
    let session = context.started().await?.create_session(AckMode::Auto).await?;
    let queue = context.destination();
    let producer = session.create_producer(&queue).await?;
    for (number, level) in [4, 0, 9, 4, 9, 0].into_iter().enumerate() {
        let options = SendOptions::new().with_priority(Priority::new(level)?);
        let message = Message::text(format!("{number} of priority {level}"));
        producer.send_with(message, options).await?;
    }
    let browsed = shown(context, &session, &queue, None).await?;
    let consumer = session.create_consumer(&queue).await?;
    let got = gather(context, &[&consumer], 6).await?.concat();
    expect_list(&browsed, &texts_of(&got))
}

pub(super) async fn empty(context: &Context) -> Verdict {
    let session = context.started().await?.create_session(AckMode::Auto).await?;
    // One that nobody has used, and one of which all was taken.
    let unused = context.destination();
    let emptied = context.destination();
    session
        .create_producer(&emptied)
        .await?
        .send(Message::text("taken"))
        .await?;
    let consumer = session.create_consumer(&emptied).await?;
    ensure_eq!(text_of(&context.receive(&consumer).await?), "taken");
    consumer.close().await?;
    // Nobody is told when a broker has taken note of an automatic acknowledgement; a closed session has sent it.
    session.close().await?;

    let session = context.started().await?.create_session(AckMode::Auto).await?;
    for queue in [&unused, &emptied] {
        let browser = session.create_browser(queue, None).await?;
        let begin = Instant::now();
        let next = context.in_time("a scan of nothing", browser.next()).await??;
        let took = begin.elapsed();
        ensure!(next.is_none(), "{next:?} is in an empty queue");
        // Far less than anything that waits for a message.
        ensure!(took < context.timing().wait / 4, "it takes {took:?} to see nothing");
        browser.close().await?;
    }
    Ok(Passed::AsStated)
}

pub(super) async fn selecting(context: &Context) -> Verdict {
    let session = context.started().await?.create_session(AckMode::Auto).await?;
    let queue = context.destination();
    let producer = session.create_producer(&queue).await?;
    let texts = numbered("", 20);
    for (n, text) in (0..).zip(&texts) {
        producer
            .send(Message::text(text.clone()).with_property("n", n)?)
            .await?;
    }
    let selections: [(&str, &[String]); 4] = [
        ("n >= 15", &texts[15..]),
        (" n  < 3 ", &texts[..3]),
        ("n = 7 and n IS NOT NULL", &texts[7..8]),
        ("n > 100", &[]),
    ];
    for (selector, expected) in selections {
        let browser = session.create_browser(&queue, Some(selector)).await?;
        ensure_eq!(browser.selector()?.as_deref(), Some(selector), "the getter");
        expect_list(&texts_of(&rest(context, &browser).await?), expected)?;
        browser.close().await?;
    }
    for none in [None, Some("")] {
        let browser = session.create_browser(&queue, none).await?;
        ensure_eq!(browser.selector()?, None, "the getter, of {none:?}");
        expect_list(&texts_of(&rest(context, &browser).await?), &texts)?;
        browser.close().await?;
    }
    for malformed in ["n =", "n = 7 AND", "n LIKE 1", "'open", "n = 7 /* c */", "n + 1"] {
        let made = session.create_browser(&queue, Some(malformed)).await;
        expect_kind(made, ErrorKind::InvalidSelector)?;
    }
    let consumer = session.create_consumer(&queue).await?;
    let got = gather(context, &[&consumer], texts.len()).await?.concat();
    expect_list(&texts_of(&got), &texts)?;
    Ok(Passed::AsStated)
}

pub(super) async fn unmarked(context: &Context) -> Verdict {
    let session = context.started().await?.create_session(AckMode::Auto).await?;
    let queue = context.destination();
    let texts = numbered("", 10);
    send_all(&sender(context, &queue).await?, &texts).await?;
    for _ in 0..3 {
        for received in browse(context, &session, &queue, None).await? {
            ensure!(!received.redelivered(), "{} is shown as flagged", text_of(&received));
        }
    }
    // One stays in the midst of its scan, and one at its end; what they have shown is to be had all the same.
    let midway = session.create_browser(&queue, None).await?;
    for text in &texts[..5] {
        let shown = context.in_time("a scan", midway.next()).await??;
        ensure_eq!(shown.as_ref().map(text_of).as_deref(), Some(text.as_str()));
    }
    let at_end = session.create_browser(&queue, None).await?;
    expect_list(&texts_of(&rest(context, &at_end).await?), &texts)?;
    let other = context.started().await?.create_session(AckMode::Auto).await?;
    let consumer = other.create_consumer(&queue).await?;
    let got = gather(context, &[&consumer], texts.len()).await?.concat();
    expect_list(&texts_of(&got), &texts)?;
    for received in &got {
        let text = text_of(received);
        ensure!(!received.redelivered(), "{text} is flagged");
        if context.supports(Capability::DeliveryCount) {
            ensure_eq!(received.delivery_count(), 1, "the count of {text}");
        }
    }
    midway.close().await?;
    at_end.close().await?;
    context.nothing(&consumer).await?;
    Ok(Passed::AsStated)
}
