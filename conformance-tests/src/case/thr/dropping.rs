//! Futures dropped at any point, and objects dropped without being closed.

use std::{sync::Arc, time::Duration};

use anymq_api::{AckMode, Capability, Connection, Consumer, Message};
use futures_util::try_join;

use super::expect_between;
use crate::{
    case::{
        Context, Failure, Passed, Verdict, expect_list, expect_set,
        flow::numbered,
        setup::{modes, poll_times, send_texts, sender},
        text_of, texts_of,
    },
    checklist::Place,
    poll,
};

pub(super) async fn futures_and_objects(context: &Context) -> Verdict {
    let mut dropped = vec!["receive", "send", "close", "objects"];
    try_join!(receives(context), sends(context), closes(context), objects(context))?;
    if context.supports(Capability::Transactions) {
        dropped.push("commit");
        commits(context).await?;
    }
    if context.is_queue() {
        dropped.push("connections");
        connections(context).await?;
    }
    Ok(Passed::With(dropped.join(", ")))
}

/// A receive that is dropped takes nothing with it.
async fn receives(context: &Context) -> Result<(), Failure> {
    const MESSAGES: usize = 60;
    let pair = context.pair(AckMode::Auto).await?;
    let texts = numbered("message", MESSAGES);
    let producer = sender(context, &pair.destination).await?;
    let sending = tokio::spawn({
        let texts = texts.clone();
        async move { send_texts(&producer, &texts).await }
    });
    let mut got = Vec::new();
    while got.len() < MESSAGES {
        for polls in [0, 1, 2, 3] {
            if let Some(received) = poll_times(pair.consumer.receive(), polls).await {
                got.extend(received?.as_ref().map(text_of));
            }
        }
        if got.len() < MESSAGES {
            got.push(text_of(&context.receive(&pair.consumer).await?));
        }
    }
    sending.await??;
    expect_list(&got, &texts)?;
    context.nothing(&pair.consumer).await
}

/// A send that is dropped was made or not, once at most; those that were awaited were all made.
async fn sends(context: &Context) -> Result<(), Failure> {
    let pair = context.pair(AckMode::Auto).await?;
    let (mut certain, mut doubtful) = (Vec::new(), Vec::new());
    for (number, text) in numbered("message", 40).into_iter().enumerate() {
        let polls = number % 5;
        match poll_times(pair.producer.send(Message::text(text.as_str())), polls).await {
            Some(outcome) => {
                outcome?;
                certain.push(text);
            }
            // Never polled is never sent.
            None if polls == 0 => {}
            None => doubtful.push(text),
        }
    }
    send_texts(&pair.producer, &["last"]).await?;
    certain.push("last".to_owned());
    // In the order of the sends, nothing comes behind it.
    let mut got = Vec::new();
    while got.last().is_none_or(|text| text != "last") {
        got.push(text_of(&context.receive(&pair.consumer).await?));
    }
    context.nothing(&pair.consumer).await?;
    expect_between(&got, &certain, &doubtful)
}

/// A commit that is dropped takes place or is made up for by the next one.
async fn commits(context: &Context) -> Result<(), Failure> {
    let pair = context.pair(AckMode::Auto).await?;
    let session = pair.connection.create_session(AckMode::Transacted).await?;
    let producer = session.create_producer(&pair.destination).await?;
    let texts = numbered("message", 20);
    for (number, text) in texts.iter().enumerate() {
        send_texts(&producer, &[text]).await?;
        if let Some(outcome) = poll_times(session.commit(), number % 4).await {
            outcome?;
        }
    }
    context.in_time("the last commit", session.commit()).await??;
    let received = context.receive_many(&pair.consumer, texts.len()).await?;
    expect_list(&texts_of(&received), &texts)?;
    context.nothing(&pair.consumer).await
}

