//! What a shared subscription must not be asked for.

use std::sync::Arc;

use anymq_api::{AckMode, Capability, Connection, Consumer, ConsumerOptions, ErrorKind};

use super::{Client, Context, Failure, Kind, Passed, Subscription, Verdict, join, selecting, tried};
use crate::case::{expect_kind, later::expect_only, setup::send_texts};

pub(super) async fn joined_differently(context: &Context) -> Verdict {
    while_active(context, &Client::unnamed(context), Kind::Shared).await?;
    while_active(context, &Client::named(context), Kind::Shared).await?;
    Ok(if context.supports(Capability::TopicSelectors) {
        tried(&["topics", "selectors"])
    } else {
        tried(&["topics"])
    })
}

/// Another topic or selector is refused as long as there is a consumer, which goes on.
pub(super) async fn while_active(context: &Context, client: &Client<'_>, kind: Kind) -> Result<(), Failure> {
    let connection = client.connect().await?;
    let session = connection.create_session(AckMode::Auto).await?;
    let other = connection.create_session(AckMode::Auto).await?;
    let subscription = Subscription::fresh(context, kind);
    let producer = subscription.producer(context).await?;
    let moved = subscription.moved(context);
    let consumer = subscription.open(&session).await?;
    for session in [&session, &other] {
        expect_kind(moved.open(session).await, ErrorKind::Other)?;
        send_texts(&producer, &["goes on"]).await?;
        expect_only(context, &consumer, &["goes on"]).await?;
    }
    // The empty selector is none, so this one joins.
    subscription.open_with(&other, selecting("")).await?.close().await?;
    if context.supports(Capability::TopicSelectors) {
        let joining = subscription.open_with(&other, selecting("n IS NULL")).await;
        expect_kind(joining, ErrorKind::Other)?;
        send_texts(&producer, &["goes on again"]).await?;
        expect_only(context, &consumer, &["goes on again"]).await?;
        consumer.close().await?;
        if kind == Kind::SharedDurable {
            session.unsubscribe(&subscription.name).await?;
        }

        let consumer = subscription.open_with(&session, selecting("n IS NULL")).await?;
        for options in [ConsumerOptions::new(), selecting("n = 1")] {
            let joining = subscription.open_with(&other, options).await;
            expect_kind(joining, ErrorKind::Other)?;
        }
        let alike = subscription.open_with(&other, selecting("n IS NULL")).await?;
        alike.close().await?;
        send_texts(&producer, &["selected"]).await?;
        expect_only(context, &consumer, &["selected"]).await?;
        consumer.close().await?;
    } else {
        consumer.close().await?;
    }
    // Without consumers there is nothing to differ from.
    moved.open(&session).await?.close().await?;
    Ok(())
}

pub(super) async fn shared_and_unshared(context: &Context) -> Verdict {
    for first in [Kind::Durable, Kind::SharedDurable] {
        one_after_the_other(context, first).await?;
    }
    Ok(Passed::AsStated)
}

/// The second is refused, whether the first is active or not; the first keeps what it has.
async fn one_after_the_other(context: &Context, first: Kind) -> Result<(), Failure> {
    let client = Client::named(context);
    let connection = client.connect().await?;
    let session = connection.create_session(AckMode::Auto).await?;
    let subscription = Subscription::fresh(context, first);
    let second = subscription.turned(match first {
        Kind::Durable => Kind::SharedDurable,
        Kind::Shared | Kind::SharedDurable => Kind::Durable,
    });
    let producer = subscription.producer(context).await?;
    let consumer = subscription.open(&session).await?;
    expect_kind(join_raw(&connection, &second).await, ErrorKind::Other)?;
    send_texts(&producer, &["active"]).await?;
    expect_only(context, &consumer, &["active"]).await?;

    consumer.close().await?;
    send_texts(&producer, &["inactive"]).await?;
    expect_kind(join_raw(&connection, &second).await, ErrorKind::Other)?;
    let consumer = subscription.open(&session).await?;
    expect_only(context, &consumer, &["inactive"]).await?;

    // Under another client identifier it is another subscription; and after unsubscribing there is none.
    let stranger = Client::named(context).connect().await?;
    let other = join(&stranger, &second).await?;
    send_texts(&producer, &["to both"]).await?;
    expect_only(context, &other, &["to both"]).await?;
    expect_only(context, &consumer, &["to both"]).await?;
    consumer.close().await?;
    session.unsubscribe(&subscription.name).await?;
    let consumer = join(&connection, &second).await?;
    send_texts(&producer, &["turned"]).await?;
    expect_only(context, &consumer, &["turned"]).await?;
    Ok(())
}

/// As [`join`], with the error as it is.
async fn join_raw(
    connection: &Arc<dyn Connection>,
    subscription: &Subscription,
) -> anymq_api::Result<Arc<dyn Consumer>> {
    let session = connection.create_session(AckMode::Auto).await?;
    subscription.open(&session).await
}
