//! TOP: unshared non-durable subscriptions.

use std::sync::Arc;

use anymq_api::{AckMode, Address, Capability, Consumer, ConsumerOptions, Message, Received};
use futures_util::future::try_join;

use super::{
    Context, Failure, Pair, Passed, Verdict, expect_list, expect_set,
    flow::{gather, numbered, send_all},
    text_of, texts_of,
};

cases! {
    "TOP-01" => a_copy_for_each,
    "TOP-02" => not_from_before,
    "TOP-03" => not_from_a_gap,
    "TOP-04" => settled_apart,
    "TOP-05" => two_of_one_session,
    "TOP-06" => order_at_each,
    "TOP-08" => no_local,
    "TOP-09" => active_at_once,
}

/// A subscription of a new connection.
async fn subscribe(context: &Context, topic: &Address, mode: AckMode) -> Result<Arc<dyn Consumer>, Failure> {
    let session = context.started().await?.create_session(mode).await?;
    Ok(session.create_consumer(topic).await?)
}

async fn a_copy_for_each(context: &Context) -> Verdict {
    let pair = context.pair(AckMode::Auto).await?;
    let session = pair.connection.create_session(AckMode::Auto).await?;
    let second = session.create_consumer(&pair.destination).await?;
    let third = subscribe(context, &pair.destination, AckMode::Auto).await?;
    let texts = numbered("", 20);
    send_all(&pair.producer, &texts).await?;
    for got in gather(context, &[&pair.consumer, &second, &third], 3 * texts.len()).await? {
        expect_list(&texts_of(&got), &texts)?;
    }
    // One that ends takes nothing from the others.
    second.close().await?;
    let more = numbered("more", 5);
    send_all(&pair.producer, &more).await?;
    for got in gather(context, &[&pair.consumer, &third], 2 * more.len()).await? {
        expect_list(&texts_of(&got), &more)?;
    }
    Ok(Passed::AsStated)
}

async fn not_from_before(context: &Context) -> Verdict {
    // Before there was any subscription.
    let topic = context.destination();
    let session = context.started().await?.create_session(AckMode::Auto).await?;
    let producer = session.create_producer(&topic).await?;
    producer.send(Message::text("to nobody")).await?;
    context.quiet().await;
    let first = session.create_consumer(&topic).await?;
    producer.send(Message::text("to the first")).await?;
    expect_list(&all_of(context, &first, 1).await?, &["to the first".to_owned()])?;

    // While there was another, which shows that it was published; this one may even hold it.
    let holding = session.create_consumer(&topic).await?;
    producer.send(Message::text("before the second")).await?;
    ensure_eq!(text_of(&context.receive(&first).await?), "before the second");
    let second = subscribe(context, &topic, AckMode::Auto).await?;
    producer.send(Message::text("to the second")).await?;
    expect_list(&all_of(context, &second, 1).await?, &["to the second".to_owned()])?;
    let expected = ["before the second".to_owned(), "to the second".to_owned()];
    expect_list(&all_of(context, &holding, 2).await?, &expected)?;
    Ok(Passed::AsStated)
}

/// What comes to one consumer, in which `count` messages are expected.
async fn all_of(context: &Context, consumer: &Arc<dyn Consumer>, count: usize) -> Result<Vec<String>, Failure> {
    Ok(texts_of(&gather(context, &[consumer], count).await?.concat()))
}

async fn not_from_a_gap(context: &Context) -> Verdict {
    let pair = context.pair(AckMode::Auto).await?;
    let witness = subscribe(context, &pair.destination, AckMode::Auto).await?;
    // One that the closed consumer gets, one that it was not handed, one in the gap, one afterwards.
    pair.send(&["before", "not handed over"]).await?;
    ensure_eq!(text_of(&context.receive(&pair.consumer).await?), "before");
    pair.consumer.close().await?;
    pair.send(&["in the gap"]).await?;
    let texts = ["before", "not handed over", "in the gap"].map(str::to_owned);
    expect_list(&all_of(context, &witness, 3).await?, &texts)?;
    let again = pair.session.create_consumer(&pair.destination).await?;
    pair.send(&["after"]).await?;
    expect_list(&all_of(context, &again, 1).await?, &["after".to_owned()])?;
    Ok(Passed::AsStated)
}

async fn settled_apart(context: &Context) -> Verdict {
    let mut tried = vec!["auto"];
    one_closes(context, AckMode::Auto).await?;
    if context.supports(Capability::ClientAck) {
        one_closes(context, AckMode::Client).await?;
        one_acknowledges(context).await?;
        tried.push("client");
    }
    if context.supports(Capability::Transactions) {
        one_rolls_back(context).await?;
        tried.push("transacted");
    }
    Ok(Passed::With(tried.join(", ")))
}

/// A pair, another subscription of another connection, and five messages that were sent to both.
async fn two_subscriptions(context: &Context, mode: AckMode) -> Result<(Pair, Arc<dyn Consumer>), Failure> {
    let pair = context.pair(mode).await?;
    let other = subscribe(context, &pair.destination, AckMode::Auto).await?;
    // In a session of its own: the pair's may be transacted.
    let session = pair.connection.create_session(AckMode::Auto).await?;
    let producer = session.create_producer(&pair.destination).await?;
    send_all(&producer, &numbered("", 5)).await?;
    let got = context.receive_many(&pair.consumer, 5).await?;
    expect_list(&texts_of(&got), &numbered("", 5))?;
    Ok((pair, other))
}

