//! Destinations and their names.

use anymq_api::{AckMode, Address, Capability, Destination, DestinationKind, ErrorKind, Queue, Session, Topic};

use crate::case::{
    Context, Failure, Passed, Verdict, expect_kind, expect_list,
    setup::{send_texts, sender},
    text_of, texts_of,
};

pub(super) async fn one_name_one_destination(context: &Context) -> Verdict {
    let kind = context.destination().kind();
    let name = context.name();
    let named = || Address::new(kind, name.as_str());
    let (first, second) = (named()?, named()?);
    ensure!(first == second, "two destinations of one name differ");
    ensure_eq!(first.to_string().parse::<Address>()?, second);
    ensure!(first != context.destination(), "destinations of two names are equal");

    let connection = context.started().await?;
    let receiving = connection.create_session(AckMode::Auto).await?;
    let consumer = context.consumer(&receiving, &first).await?;
    let session = connection.create_session(AckMode::Auto).await?;
    let from_session = session.create_producer(&second).await?;
    let from_connection = sender(context, &named()?).await?;
    send_texts(&from_session, &["from another session"]).await?;
    send_texts(&from_connection, &["from another connection"]).await?;
    let received = context.receive_many(&consumer, 2).await?;
    let expected = ["from another session", "from another connection"].map(ToOwned::to_owned);
    expect_list(&texts_of(&received), &expected)?;
    for received in &received {
        ensure_eq!(*received.destination(), first);
    }
    Ok(Passed::AsStated)
}

pub(super) async fn queue_and_topic_differ(context: &Context) -> Verdict {
    let name = context.name();
    let (queue, topic) = (Queue::new(name.as_str())?, Topic::new(name)?);
    ensure!(queue.address() != topic.address(), "a queue and a topic are equal");
    let session = context.started().await?.create_session(AckMode::Auto).await?;
    let of_queue = session.create_consumer(&queue).await?;
    let of_topic = session.create_consumer(&topic).await?;
    send_texts(&session.create_producer(&queue).await?, &["to the queue"]).await?;
    send_texts(&session.create_producer(&topic).await?, &["to the topic"]).await?;
    for (consumer, text) in [(&of_queue, "to the queue"), (&of_topic, "to the topic")] {
        ensure_eq!(text_of(&context.receive(consumer).await?), text);
        context.nothing(consumer).await?;
    }
    Ok(Passed::AsStated)
}

/// The kinds that the provider declares.
fn kinds(context: &Context) -> Vec<DestinationKind> {
    let kinds = [
        (Capability::Queues, DestinationKind::Queue),
        (Capability::Topics, DestinationKind::Topic),
    ];
    let declared = kinds
        .into_iter()
        .filter(|(capability, _)| context.supports(*capability));
    declared.map(|(_, kind)| kind).collect()
}

pub(super) async fn names(context: &Context) -> Verdict {
    let connection = context.connect().await?;
    let session = connection.create_session(AckMode::Auto).await?;
    let limit = connection.limits()?.max_name_length;
    for kind in kinds(context) {
        // Nothing of that name exists: naming it, and a producer of it, do not mind.
        session.create_producer(&context.address(kind)).await?;
        let too_long = "x".repeat(256);
        for name in ["", "line\nbreak", "nul\0", too_long.as_str()] {
            expect_kind(Address::new(kind, name), ErrorKind::InvalidDestination)?;
        }
        if let Some(limit) = limit
            .and_then(|limit| usize::try_from(limit).ok())
            .filter(|limit| *limit < 255)
        {
            let fits = format!("{:x<limit$}", context.name());
            session.create_producer(&Address::new(kind, fits.as_str())?).await?;
            let beyond = Address::new(kind, format!("{fits}x"))?;
            refused(&*session, &beyond).await?;
        }
    }
    expect_kind(Queue::new(""), ErrorKind::InvalidDestination)?;
    expect_kind(Topic::new(""), ErrorKind::InvalidDestination)?;
    expect_kind("queue:".parse::<Queue>(), ErrorKind::InvalidDestination)?;
    Ok(Passed::AsStated)
}

/// Neither a producer nor a consumer can be made of it.
async fn refused(session: &dyn Session, destination: &dyn Destination) -> Result<(), Failure> {
    expect_kind(
        session.create_producer(destination).await,
        ErrorKind::InvalidDestination,
    )?;
    expect_kind(
        session.create_consumer(destination).await,
        ErrorKind::InvalidDestination,
    )?;
    Ok(())
}

pub(super) async fn deleted_temporary(context: &Context) -> Verdict {
    let session = context.started().await?.create_session(AckMode::Auto).await?;
    if context.supports(Capability::Queues) {
        let queue = session.create_temporary_queue().await?;
        session.create_producer(&queue).await?;
        queue.delete().await?;
        refused(&*session, &queue).await?;
        if context.supports(Capability::Browser) {
            let browser = session.create_browser(&queue, None).await;
            expect_kind(browser, ErrorKind::InvalidDestination)?;
        }
    }
    if context.supports(Capability::Topics) {
        let topic = session.create_temporary_topic().await?;
        session.create_producer(&topic).await?;
        topic.delete().await?;
        refused(&*session, &topic).await?;
    }
    Ok(Passed::AsStated)
}
