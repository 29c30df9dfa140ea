//! Delay together with subscriptions, expiry and transactions.

use std::time::{Duration, Instant};

use anymq_api::{AckMode, Capability, ConsumerOptions, Message};
use futures_util::try_join;

use super::{
    Context, Failure, LONG, Pair, Passed, Verdict,
    running::{Running, delayed},
    short,
};
use crate::case::{
    durable::{Client, Kind, Subscription, tried},
    later::{expect_only, expect_texts, fed, later},
    setup::send_texts,
};

pub(super) async fn subscriptions_at_the_send(context: &Context) -> Verdict {
    let mut parts = vec!["non-durable"];
    if context.supports(Capability::DurableSubscriptions) {
        parts.push("durable");
        try_join!(plain(context), durable(context))?;
    } else {
        plain(context).await?;
    }
    Ok(tried(&parts))
}

async fn plain(context: &Context) -> Result<(), Failure> {
    let pair = fed(context, AckMode::Auto).await?;
    let delay = short(context) * 2;
    let gone = later(context, &pair.connection, &pair.destination).await?;
    let options = delayed(delay);
    pair.producer.send_with(Message::text("delayed"), options).await?;
    // One ends before the due time; one comes before it, and one after it.
    gone.close().await?;
    let early = later(context, &pair.connection, &pair.destination).await?;
    expect_texts(&[context.receive(&pair.consumer).await?], &["delayed"])?;
    let late = later(context, &pair.connection, &pair.destination).await?;
    try_join!(
        context.nothing(&pair.consumer),
        context.nothing(&early),
        context.nothing(&late)
    )?;
    send_texts(&pair.producer, &["at once"]).await?;
    for consumer in [&pair.consumer, &early, &late] {
        expect_only(context, consumer, &["at once"]).await?;
    }
    Ok(())
}

async fn durable(context: &Context) -> Result<(), Failure> {
    let client = Client::named(context);
    let connection = client.connect().await?;
    let session = connection.create_session(AckMode::Auto).await?;
    let earlier = Subscription::fresh(context, Kind::Durable);
    let other = |_| Subscription::named(context, Kind::Durable, earlier.topic.clone(), context.name());
    let [returning, afterwards] = [0, 1].map(other);
    let producer = earlier.producer(context).await?;
    // One is inactive until the message is due, another comes back before; the third is made too late.
    earlier.create(&session, ConsumerOptions::new()).await?;
    returning.create(&session, ConsumerOptions::new()).await?;
    let delay = short(context) * 2;
    let running = Running::begin(context, delay);
    producer.send_with(Message::text("delayed"), delayed(delay)).await?;
    let third = afterwards.open(&session).await?;
    let second = returning.open(&session).await?;
    expect_texts(&[context.receive(&second).await?], &["delayed"])?;
    running.expect_over()?;
    context.nothing(&second).await?;
    running.pass(context).await;
    let first = earlier.open(&session).await?;
    expect_only(context, &first, &["delayed"]).await?;
    context.nothing(&third).await
}

pub(super) async fn expired_before(context: &Context) -> Verdict {
    let pair = fed(context, AckMode::Auto).await?;
    let delay = short(context);
    let half = delay / 2;
    for (text, ttl) in [
        ("expires at half", half),
        ("expires when due", delay),
        ("lives on", LONG),
    ] {
        let options = delayed(delay).with_ttl(ttl);
        pair.producer.send_with(Message::text(text), options).await?;
    }
    // Due between the two that live on.
    let options = delayed(delay + half).with_ttl(half);
    pair.producer
        .send_with(Message::text("expires long before"), options)
        .await?;
    let witness = delayed(delay * 2).with_ttl(LONG);
    pair.producer.send_with(Message::text("lives on, too"), witness).await?;
    expect_only(context, &pair.consumer, &["lives on", "lives on, too"]).await?;
    Ok(Passed::AsStated)
}

pub(super) async fn in_a_transaction(context: &Context) -> Verdict {
    try_join!(committed_late(context), committed_early(context), rolled_back(context))?;
    Ok(Passed::AsStated)
}

/// A consumer, and a producer of a transacted session of another connection.
async fn transacted(context: &Context) -> Result<Pair, Failure> {
    let pair = context.pair(AckMode::Auto).await?;
    let session = context.connect().await?.create_session(AckMode::Transacted).await?;
    let producer = session.create_producer(&pair.destination).await?;
    Ok(Pair {
        session,
        producer,
        ..pair
    })
}

/// Due when it is committed: the time counts from the send.
async fn committed_late(context: &Context) -> Result<(), Failure> {
    let pair = transacted(context).await?;
    // Long enough to tell a busy machine from a delay that began with the commit.
    let delay = context.timing().wait / 4;
    let running = Running::begin(context, delay);
    pair.producer.send_with(Message::text("1"), delayed(delay)).await?;
    running.pass(context).await;
    context.nothing(&pair.consumer).await?;
    let committed = Instant::now();
    pair.session.commit().await?;
    expect_texts(&[context.receive(&pair.consumer).await?], &["1"])?;
    let late: Duration = committed.elapsed();
    ensure!(
        late < delay,
        "it came {late:?} after the commit, with a delay of {delay:?}"
    );
    context.nothing(&pair.consumer).await
}

/// Not due when it is committed.
async fn committed_early(context: &Context) -> Result<(), Failure> {
    let pair = transacted(context).await?;
    let delay = short(context);
    let running = Running::begin(context, delay);
    pair.producer.send_with(Message::text("1"), delayed(delay)).await?;
    send_texts(&pair.producer, &["at once"]).await?;
    pair.session.commit().await?;
    expect_texts(&context.receive_many(&pair.consumer, 2).await?, &["at once", "1"])?;
    running.expect_over()?;
    context.nothing(&pair.consumer).await
}

async fn rolled_back(context: &Context) -> Result<(), Failure> {
    let pair = transacted(context).await?;
    let delay = short(context);
    let running = Running::begin(context, delay);
    pair.producer.send_with(Message::text("undone"), delayed(delay)).await?;
    pair.session.rollback().await?;
    running.pass(context).await;
    context.nothing(&pair.consumer).await?;
    send_texts(&pair.producer, &["done"]).await?;
    pair.session.commit().await?;
    expect_only(context, &pair.consumer, &["done"]).await?;
    Ok(())
}
