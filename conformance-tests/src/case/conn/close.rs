//! Closing a connection.

use std::sync::Arc;

use anymq_api::{AckMode, Browser, Capability, ConnectOptions, Consumer, ErrorKind, Message};

use crate::{
    case::{
        Context, Failure, Pair, Passed, Verdict, closed, expect_kind, expect_list, expect_set,
        setup::{modes, send_texts, sender},
        text_of, texts_of,
    },
    checklist::Place,
};

/// A browser of a queue, where both are declared.
async fn browser(context: &Context, pair: &Pair) -> Result<Option<Arc<dyn Browser>>, Failure> {
    if !context.supports(Capability::Browser) || !context.supports(Capability::Queues) {
        return Ok(None);
    }
    let queue = context.queue();
    // It exists once somebody has consumed from it, wherever a consumer makes it.
    pair.session.create_consumer(&queue).await?;
    Ok(Some(pair.session.create_browser(&queue, None).await?))
}

/// A consumer of a later connection, which goes on with an earlier one's client identifier.
async fn later(context: &Context, options: ConnectOptions, pair: &Pair) -> Result<Arc<dyn Consumer>, Failure> {
    let connection = context.connect_with(options).await?;
    connection.start().await?;
    let session = connection.create_session(AckMode::Auto).await?;
    context.consumer(&session, &pair.destination).await
}

pub(super) async fn children_are_closed(context: &Context) -> Verdict {
    let options = context.connect_options();
    let connection = context.connect_with(options.clone()).await?;
    connection.start().await?;
    let pair = context.pair_on(connection, AckMode::Auto).await?;
    let other = context.pair_on(Arc::clone(&pair.connection), AckMode::Auto).await?;
    let browser = browser(context, &pair).await?;
    pair.connection.close().await?;
    for child in [&pair, &other] {
        expect_kind(child.session.ack_mode(), ErrorKind::IllegalState)?;
        expect_kind(child.producer.destination(), ErrorKind::IllegalState)?;
        expect_kind(child.consumer.destination(), ErrorKind::IllegalState)?;
        child.consumer.close().await?;
        child.producer.close().await?;
        child.session.close().await?;
    }
    if let Some(browser) = &browser {
        expect_kind(browser.destination(), ErrorKind::IllegalState)?;
        browser.close().await?;
    }
    if context.place() != Place::Topic {
        // Were its consumer still there, it would take the message.
        let later = later(context, options, &pair).await?;
        send_texts(&sender(context, &pair.destination).await?, &["later"]).await?;
        let received = context.receive(&later).await?;
        ensure_eq!(text_of(&received), "later");
    }
    Ok(Passed::AsStated)
}

pub(super) async fn closed_connection(context: &Context) -> Verdict {
    let connection = context.started().await?;
    connection.close().await?;
    let calls = closed::connection(context, &connection).await?;
    let never_started = context.connect().await?;
    never_started.close().await?;
    closed::connection(context, &never_started).await?;
    Ok(Passed::With(format!("{calls} calls")))
}

pub(super) async fn closed_children(context: &Context) -> Verdict {
    let pair = context.pair(AckMode::Auto).await?;
    let anonymous = pair.session.create_anonymous_producer().await?;
    let browser = browser(context, &pair).await?;
    pair.connection.close().await?;
    let destination = &pair.destination;
    let mut calls = closed::session(context, &pair.session, destination).await?;
    calls += closed::producer(context, &pair.producer, destination).await?;
    calls += closed::producer(context, &anonymous, destination).await?;
    calls += closed::consumer(context, &pair.consumer).await?;
    if let Some(browser) = &browser {
        calls += closed::browser(context, browser).await?;
    }
    Ok(Passed::With(format!("{calls} calls")))
}

