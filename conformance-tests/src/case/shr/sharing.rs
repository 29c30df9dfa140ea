//! One subscription, several consumers.

use std::sync::Arc;

use anymq_api::{AckMode, Capability, Connection};
use futures_util::future::try_join;

use super::{
    Client, Context, Failure, Kind, Passed, Subscription, Verdict, expect_set, expect_shared, join, shares, texts_of,
    tried,
};
use crate::case::{
    flow::{gather, numbered, send_all},
    later::{expect_deliveries, expect_only, expect_only_set, expect_texts, settle},
    setup::send_texts,
};

pub(super) async fn one_message_to_one(context: &Context) -> Verdict {
    let client = Client::unnamed(context);
    let (one, two) = (client.connect().await?, client.connect().await?);
    let subscription = Subscription::fresh(context, Kind::Shared);
    // Two of one session, one of another session, one of another connection.
    let session = one.create_session(AckMode::Auto).await?;
    let consumers = [
        subscription.open(&session).await?,
        subscription.open(&session).await?,
        join(&one, &subscription).await?,
        join(&two, &subscription).await?,
    ];
    // Another subscription of the topic shares nothing.
    let witness = one.create_session(AckMode::Auto).await?;
    let witness = witness.create_consumer(&subscription.topic).await?;
    let producer = subscription.producer(context).await?;
    let texts = numbered("", 200);
    let mut each: Vec<_> = consumers.iter().collect();
    each.push(&witness);
    let gathering = gather(context, &each, 2 * texts.len());
    let (mut got, ()) = try_join(gathering, send_all(&producer, &texts)).await?;
    expect_texts(&got.pop().unwrap_or_default(), &texts)?;
    expect_shared(&got, &texts)?;
    Ok(Passed::With(format!("shared as {}", shares(&got))))
}

pub(super) async fn from_first_to_last(context: &Context) -> Verdict {
    let client = Client::unnamed(context);
    let (one, two) = (client.connect().await?, client.connect().await?);
    let subscription = Subscription::fresh(context, Kind::Shared);
    let producer = subscription.producer(context).await?;
    let witness = two.create_session(AckMode::Auto).await?;
    let witness = witness.create_consumer(&subscription.topic).await?;
    send_texts(&producer, &["before the first"]).await?;
    expect_only(context, &witness, &["before the first"]).await?;
    let first = join(&one, &subscription).await?;
    let second = join(&two, &subscription).await?;

    // The one that leaves has received some of its share, and leaves the rest.
    let texts = numbered("", 20);
    send_all(&producer, &texts).await?;
    let mut received = Vec::new();
    while received.len() < 2 {
        match first.receive_timeout(context.timing().quiet).await? {
            Some(message) => received.push(message),
            None => break,
        }
    }
    first.close().await?;
    let rest = gather(context, &[&second], texts.len() - received.len())
        .await?
        .concat();
    let left = format!("{} received before it left", received.len());
    received.extend(rest);
    expect_set(&texts_of(&received), &texts)?;
    // The first consumer is gone, and its subscription is not.
    send_texts(&producer, &["still"]).await?;
    expect_only(context, &second, &["still"]).await?;
    let third = join(&one, &subscription).await?;
    second.close().await?;
    send_texts(&producer, &["handed on"]).await?;
    expect_only(context, &third, &["handed on"]).await?;

    // The last one leaves with a message that it was not handed.
    gather(context, &[&witness], texts.len() + 2).await?;
    send_texts(&producer, &["left"]).await?;
    expect_only(context, &witness, &["left"]).await?;
    third.close().await?;
    send_texts(&producer, &["to nobody"]).await?;
    expect_only(context, &witness, &["to nobody"]).await?;
    let again = join(&two, &subscription).await?;
    send_texts(&producer, &["anew"]).await?;
    expect_only(context, &again, &["anew"]).await?;
    Ok(Passed::With(left))
}

/// By what a sharer loses its messages.
#[derive(Clone, Copy, Debug)]
enum Closed {
    Session,
    Connection,
}

pub(super) async fn redelivered(context: &Context) -> Verdict {
    let mut parts = vec!["non-durable"];
    let mut kinds = vec![Kind::Shared];
    if context.supports(Capability::SharedDurableSubscriptions) {
        parts.push("durable");
        kinds.push(Kind::SharedDurable);
    }
    for kind in kinds {
        for closed in [Closed::Session, Closed::Connection] {
            holder_closes(context, kind, closed).await?;
        }
    }
    Ok(tried(&parts))
}

async fn holder_closes(context: &Context, kind: Kind, closed: Closed) -> Result<(), Failure> {
    let client = Client::unnamed(context);
    let connections: [Arc<dyn Connection>; 2] = [client.connect().await?, client.connect().await?];
    let subscription = Subscription::fresh(context, kind);
    let holding = connections[0].create_session(AckMode::Client).await?;
    let holder = subscription.open(&holding).await?;
    let producer = subscription.producer(context).await?;
    let texts = ["1", "2", "3"];
    send_texts(&producer, &texts).await?;
    let held = context.receive_many(&holder, texts.len()).await?;
    expect_texts(&held, &texts)?;
    expect_deliveries(context, &held, &[1, 1, 1])?;

    let session = connections[1].create_session(AckMode::Client).await?;
    let other = subscription.open(&session).await?;
    // Held back, not handed on, even when the consumer is closed: its session still holds them.
    holder.close().await?;
    context.nothing(&other).await?;
    match closed {
        Closed::Session => holding.close().await?,
        Closed::Connection => connections[0].close().await?,
    }
    let again = expect_only_set(context, &other, &texts).await?;
    expect_deliveries(context, &again, &[2, 2, 2])?;
    settle(&session, AckMode::Client, &again).await?;
    Ok(())
}