/// A close that is dropped goes on, and concerns nothing else.
async fn closes(context: &Context) -> Result<(), Failure> {
    let connection = context.started().await?;
    let witness = context.pair_on(Arc::clone(&connection), AckMode::Auto).await?;
    for polls in 1..4 {
        let pair = context.pair_on(Arc::clone(&connection), AckMode::Auto).await?;
        poll_times(pair.consumer.close(), polls).await;
        let closed = || pair.consumer.destination().is_err();
        context.eventually("the consumer is closed", closed).await?;
        context.in_time("closing the consumer", pair.consumer.close()).await??;
        poll_times(pair.session.close(), polls).await;
        let closed = || pair.session.ack_mode().is_err();
        context.eventually("the session is closed", closed).await?;
        context.in_time("closing the session", pair.session.close()).await??;
        let other = context.started().await?;
        poll_times(other.close(), polls).await;
        let closed = || other.metadata().is_err();
        context.eventually("the connection is closed", closed).await?;
        context.in_time("closing the connection", other.close()).await??;
        let text = format!("after {polls}");
        witness.send(&[&text]).await?;
        ensure_eq!(text_of(&context.receive(&witness.consumer).await?), text);
    }
    Ok(())
}

/// Session, consumer and messages are dropped: what was not acknowledged comes again, and the rest works on.
async fn objects(context: &Context) -> Result<(), Failure> {
    let (declared, _) = modes(context);
    let client = declared.contains(&AckMode::Client);
    let mode = if client { AckMode::Client } else { AckMode::Auto };
    let texts = numbered("message", 5);
    let connection = context.started().await?;
    let pair = context.pair_on(Arc::clone(&connection), mode).await?;
    let destination = pair.destination.clone();
    send_texts(&sender(context, &destination).await?, &texts).await?;
    let received = context.receive_many(&pair.consumer, 2).await?;
    expect_list(&texts_of(&received), &texts[..2])?;
    drop(pair);
    drop(received);
    if context.place() != Place::Topic {
        let rest = if client { &texts[..] } else { &texts[2..] };
        let later = consume_again(context, &connection, &destination).await?;
        let received = context.receive_many(&later, rest.len()).await?;
        expect_set(&texts_of(&received), rest)?;
        context.nothing(&later).await?;
    }
    let other = context.pair_on(connection, AckMode::Auto).await?;
    other.send(&["still"]).await?;
    ensure_eq!(text_of(&context.receive(&other.consumer).await?), "still");
    Ok(())
}

/// Nobody waits for what is dropped, so its subscription may be in use for a little longer.
async fn consume_again(
    context: &Context,
    connection: &Arc<dyn Connection>,
    destination: &anymq_api::Address,
) -> Result<Arc<dyn Consumer>, Failure> {
    let attempt = async || {
        let session = connection.create_session(AckMode::Auto).await.ok()?;
        context.consumer(&session, destination).await.ok()
    };
    let pause = Duration::from_millis(10);
    let consumer = poll::until(context.timing().wait, pause, attempt).await;
    consumer.map_err(|_| Failure::new("what was dropped stays in use"))
}

/// A connection is dropped with all that was made from it: another one gets what it had not acknowledged.
async fn connections(context: &Context) -> Result<(), Failure> {
    let texts = numbered("message", 3);
    let connection = context
        .factory()
        .create_connection_with(context.connect_options())
        .await?;
    connection.start().await?;
    let (declared, _) = modes(context);
    let client = declared.contains(&AckMode::Client);
    let mode = if client { AckMode::Client } else { AckMode::Auto };
    let pair = context.pair_on(connection, mode).await?;
    let destination = pair.destination.clone();
    send_texts(&pair.producer, &texts).await?;
    let received = context.receive(&pair.consumer).await?;
    ensure_eq!(text_of(&received), texts[0]);
    drop(received);
    drop(pair);
    let rest = if client { &texts[..] } else { &texts[1..] };
    let session = context.started().await?.create_session(AckMode::Auto).await?;
    let later = context.consumer(&session, &destination).await?;
    let received = context.receive_many(&later, rest.len()).await?;
    expect_set(&texts_of(&received), rest)?;
    context.nothing(&later).await
}
