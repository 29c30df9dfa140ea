//! Shared durable subscriptions.

use anymq_api::{AckMode, Capability, ConsumerOptions, ErrorKind};
use futures_util::future::try_join;

use super::{
    Client, Context, Failure, Kind, Passed, Subscription, Verdict, expect_shared, join, misuse, replacing, shares,
    tried, unsubscribing,
};
use crate::case::{
    expect_kind,
    flow::{gather, numbered, send_all},
    later::expect_only,
    setup::send_texts,
};

const KIND: Kind = Kind::SharedDurable;

pub(super) async fn keeps_and_shares(context: &Context) -> Verdict {
    let (one, two) = try_join(
        keeps_and_shares_of(context, Client::unnamed(context)),
        keeps_and_shares_of(context, Client::named(context)),
    )
    .await?;
    Ok(Passed::With(format!("shared as {one}; with a client id as {two}")))
}

async fn keeps_and_shares_of(context: &Context, client: Client<'_>) -> Result<String, Failure> {
    let connection = client.connect().await?;
    let subscription = Subscription::fresh(context, KIND);
    let producer = subscription.producer(context).await?;
    let (first, second) = (
        join(&connection, &subscription).await?,
        join(&connection, &subscription).await?,
    );
    let texts = numbered("active", 10);
    send_all(&producer, &texts).await?;
    expect_shared(&gather(context, &[&first, &second], texts.len()).await?, &texts)?;

    // Without the last consumer, and without the client.
    first.close().await?;
    send_texts(&producer, &["with one"]).await?;
    expect_only(context, &second, &["with one"]).await?;
    second.close().await?;
    let kept = numbered("kept", 20);
    send_all(&producer, &kept[..10]).await?;
    connection.close().await?;
    send_all(&producer, &kept[10..]).await?;
    let connection = client.connect().await?;
    connection.stop().await?;
    let consumers = [
        join(&connection, &subscription).await?,
        join(&connection, &subscription).await?,
    ];
    connection.start().await?;
    let each: Vec<_> = consumers.iter().collect();
    let got = gather(context, &each, kept.len()).await?;
    expect_shared(&got, &kept)?;

    let fresh = numbered("fresh", 20);
    send_all(&producer, &fresh).await?;
    let again = gather(context, &each, fresh.len()).await?;
    expect_shared(&again, &fresh)?;
    Ok(format!("{}, then {}", shares(&got), shares(&again)))
}

pub(super) async fn replaced(context: &Context) -> Verdict {
    let mut parts = vec!["topics"];
    for client in [Client::unnamed(context), Client::named(context)] {
        replacing::topic(context, &client, KIND).await?;
    }
    if context.supports(Capability::TopicSelectors) {
        parts.push("selectors");
        replacing::selector(context, &Client::unnamed(context), KIND).await?;
        replacing::selector(context, &Client::named(context), KIND).await?;
    }
    misuse::while_active(context, &Client::unnamed(context), KIND).await?;
    misuse::while_active(context, &Client::named(context), KIND).await?;
    Ok(tried(&parts))
}

pub(super) async fn unsubscribed(context: &Context) -> Verdict {
    let guarded = context.supports(Capability::DurableGuard);
    for client in [Client::unnamed(context), Client::named(context)] {
        unsubscribing::with_its_messages(context, &client, KIND).await?;
        if !guarded {
            continue;
        }
        // Each with a connection of its own, of which a named client has one at a time.
        let client = client.another();
        unsubscribing::with_a_consumer(context, &client, KIND).await?;
        let client = client.another();
        unsubscribing::with_unsettled(context, &client, KIND).await?;
        let client = client.another();
        unsubscribing::unknown_name(context, &client, KIND).await?;
        with_the_others(context, &client.another()).await?;
    }
    Ok(if guarded {
        Passed::AsStated
    } else {
        tried(&["it deletes; misuse is not found: no durable_guard"])
    })
}

/// It is refused until the last of several consumers is gone.
async fn with_the_others(context: &Context, client: &Client<'_>) -> Result<(), Failure> {
    let connection = client.connect().await?;
    let subscription = Subscription::fresh(context, KIND);
    let (first, second) = (
        join(&connection, &subscription).await?,
        join(&connection, &subscription).await?,
    );
    let session = connection.create_session(AckMode::Auto).await?;
    first.close().await?;
    let unsubscribing = session.unsubscribe(&subscription.name).await;
    expect_kind(unsubscribing, ErrorKind::IllegalState)?;
    send_texts(&subscription.producer(context).await?, &["still"]).await?;
    expect_only(context, &second, &["still"]).await?;
    second.close().await?;
    session.unsubscribe(&subscription.name).await?;
    subscription.create(&session, ConsumerOptions::new()).await?;
    Ok(())
}