pub(super) async fn closing_again(context: &Context) -> Verdict {
    const TASKS: usize = 8;
    let wait = context.timing().wait;
    let connection = context.started().await?;
    context.in_time("closing", connection.close()).await??;
    context.in_time("closing again", connection.close()).await??;
    let again = connection.close_with_deadline(wait);
    context.in_time("closing with a deadline", again).await??;

    let pair = context.pair(AckMode::Auto).await?;
    let begin = Arc::new(tokio::sync::Barrier::new(TASKS));
    let tasks: Vec<_> = (0..TASKS)
        .map(|number| {
            let (connection, begin) = (Arc::clone(&pair.connection), Arc::clone(&begin));
            tokio::spawn(async move {
                begin.wait().await;
                match number % 2 {
                    0 => connection.close().await,
                    _ => connection.close_with_deadline(wait).await.map(drop),
                }
            })
        })
        .collect();
    for task in tasks {
        context.in_time("closing concurrently", task).await???;
        expect_kind(pair.connection.metadata(), ErrorKind::IllegalState)?;
    }
    Ok(Passed::AsStated)
}

pub(super) async fn transactions_are_undone(context: &Context) -> Verdict {
    let options = context.connect_options();
    let connection = context.connect_with(options.clone()).await?;
    connection.start().await?;
    let pair = context.pair_on(connection, AckMode::Transacted).await?;
    let aside = context.pair(AckMode::Auto).await?;
    send_texts(&sender(context, &pair.destination).await?, &["in 1", "in 2", "in 3"]).await?;
    let received = context.receive_many(&pair.consumer, 2).await?;
    expect_list(&texts_of(&received), &["in 1".to_owned(), "in 2".to_owned()])?;
    let out = pair.session.create_producer(&aside.destination).await?;
    send_texts(&out, &["out 1", "out 2"]).await?;
    pair.connection.close().await?;
    context.nothing(&aside.consumer).await?;
    let later = later(context, options, &pair).await?;
    let received = context.receive_many(&later, 3).await?;
    let expected = ["in 1", "in 2", "in 3"].map(ToOwned::to_owned);
    expect_set(&texts_of(&received), &expected)?;
    context.nothing(&later).await?;
    Ok(Passed::AsStated)
}

pub(super) async fn unacknowledged_messages_come_back(context: &Context) -> Verdict {
    let options = context.connect_options();
    let connection = context.connect_with(options.clone()).await?;
    connection.start().await?;
    let pair = context.pair_on(connection, AckMode::Client).await?;
    pair.send(&["1", "2", "3"]).await?;
    context.receive_many(&pair.consumer, 2).await?;
    pair.connection.close().await?;
    let later = later(context, options, &pair).await?;
    let received = context.receive_many(&later, 3).await?;
    expect_set(&texts_of(&received), &["1", "2", "3"].map(ToOwned::to_owned))?;
    context.nothing(&later).await?;
    Ok(Passed::AsStated)
}

/// A text with whatever else the provider carries.
fn furnished(context: &Context) -> Result<Message, Failure> {
    let mut message = Message::text("body");
    if context.supports(Capability::Headers) {
        message = message
            .with_correlation_id("correlation")
            .with_message_type("kind")
            .with_reply_to(&context.destination());
    }
    if context.supports(Capability::Properties) {
        message = message.with_property("n", 7)?;
    }
    Ok(message)
}

pub(super) async fn messages_stay_readable(context: &Context) -> Verdict {
    let (declared, _) = modes(context);
    for mode in [AckMode::Auto, AckMode::Client]
        .into_iter()
        .filter(|mode| declared.contains(mode))
    {
        let pair = context.pair(mode).await?;
        let message = furnished(context)?;
        pair.producer.send(message.clone()).await?;
        let received = context.receive(&pair.consumer).await?;
        let (before, headers) = (received.to_message(), format!("{:?}", received.headers()));
        pair.connection.close().await?;
        ensure_eq!(received.to_message(), before);
        ensure_eq!(format!("{:?}", received.headers()), headers);
        ensure_eq!(received.as_text(), Some("body"));
        ensure_eq!(*received.destination(), pair.destination);
        ensure_eq!(received.correlation_id(), message.correlation_id());
        ensure_eq!(received.message_type(), message.message_type());
        ensure_eq!(received.reply_to(), message.reply_to());
        ensure_eq!(received.property("n"), message.property("n"));
        let acknowledging = context.in_time("acknowledging", received.acknowledge()).await?;
        expect_kind(acknowledging, ErrorKind::IllegalState)?;
    }
    Ok(Passed::AsStated)
}
