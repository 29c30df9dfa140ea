//! What a durable subscription keeps while nobody consumes from it.

use std::sync::Arc;

use anymq_api::{AckMode, Capability, Connection, ConsumerOptions, Session};

use super::{Client, Context, Failure, Kind, Passed, Subscription, Verdict, selecting, tried};
use crate::case::{
    expect_list, expect_set,
    later::{all_that_comes, expect_deliveries, expect_only, expect_texts, numbers},
    setup::send_texts,
    text_of, texts_of,
};

pub(super) async fn while_inactive(context: &Context) -> Verdict {
    let client = Client::named(context);
    let connection = client.connect().await?;
    let session = connection.create_session(AckMode::Auto).await?;
    let subscription = Subscription::fresh(context, Kind::Durable);
    let producer = subscription.producer(context).await?;
    send_texts(&producer, &["before there was any"]).await?;
    let consumer = subscription.open(&session).await?;
    send_texts(&producer, &["active"]).await?;
    expect_only(context, &consumer, &["active"]).await?;

    // Only the consumer is gone, and then the client.
    consumer.close().await?;
    send_texts(&producer, &numbers(1..=20)).await?;
    let consumer = subscription.open(&session).await?;
    expect_only(context, &consumer, &numbers(1..=20)).await?;
    connection.close().await?;
    send_texts(&producer, &numbers(21..=40)).await?;
    let connection = client.connect().await?;
    let session = connection.create_session(AckMode::Auto).await?;
    let consumer = subscription.open(&session).await?;
    expect_only(context, &consumer, &numbers(21..=40)).await?;

    // Once: what was received does not come at the next return.
    connection.close().await?;
    let consumer = subscription.open(&client.session().await?).await?;
    context.nothing(&consumer).await?;
    send_texts(&producer, &["active again"]).await?;
    expect_only(context, &consumer, &["active again"]).await?;
    Ok(Passed::AsStated)
}

pub(super) async fn unchanged(context: &Context) -> Verdict {
    let mut parts = vec!["plain"];
    comes_back(context, ConsumerOptions::new()).await?;
    if context.supports(Capability::TopicSelectors) {
        parts.push("with a selector");
        comes_back(context, selecting("n IS NULL")).await?;
    }
    if context.supports(Capability::NoLocal) {
        parts.push("no-local");
        comes_back(context, ConsumerOptions::new().with_no_local(true)).await?;
    }
    Ok(tried(&parts))
}

/// Coming and going, without a look at what is stored, takes nothing of it.
async fn comes_back(context: &Context, options: ConsumerOptions) -> Result<(), Failure> {
    let client = Client::named(context);
    let connection = client.connect().await?;
    let session = connection.create_session(AckMode::Auto).await?;
    let subscription = Subscription::fresh(context, Kind::Durable);
    subscription.create(&session, options.clone()).await?;
    let producer = subscription.producer(context).await?;
    let texts = numbers(1..=10);
    send_texts(&producer, &texts[..5]).await?;
    subscription.create(&session, options.clone()).await?;
    send_texts(&producer, &texts[5..]).await?;
    connection.close().await?;
    let session = client.session().await?;
    subscription.create(&session, options.clone()).await?;
    let consumer = subscription.open_with(&session, options).await?;
    expect_only(context, &consumer, &texts).await?;
    Ok(())
}

/// What is closed over the messages.
#[derive(Clone, Copy, Debug)]
enum Closing {
    Session,
    Connection,
}

pub(super) async fn after_closing(context: &Context) -> Verdict {
    let unsettled = context.supports(Capability::ClientAck);
    let mode = if unsettled { AckMode::Client } else { AckMode::Auto };
    for closing in [Closing::Session, Closing::Connection] {
        after_closing_the(context, closing, mode).await?;
    }
    Ok(if unsettled {
        Passed::AsStated
    } else {
        tried(&["without unacknowledged messages: no client_ack"])
    })
}

