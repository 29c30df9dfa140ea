//! P2P: queues.

mod restarting;

use std::sync::Arc;

use anymq_api::{AckMode, Address, Capability, Consumer, DestinationKind, ErrorKind, Message, Received, Session};
use futures_util::future::try_join;

use super::{
    Context, Failure, Passed, Verdict, expect_kind, expect_list, expect_set,
    flow::{gather, numbered, send_all},
    text_of, texts_of,
};

cases! {
    "P2P-01" => exactly_one,
    "P2P-02" => kept,
    "P2P-04" => order_at_each,
    "P2P-05" => holder_closes,
    "P2P-07" => restarting::persistent,
    "P2P-08" => names,
}

/// Three consumers, of two sessions of one connection and of another connection.
async fn three_consumers(context: &Context, queue: &Address) -> Result<Vec<Arc<dyn Consumer>>, Failure> {
    let (one, two) = (context.started().await?, context.started().await?);
    let mut consumers = Vec::new();
    for connection in [&one, &one, &two] {
        let session = connection.create_session(AckMode::Auto).await?;
        consumers.push(context.consumer(&session, queue).await?);
    }
    Ok(consumers)
}

async fn exactly_one(context: &Context) -> Verdict {
    let queue = context.destination();
    let consumers = three_consumers(context, &queue).await?;
    let session = context.connect().await?.create_session(AckMode::Auto).await?;
    let producer = session.create_producer(&queue).await?;
    let texts = numbered("", 300);
    let each: Vec<_> = consumers.iter().collect();
    let gathering = gather(context, &each, texts.len());
    let (got, ()) = try_join(gathering, send_all(&producer, &texts)).await?;
    let counts: Vec<_> = got.iter().map(|list| list.len().to_string()).collect();
    expect_set(&texts_of(&got.concat()), &texts)?;
    Ok(Passed::With(format!("shared as {}", counts.join(" + "))))
}

async fn kept(context: &Context) -> Verdict {
    let queue = context.destination();
    let session = context.started().await?.create_session(AckMode::Auto).await?;
    let producer = session.create_producer(&queue).await?;
    let texts = numbered("", 50);
    send_all(&producer, &texts).await?;
    // The one who sent them may leave.
    session.close().await?;

    let session = context.started().await?.create_session(AckMode::Auto).await?;
    let consumer = context.consumer(&session, &queue).await?;
    let got = gather(context, &[&consumer], texts.len()).await?;
    expect_list(&texts_of(&got.concat()), &texts)?;

    let queue = context.destination();
    let consumer = context.consumer(&session, &queue).await?;
    let waiting = tokio::spawn(async move { consumer.receive().await });
    context.quiet().await;
    let producer = session.create_producer(&queue).await?;
    producer.send(Message::text("at once")).await?;
    let received = context
        .in_time("the message of a waiting consumer", waiting)
        .await???;
    ensure_eq!(received.as_ref().map(text_of).as_deref(), Some("at once"));
    Ok(Passed::AsStated)
}

async fn order_at_each(context: &Context) -> Verdict {
    const COUNT: usize = 100;
    let queue = context.destination();
    let consumers = three_consumers(context, &queue).await?;
    let connection = context.connect().await?;
    let mut producers = Vec::new();
    for _ in 0..2 {
        let session = connection.create_session(AckMode::Auto).await?;
        producers.push(session.create_producer(&queue).await?);
    }
    let (a, b) = (numbered("a", COUNT), numbered("b", COUNT));
    let each: Vec<_> = consumers.iter().collect();
    let sending = try_join(send_all(&producers[0], &a), send_all(&producers[1], &b));
    let (got, _) = try_join(gather(context, &each, 2 * COUNT), sending).await?;
    for (number, list) in got.iter().enumerate() {
        let texts = texts_of(list);
        for sender in ["a", "b"] {
            let own: Vec<_> = texts.iter().filter(|text| text.starts_with(sender)).collect();
            ensure!(
                own.is_sorted(),
                "consumer {number} got {sender}'s messages out of order: {own:?}"
            );
        }
    }
    expect_set(&texts_of(&got.concat()), &[a, b].concat())?;
    Ok(Passed::AsStated)
}

