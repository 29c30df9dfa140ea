//! What identifies a shared subscription.

use std::sync::Arc;

use anymq_api::{AckMode, Capability, Consumer};
use futures_util::try_join;

use super::{Client, Context, Kind, Passed, Subscription, Verdict, expect_shared, join, shares};
use crate::case::{
    flow::{gather, numbered, send_all},
    later::expect_only,
    setup::send_texts,
};

pub(super) async fn two_names(context: &Context) -> Verdict {
    let client = Client::unnamed(context);
    let (one, two) = (client.connect().await?, client.connect().await?);
    let first = Subscription::fresh(context, Kind::Shared);
    let second = Subscription::named(context, Kind::Shared, first.topic.clone(), context.name());
    let consumers = [
        join(&one, &first).await?,
        join(&two, &first).await?,
        join(&one, &second).await?,
        join(&two, &second).await?,
    ];
    let texts = numbered("", 40);
    send_all(&first.producer(context).await?, &texts).await?;
    let each: Vec<&Arc<dyn Consumer>> = consumers.iter().collect();
    let got = gather(context, &each, 2 * texts.len()).await?;
    expect_shared(&got[..2], &texts)?;
    expect_shared(&got[2..], &texts)?;
    Ok(Passed::With(format!(
        "shared as {} and as {}",
        shares(&got[..2]),
        shares(&got[2..])
    )))
}

pub(super) async fn three_clients(context: &Context) -> Verdict {
    let clients = [Client::named(context), Client::named(context), Client::unnamed(context)];
    let subscription = Subscription::fresh(context, Kind::Shared);
    // Two consumers of each, which share.
    let mut consumers = Vec::new();
    for client in &clients {
        let connection = client.connect().await?;
        consumers.push(join(&connection, &subscription).await?);
        consumers.push(join(&connection, &subscription).await?);
    }
    // Without an identifier, another connection shares, too.
    consumers.push(join(&clients[2].connect().await?, &subscription).await?);
    let texts = numbered("", 30);
    send_all(&subscription.producer(context).await?, &texts).await?;
    let each: Vec<_> = consumers.iter().collect();
    let got = gather(context, &each, clients.len() * texts.len()).await?;
    let of_clients = [&got[..2], &got[2..4], &got[4..]];
    for got in of_clients {
        expect_shared(got, &texts)?;
    }
    let all: Vec<_> = of_clients.iter().map(|got| shares(got)).collect();
    Ok(Passed::With(format!("shared as {}", all.join(", as "))))
}

pub(super) async fn durable_or_not(context: &Context) -> Verdict {
    let connection = Client::named(context).connect().await?;
    let session = connection.create_session(AckMode::Auto).await?;
    let shared = Subscription::fresh(context, Kind::Shared);
    let producer = shared.producer(context).await?;
    let mut kinds = vec![Kind::Durable];
    if context.supports(Capability::SharedDurableSubscriptions) {
        kinds.push(Kind::SharedDurable);
    }
    for &kind in &kinds {
        let durable = shared.turned(kind);
        let (of_shared, of_durable) = (shared.open(&session).await?, durable.open(&session).await?);
        send_texts(&producer, &["1", "2"]).await?;
        try_join!(
            expect_only(context, &of_shared, &["1", "2"]),
            expect_only(context, &of_durable, &["1", "2"]),
        )?;
        // The end of either leaves the other.
        of_shared.close().await?;
        send_texts(&producer, &["3"]).await?;
        expect_only(context, &of_durable, &["3"]).await?;
        let of_shared = shared.open(&session).await?;
        of_durable.close().await?;
        send_texts(&producer, &["4"]).await?;
        session.unsubscribe(&durable.name).await?;
        send_texts(&producer, &["5"]).await?;
        expect_only(context, &of_shared, &["4", "5"]).await?;
        of_shared.close().await?;
    }
    Ok(Passed::With(format!("{kinds:?}")))
}