async fn after_closing_the(context: &Context, closing: Closing, mode: AckMode) -> Result<(), Failure> {
    let client = Client::named(context);
    let connection = client.connect().await?;
    let session = connection.create_session(mode).await?;
    let subscription = Subscription::fresh(context, Kind::Durable);
    let consumer = subscription.open(&session).await?;
    let producer = subscription.producer(context).await?;
    send_texts(&producer, &numbers(1..=6)).await?;
    let received = context.receive_many(&consumer, 3).await?;
    expect_texts(&received, &numbers(1..=3))?;
    let session = reopened(&client, closing, connection, &session).await?;
    send_texts(&producer, &["7", "8"]).await?;

    let kept = match mode {
        AckMode::Client => numbers(1..=6),
        _ => numbers(4..=6),
    };
    let consumer = subscription.open(&session).await?;
    let all = all_that_comes(context, &consumer, kept.len() + 2).await?;
    let texts = texts_of(&all);
    if context.harness().target() == "in-vm" {
        expect_list(&texts, &[&kept[..], &numbers(7..=8)].concat())?;
    }
    let (first, last) = texts.split_at(kept.len().min(texts.len()));
    expect_set(first, &kept)?;
    expect_list(last, &numbers(7..=8))?;
    if mode == AckMode::Client {
        let (delivered, prefetched) = all[..kept.len()]
            .iter()
            .cloned()
            .partition::<Vec<_>, _>(|received| numbers(1..=3).contains(&text_of(received)));
        expect_deliveries(context, &delivered, &[2, 2, 2])?;
        if context.supports(Capability::ExactRedelivery) {
            expect_deliveries(context, &prefetched, &[1, 1, 1])?;
        }
    }
    Ok(())
}

/// Closes, and gives a session that consumes anew.
async fn reopened(
    client: &Client<'_>,
    closing: Closing,
    connection: Arc<dyn Connection>,
    session: &Arc<dyn Session>,
) -> Result<Arc<dyn Session>, Failure> {
    let connection = match closing {
        Closing::Session => {
            session.close().await?;
            connection
        }
        Closing::Connection => {
            connection.close().await?;
            client.connect().await?
        }
    };
    Ok(connection.create_session(AckMode::Auto).await?)
}

pub(super) async fn no_local(context: &Context) -> Verdict {
    let client = Client::named(context);
    let connection = client.connect().await?;
    let session = connection.create_session(AckMode::Auto).await?;
    let subscription = Subscription::fresh(context, Kind::Durable);
    let deaf = ConsumerOptions::new().with_no_local(true);
    let foreign = subscription.producer(context).await?;
    let own = session.create_producer(&subscription.topic).await?;
    let consumer = subscription.open_with(&session, deaf.clone()).await?;
    send_texts(&own, &["own, active"]).await?;
    let other_session = connection.create_session(AckMode::Auto).await?;
    let by_other_session = other_session.create_producer(&subscription.topic).await?;
    send_texts(&by_other_session, &["own, by another session"]).await?;
    send_texts(&foreign, &["foreign, active"]).await?;
    expect_only(context, &consumer, &["foreign, active"]).await?;

    consumer.close().await?;
    send_texts(&own, &["own, inactive"]).await?;
    send_texts(&foreign, &["foreign, inactive"]).await?;
    connection.close().await?;
    // Another connection of the same client.
    let session = client.session().await?;
    let own = session.create_producer(&subscription.topic).await?;
    send_texts(&own, &["own, by another connection"]).await?;
    send_texts(&foreign, &["foreign, at last"]).await?;
    let consumer = subscription.open_with(&session, deaf.clone()).await?;
    expect_only(context, &consumer, &["foreign, inactive", "foreign, at last"]).await?;
    if context.supports(Capability::ClientIdExclusive) {
        return Ok(Passed::AsStated);
    }
    let beside = client.session().await?.create_producer(&subscription.topic).await?;
    send_texts(&beside, &["own, by a connection beside it"]).await?;
    context.nothing(&consumer).await?;
    Ok(Passed::AsStated)
}