async fn holder_closes(context: &Context) -> Verdict {
    held(context, Closed::Session).await?;
    held(context, Closed::Connection).await?;
    Ok(Passed::AsStated)
}

/// By what a holder loses its messages.
enum Closed {
    Session,
    Connection,
}

/// One consumer holds three messages and then closes; another gets them.
async fn held(context: &Context, closed: Closed) -> Result<(), Failure> {
    let pair = context.pair(AckMode::Client).await?;
    let texts = numbered("", 3);
    send_all(&pair.producer, &texts).await?;
    let held = context.receive_many(&pair.consumer, texts.len()).await?;
    expect_list(&texts_of(&held), &texts)?;
    ensure!(!held.iter().any(Received::redelivered), "flagged at the first delivery");
    // Its own consumer's end gives nothing back: the session still holds them.
    pair.consumer.close().await?;
    let session = context.started().await?.create_session(AckMode::Client).await?;
    let next = context.consumer(&session, &pair.destination).await?;
    context.nothing(&next).await?;

    match closed {
        Closed::Session => pair.session.close().await?,
        Closed::Connection => pair.connection.close().await?,
    }
    let got = gather(context, &[&next], texts.len()).await?.concat();
    expect_list(&texts_of(&got), &texts)?;
    for received in &got {
        ensure!(received.redelivered(), "{} is not flagged", text_of(received));
        let count = received.delivery_count();
        ensure!(count >= 2, "{} counts {count} deliveries", text_of(received));
    }
    if let Some(last) = got.last() {
        last.acknowledge().await?;
    }
    Ok(())
}

async fn names(context: &Context) -> Verdict {
    let base = context.name();
    let names = similar_names(&base);
    let session = context.started().await?.create_session(AckMode::Auto).await?;
    let mut taken = Vec::new();
    for name in &names {
        let queue = Address::new(DestinationKind::Queue, name.clone())?;
        match session.create_producer(&queue).await {
            Ok(producer) => taken.push((queue, producer)),
            Err(error) => {
                let kind = error.kind();
                ensure_eq!(kind, ErrorKind::InvalidDestination, "the refusal of {name:?}");
                expect_kind(session.create_consumer(&queue).await, kind)?;
            }
        }
    }
    ensure!(
        taken.iter().any(|(queue, _)| *queue.name() == base),
        "{base} is refused"
    );
    for (queue, producer) in &taken {
        producer.send(Message::text(queue.name().to_owned())).await?;
    }
    topic_of_the_same_name(context, &session, &base).await?;
    let mut consumers = Vec::new();
    for (queue, _) in &taken {
        consumers.push(session.create_consumer(queue).await?);
    }
    let each: Vec<_> = consumers.iter().collect();
    let got = gather(context, &each, taken.len()).await?;
    for ((queue, _), got) in taken.iter().zip(&got) {
        ensure_eq!(texts_of(got), [queue.name()], "what came to {queue}");
    }
    Ok(Passed::With(format!("{} of {} names taken", taken.len(), names.len())))
}

/// Names that somebody could mistake for one another, or for a pattern.
fn similar_names(base: &str) -> Vec<String> {
    let endings = [
        "", "x", "X", ".x", ".X", ".x.y", "/x", ".*", ".#", "#", "*", ".>", "+", " ", " x", "%20x", "?x", "&x=1", ":x",
        "_x", "-x", "é", "e\u{301}", "\\x", "\"x\"", "'x'", "$x", "~x",
    ];
    let mut names: Vec<_> = endings.iter().map(|ending| format!("{base}{ending}")).collect();
    names.push(base.to_uppercase());
    names.push(format!(" {base}"));
    names.push(format!("/{base}"));
    names
}

/// Nothing of a queue's goes to a topic of its name, nor the other way round.
async fn topic_of_the_same_name(context: &Context, session: &Arc<dyn Session>, name: &str) -> Result<(), Failure> {
    if !context.supports(Capability::Topics) {
        return Ok(());
    }
    let topic = Address::new(DestinationKind::Topic, name)?;
    let subscriber = session.create_consumer(&topic).await?;
    let publisher = session.create_producer(&topic).await?;
    publisher.send(Message::text("published")).await?;
    let got = gather(context, &[&subscriber], 1).await?;
    expect_list(&texts_of(&got.concat()), &["published".to_owned()])
}
