//! CONS: what a consumer is made with.

use std::sync::Arc;

use anymq_api::{
    AckMode, Address, Capability, Consumer, ConsumerOptions, Destination, DestinationKind, ErrorKind, Session,
};

use crate::{
    case::{
        Context, Failure, Pair, Passed, Verdict, expect_kind, expect_list,
        flow::{numbered, send_all},
        texts_of,
    },
    checklist::Place,
};

fn selector_capability(context: &Context) -> Capability {
    match context.place() {
        Place::Queue => Capability::QueueSelectors,
        Place::Topic | Place::Durable => Capability::TopicSelectors,
    }
}

pub(super) async fn selector_getter(context: &Context) -> Verdict {
    let session = context.started().await?.create_session(AckMode::Auto).await?;
    let make = async |options| {
        let destination = context.destination();
        let consumer = context.consumer_with(&session, &destination, options);
        Ok::<_, Failure>(consumer.await?.selector()?)
    };
    let (none, empty) = (ConsumerOptions::new(), ConsumerOptions::new().with_selector(""));
    ensure_eq!(make(none).await?, None, "without a selector");
    ensure_eq!(make(empty).await?, None, "with an empty one");
    let capability = selector_capability(context);
    if !context.supports(capability) {
        return Ok(Passed::With(format!("none and empty only: no {capability}")));
    }
    for text in ["n = 1", " name  LIKE 'a%' or n IS NULL "] {
        let got = make(ConsumerOptions::new().with_selector(text)).await?;
        ensure_eq!(got.as_deref(), Some(text));
    }
    Ok(Passed::AsStated)
}

pub(super) async fn invalid(context: &Context) -> Verdict {
    let pair = context.pair(AckMode::Auto).await?;
    let before = pair.connection.health()?.consumers;
    let mut tried = invalid_destinations(context, &pair).await?;
    if context.supports(selector_capability(context)) {
        tried += invalid_selectors(context, &pair).await?;
    }
    ensure_eq!(pair.connection.health()?.consumers, before, "consumers");

    // One that was left behind would take its share.
    let texts = numbered("", 10);
    send_all(&pair.producer, &texts).await?;
    let got = context.receive_many(&pair.consumer, texts.len()).await?;
    expect_list(&texts_of(&got), &texts)?;
    Ok(Passed::With(format!("{tried} refusals")))
}

/// As [`Context::consumer_with`], with the error as it is.
async fn consumer(
    context: &Context,
    session: &Arc<dyn Session>,
    destination: &dyn Destination,
    options: ConsumerOptions,
) -> anymq_api::Result<Arc<dyn Consumer>> {
    if context.place() == Place::Durable {
        let name = context.subscription_name(destination);
        context.note_subscription(&name);
        session.create_durable_consumer(destination, &name, options).await
    } else {
        session.create_consumer_with(destination, options).await
    }
}

async fn invalid_destinations(context: &Context, pair: &Pair) -> Result<usize, Failure> {
    let refused = ErrorKind::InvalidDestination;
    let mut tried = 0;
    for address in known_invalid(context, pair).await? {
        let made = consumer(context, &pair.session, &address, ConsumerOptions::new());
        expect_kind(made.await, refused)?;
        expect_kind(pair.session.create_producer(&address).await, refused)?;
        tried += 2;
    }
    if context.supports(Capability::TemporaryDestinations) {
        // Whether somebody else has it only a consumer must know.
        let unknown = Address::new(temporary_kind(context), context.name())?;
        let made = consumer(context, &pair.session, &unknown, ConsumerOptions::new());
        expect_kind(made.await, refused)?;
        tried += 1;
    }
    if context.place() == Place::Durable && context.supports(Capability::Queues) {
        let queue = context.queue();
        let made = consumer(context, &pair.session, &queue, ConsumerOptions::new());
        expect_kind(made.await, refused)?;
        nothing_durable(context, pair, &queue).await?;
        tried += 1;
    }
    Ok(tried)
}

fn temporary_kind(context: &Context) -> DestinationKind {
    match context.place() {
        Place::Queue => DestinationKind::TemporaryQueue,
        Place::Topic | Place::Durable => DestinationKind::TemporaryTopic,
    }
}

/// A deleted destination, and a name that is too long.
async fn known_invalid(context: &Context, pair: &Pair) -> Result<Vec<Address>, Failure> {
    let mut all = Vec::new();
    if context.supports(Capability::TemporaryDestinations) {
        if context.place() == Place::Queue {
            let deleted = pair.session.create_temporary_queue().await?;
            deleted.delete().await?;
            all.push(deleted.address().clone());
        } else {
            let deleted = pair.session.create_temporary_topic().await?;
            deleted.delete().await?;
            all.push(deleted.address().clone());
        }
    }
    if let Some(longest) = pair.connection.limits()?.max_name_length {
        let kind = pair.destination.kind();
        // Where the API itself allows no more, there is nothing left for the provider to refuse.
        all.extend(Address::new(kind, "x".repeat(longest as usize + 1)).ok());
    }
    Ok(all)
}

async fn invalid_selectors(context: &Context, pair: &Pair) -> Result<usize, Failure> {
    let texts = ["n =", "= 1", "n = 'open", "n BETWEEN 1", "(n = 1", "n LIKE 1"];
    for text in texts {
        // On a queue, where one that was left behind would do harm.
        let destination = match context.place() {
            Place::Queue => pair.destination.clone(),
            Place::Topic | Place::Durable => context.destination(),
        };
        let options = ConsumerOptions::new().with_selector(text);
        let made = consumer(context, &pair.session, &destination, options);
        expect_kind(made.await, ErrorKind::InvalidSelector)?;
        if context.place() == Place::Durable && context.harness().tells_of_subscriptions() {
            nothing_durable(context, pair, &destination).await?;
        }
    }
    Ok(texts.len())
}

/// No durable subscription is left of an attempt.
async fn nothing_durable(context: &Context, pair: &Pair, destination: &dyn Destination) -> Result<(), Failure> {
    let name = context.subscription_name(destination);
    expect_kind(pair.session.unsubscribe(&name).await, ErrorKind::InvalidDestination)?;
    Ok(())
}
