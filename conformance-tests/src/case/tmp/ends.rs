//! TMP: how temporary destinations end.

use std::sync::Arc;

use anymq_api::{AckMode, Capability, Destination, ErrorKind, Message, Session};

use crate::case::{Context, Failure, Passed, Verdict, expect_kind, text_of};
use crate::temporary::Temporary;

pub(super) async fn with_its_connection(context: &Context) -> Verdict {
    for kind in Temporary::KINDS {
        let owner = context.started().await?;
        let creator = owner.create_session(AckMode::Auto).await?;
        let temporary = Temporary::create(&creator, kind).await?;
        let session = owner.create_session(AckMode::Auto).await?;
        creator.close().await?;

        let producer = session.create_producer(&temporary).await?;
        let consumer = session.create_consumer(&temporary).await?;
        producer.send(Message::text("after its session")).await?;
        ensure_eq!(text_of(&context.receive(&consumer).await?), "after its session");

        // Its last consumer may leave and come back, too.
        consumer.close().await?;
        let consumer = session.create_consumer(&temporary).await?;
        producer.send(Message::text("again")).await?;
        ensure_eq!(text_of(&context.receive(&consumer).await?), "again");

        owner.close().await?;
        expect_kind(temporary.delete().await, ErrorKind::IllegalState)?;
        let other = context.started().await?.create_session(AckMode::Auto).await?;
        is_gone(context, &other, &temporary).await?;
    }
    Ok(Passed::AsStated)
}

/// Nobody can consume from it, and what is sent to it is refused or dropped; says which.
async fn is_gone(
    context: &Context,
    session: &Arc<dyn Session>,
    temporary: &Temporary,
) -> Result<&'static str, Failure> {
    let outcome = send(context, session, temporary).await?;
    let Err(refused) = context
        .in_time("a consumer", session.create_consumer(temporary))
        .await?
    else {
        return Err(Failure::new(format!(
            "{temporary:?} can be consumed from after its connection"
        )));
    };
    let allowed = [ErrorKind::InvalidDestination, ErrorKind::Other];
    ensure!(
        allowed.contains(&refused.kind()),
        "consuming is refused with: {refused}"
    );
    Ok(outcome)
}

/// Sends by a new producer.
async fn send(context: &Context, session: &Arc<dyn Session>, temporary: &Temporary) -> Result<&'static str, Failure> {
    let sending = async {
        let producer = session.create_producer(temporary).await?;
        producer.send(Message::text("too late")).await
    };
    outcome(
        context
            .in_time("a send to a temporary destination that is gone", sending)
            .await?
            .map(drop),
    )
}

fn outcome(sent: anymq_api::Result<()>) -> Result<&'static str, Failure> {
    match sent {
        Ok(()) => Ok("dropped"),
        Err(error) if error.kind() == ErrorKind::InvalidDestination => Ok("invalid destination"),
        Err(error) if error.kind() == ErrorKind::Other => Ok("error"),
        Err(error) => Err(error.into()),
    }
}

pub(super) async fn not_while_consumed(context: &Context) -> Verdict {
    for kind in Temporary::KINDS {
        let owner = context.started().await?;
        let creator = owner.create_session(AckMode::Auto).await?;
        let temporary = Temporary::create(&creator, kind).await?;
        let session = owner.create_session(AckMode::Auto).await?;
        let producer = session.create_producer(&temporary).await?;
        for session in [&creator, &session] {
            let consumer = session.create_consumer(&temporary).await?;
            expect_kind(temporary.delete().await, ErrorKind::IllegalState)?;
            producer.send(Message::text("still there")).await?;
            ensure_eq!(text_of(&context.receive(&consumer).await?), "still there");
            consumer.close().await?;
        }
        temporary.delete().await?;
        let refused = ErrorKind::InvalidDestination;
        expect_kind(session.create_consumer(&temporary).await, refused)?;
    }
    Ok(Passed::AsStated)
}

pub(super) async fn invalid_after_deletion(context: &Context) -> Verdict {
    for kind in Temporary::KINDS {
        let session = context.started().await?.create_session(AckMode::Auto).await?;
        let (temporary, kept) = (
            Temporary::create(&session, kind).await?,
            Temporary::create(&session, kind).await?,
        );
        let producer = session.create_producer(&temporary).await?;
        // What it holds goes with it.
        producer.send(Message::text("held")).await?;
        temporary.delete().await?;

        let refused = ErrorKind::InvalidDestination;
        let sending = producer.send(Message::text("too late"));
        expect_kind(context.in_time("a send", sending).await?, refused)?;
        let anonymous = session.create_anonymous_producer().await?;
        let sending = anonymous.send_to(&temporary, Message::text("too late"));
        expect_kind(context.in_time("a send", sending).await?, refused)?;
        expect_kind(session.create_producer(&temporary).await, refused)?;
        expect_kind(session.create_consumer(&temporary).await, refused)?;

        // The session and its other destinations have no part in it.
        let consumer = session.create_consumer(&kept).await?;
        anonymous.send_to(&kept, Message::text("kept")).await?;
        ensure_eq!(text_of(&context.receive(&consumer).await?), "kept");
    }
    Ok(Passed::AsStated)
}

pub(super) async fn send_after_its_owner(context: &Context) -> Verdict {
    let mut branches = Vec::new();
    for kind in Temporary::KINDS {
        let owner = context.started().await?;
        let creator = owner.create_session(AckMode::Auto).await?;
        let temporary = Temporary::create(&creator, kind).await?;
        let session = context.started().await?.create_session(AckMode::Auto).await?;
        let producer = session.create_producer(&temporary).await?;
        producer.send(Message::text("in time")).await?;
        owner.close().await?;

        let sending = producer.send(Message::text("too late"));
        let sent = context.in_time("a send after the owner has gone", sending).await?;
        let known = outcome(sent.map(drop))?;
        let new = is_gone(context, &session, &temporary).await?;
        branches.push(format!(
            "{}: {known} by a known producer, {new} by a new one",
            kind.scheme()
        ));
        still_works(context, &session).await?;
    }
    Ok(Passed::Observed(branches.join("; ")))
}

/// A refused send harms neither its session nor its connection.
async fn still_works(context: &Context, session: &Arc<dyn Session>) -> Result<(), Failure> {
    let destination = if context.supports(Capability::Queues) {
        context.queue().address().clone()
    } else {
        context.topic().address().clone()
    };
    let consumer = session.create_consumer(&destination).await?;
    let producer = session.create_producer(&destination).await?;
    producer.send(Message::text("works")).await?;
    ensure_eq!(text_of(&context.receive(&consumer).await?), "works");
    Ok(consumer.close().await?)
}
