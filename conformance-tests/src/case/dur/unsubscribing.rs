//! Unsubscribing: the rules are the same for shared durable subscriptions.

use std::sync::Arc;

use anymq_api::{AckMode, Capability, ErrorKind, Received, Session};

use super::{Client, Context, Failure, Kind, Passed, Subscription, Verdict};
use crate::case::{
    expect_kind,
    later::{declared, expect_only, expect_texts, names, settle},
    setup::send_texts,
};

pub(super) async fn deletes(context: &Context) -> Verdict {
    with_its_messages(context, &Client::named(context), Kind::Durable).await?;
    Ok(Passed::AsStated)
}

/// It is gone with what it held; a later one of its name starts empty.
pub(crate) async fn with_its_messages(context: &Context, client: &Client<'_>, kind: Kind) -> Result<(), Failure> {
    let connection = client.connect().await?;
    let session = connection.create_session(AckMode::Auto).await?;
    let subscription = Subscription::fresh(context, kind);
    let producer = subscription.producer(context).await?;
    let consumer = subscription.open(&session).await?;
    send_texts(&producer, &["received", "delivered ahead"]).await?;
    expect_texts(&[context.receive(&consumer).await?], &["received"])?;
    consumer.close().await?;
    send_texts(&producer, &["while inactive"]).await?;
    session.unsubscribe(&subscription.name).await?;
    send_texts(&producer, &["while there is none"]).await?;
    let consumer = subscription.open(&session).await?;
    context.nothing(&consumer).await?;
    send_texts(&producer, &["afterwards"]).await?;
    expect_only(context, &consumer, &["afterwards"]).await?;

    // By another connection of the client, which never used it.
    consumer.close().await?;
    send_texts(&producer, &["while inactive again"]).await?;
    connection.close().await?;
    let session = client.session().await?;
    session.unsubscribe(&subscription.name).await?;
    let consumer = subscription.open(&session).await?;
    context.nothing(&consumer).await
}

pub(super) async fn while_active(context: &Context) -> Verdict {
    with_a_consumer(context, &Client::named(context), Kind::Durable).await?;
    Ok(Passed::AsStated)
}

/// It is refused as long as there is a consumer, which goes on.
pub(crate) async fn with_a_consumer(context: &Context, client: &Client<'_>, kind: Kind) -> Result<(), Failure> {
    let connection = client.connect().await?;
    let session = connection.create_session(AckMode::Auto).await?;
    let other = connection.create_session(AckMode::Auto).await?;
    let subscription = Subscription::fresh(context, kind);
    let producer = subscription.producer(context).await?;
    let consumer = subscription.open(&session).await?;
    for (session, text) in [(&session, "same session"), (&other, "other session")] {
        send_texts(&producer, &[text]).await?;
        expect_kind(session.unsubscribe(&subscription.name).await, ErrorKind::IllegalState)?;
        expect_only(context, &consumer, &[text]).await?;
    }
    consumer.close().await?;
    send_texts(&producer, &["still kept"]).await?;
    let consumer = subscription.open(&other).await?;
    expect_only(context, &consumer, &["still kept"]).await?;
    consumer.close().await?;
    session.unsubscribe(&subscription.name).await?;
    Ok(())
}

pub(super) async fn while_unsettled(context: &Context) -> Verdict {
    with_unsettled(context, &Client::named(context), Kind::Durable).await
}

/// It is refused as long as a session holds one of its messages, which it can still settle.
pub(crate) async fn with_unsettled(context: &Context, client: &Client<'_>, kind: Kind) -> Verdict {
    let modes = declared(context, &[AckMode::Client, AckMode::Individual, AckMode::Transacted]);
    if modes.is_empty() {
        return Ok(Passed::NotRun("no mode leaves messages unacknowledged".into()));
    }
    let connection = client.connect().await?;
    let other = connection.create_session(AckMode::Auto).await?;
    for &mode in &modes {
        let session = connection.create_session(mode).await?;
        let subscription = Subscription::fresh(context, kind);
        let held = hold(context, &session, &subscription).await?;
        let unsubscribing = other.unsubscribe(&subscription.name).await;
        expect_kind(unsubscribing, ErrorKind::IllegalState)?;
        if mode != AckMode::Transacted {
            // In a transacted session the call might belong to the transaction.
            let unsubscribing = session.unsubscribe(&subscription.name).await;
            expect_kind(unsubscribing, ErrorKind::IllegalState)?;
        }
        settle(&session, mode, &held).await?;
        // It was not harmed: it keeps what comes, and what was settled is gone.
        send_texts(&subscription.producer(context).await?, &["later"]).await?;
        let consumer = subscription.open(&other).await?;
        expect_only(context, &consumer, &["later"]).await?;
        consumer.close().await?;
        other.unsubscribe(&subscription.name).await?;
    }
    Ok(names(&modes))
}

/// The only message, received and not settled, of a consumer that is closed.
async fn hold(
    context: &Context,
    session: &Arc<dyn Session>,
    subscription: &Subscription,
) -> Result<Vec<Received>, Failure> {
    let consumer = subscription.open(session).await?;
    send_texts(&subscription.producer(context).await?, &["held"]).await?;
    let held = context.receive_many(&consumer, 1).await?;
    expect_texts(&held, &["held"])?;
    consumer.close().await?;
    Ok(held)
}

pub(super) async fn unknown(context: &Context) -> Verdict {
    unknown_name(context, &Client::named(context), Kind::Durable).await?;
    Ok(Passed::AsStated)
}

/// A name that nobody used, that somebody else uses, that is no longer used, that a non-durable one uses.
pub(crate) async fn unknown_name(context: &Context, client: &Client<'_>, kind: Kind) -> Result<(), Failure> {
    let session = client.session().await?;
    let subscription = Subscription::fresh(context, kind);
    let name = &subscription.name;
    let refused = ErrorKind::InvalidDestination;
    expect_kind(session.unsubscribe(name).await, refused)?;

    let stranger = Client::named(context).session().await?;
    let others = subscription.open(&stranger).await?;
    expect_kind(session.unsubscribe(name).await, refused)?;
    send_texts(&subscription.producer(context).await?, &["to the other"]).await?;
    expect_only(context, &others, &["to the other"]).await?;

    subscription.open(&session).await?.close().await?;
    session.unsubscribe(name).await?;
    expect_kind(session.unsubscribe(name).await, refused)?;
    if context.supports(Capability::SharedSubscriptions) {
        let shared = subscription.turned(Kind::Shared);
        let consumer = shared.open(&session).await?;
        expect_kind(session.unsubscribe(name).await, refused)?;
        send_texts(&subscription.producer(context).await?, &["to the shared"]).await?;
        expect_only(context, &consumer, &["to the shared"]).await?;
    }
    Ok(())
}