async fn one_closes(context: &Context, mode: AckMode) -> Result<(), Failure> {
    let (pair, other) = two_subscriptions(context, mode).await?;
    pair.session.close().await?;
    expect_list(&all_of(context, &other, 5).await?, &numbered("", 5))
}

async fn one_acknowledges(context: &Context) -> Result<(), Failure> {
    let pair = context.pair(AckMode::Client).await?;
    let other = subscribe(context, &pair.destination, AckMode::Client).await?;
    send_all(&pair.producer, &numbered("", 5)).await?;
    let held = context.receive_many(&other, 5).await?;
    let got = context.receive_many(&pair.consumer, 5).await?;
    if let Some(last) = got.last() {
        last.acknowledge().await?;
    }
    expect_list(&texts_of(&held), &numbered("", 5))?;
    ensure!(
        !held.iter().any(Received::redelivered),
        "the other's copies are flagged"
    );
    if let Some(last) = held.last() {
        last.acknowledge().await?;
    }
    context.nothing(&other).await?;
    context.nothing(&pair.consumer).await
}

async fn one_rolls_back(context: &Context) -> Result<(), Failure> {
    let (pair, other) = two_subscriptions(context, AckMode::Transacted).await?;
    ensure_eq!(text_of(&context.receive(&other).await?), "000");
    pair.session.rollback().await?;
    let again = context.receive_many(&pair.consumer, 5).await?;
    expect_list(&texts_of(&again), &numbered("", 5))?;
    let flagged = !context.supports(Capability::RedeliveryFlag) || again.iter().all(Received::redelivered);
    ensure!(flagged, "a copy that came again is not flagged");
    let rest = gather(context, &[&other], 4).await?.concat();
    expect_list(&texts_of(&rest), &numbered("", 5)[1..])?;
    ensure!(
        !rest.iter().any(Received::redelivered),
        "the other's copies are flagged"
    );
    pair.session.commit().await?;
    context.nothing(&other).await
}

async fn two_of_one_session(context: &Context) -> Verdict {
    let pair = context.pair(AckMode::Auto).await?;
    let second = pair.session.create_consumer(&pair.destination).await?;
    let texts = numbered("", 20);
    send_all(&pair.producer, &texts).await?;
    for got in gather(context, &[&pair.consumer, &second], 2 * texts.len()).await? {
        expect_list(&texts_of(&got), &texts)?;
    }
    pair.consumer.close().await?;
    pair.send(&["left"]).await?;
    expect_list(&all_of(context, &second, 1).await?, &["left".to_owned()])?;
    Ok(Passed::AsStated)
}

async fn order_at_each(context: &Context) -> Verdict {
    const COUNT: usize = 100;
    let pair = context.pair(AckMode::Auto).await?;
    let other = subscribe(context, &pair.destination, AckMode::Auto).await?;
    let session = context.connect().await?.create_session(AckMode::Auto).await?;
    let producer = session.create_producer(&pair.destination).await?;
    let (a, b) = (numbered("a", COUNT), numbered("b", COUNT));
    let sending = try_join(send_all(&pair.producer, &a), send_all(&producer, &b));
    let each = [&pair.consumer, &other];
    let gathering = gather(context, &each, 4 * COUNT);
    let (got, _) = try_join(gathering, sending).await?;
    for list in &got {
        let (of_a, of_b): (Vec<_>, Vec<_>) = texts_of(list).into_iter().partition(|text| text.starts_with('a'));
        expect_list(&of_a, &a)?;
        expect_list(&of_b, &b)?;
    }
    Ok(Passed::AsStated)
}

async fn no_local(context: &Context) -> Verdict {
    let own = context.started().await?;
    let session = own.create_session(AckMode::Auto).await?;
    let topic = context.destination();
    let options = ConsumerOptions::new().with_no_local(true);
    let deaf = session.create_consumer_with(&topic, options).await?;
    let default = session.create_consumer(&topic).await?;
    let other_session = own.create_session(AckMode::Auto).await?;
    let other = context.connect().await?.create_session(AckMode::Auto).await?;
    for (session, text) in [
        (&session, "own"),
        (&other_session, "own, by another session"),
        (&other, "foreign"),
    ] {
        let producer = session.create_producer(&topic).await?;
        producer.send(Message::text(text)).await?;
    }
    let got = gather(context, &[&deaf, &default], 4).await?;
    expect_list(&texts_of(&got[0]), &["foreign".to_owned()])?;
    // In any order: they are of three sessions.
    let all = ["own", "own, by another session", "foreign"].map(str::to_owned);
    expect_set(&texts_of(&got[1]), &all)?;
    Ok(Passed::AsStated)
}

async fn active_at_once(context: &Context) -> Verdict {
    const ROUNDS: usize = 50;
    let session = context.started().await?.create_session(AckMode::Auto).await?;
    let elsewhere = context.connect().await?.create_session(AckMode::Auto).await?;
    for round in 0..ROUNDS {
        let topic = context.destination();
        let producer = elsewhere.create_producer(&topic).await?;
        // Nothing between the two.
        let consumer = session.create_consumer(&topic).await?;
        producer.send(Message::text("at once")).await?;
        let received = consumer.receive_timeout(context.timing().wait).await?;
        ensure_eq!(
            received.as_ref().map(text_of).as_deref(),
            Some("at once"),
            "in round {round}"
        );
        consumer.close().await?;
    }
    Ok(Passed::With(format!("{ROUNDS} rounds")))
}
