//! CONS: consumers side by side.

use std::{
    num::NonZeroU32,
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
    },
};

use anymq_api::{AckMode, BoxError, Capability, Consumer, ConsumerOptions, Map, Message, Received};
use parking_lot::Mutex;

use crate::{
    case::{
        Context, Failure, Pair, Passed, Verdict, expect_set,
        flow::{gather, numbered, send_all},
        texts_of,
    },
    checklist::Place,
};

/// One consumer has its prefetch full and asks for nothing: what is beyond goes to the other. When both receive,
/// nothing is left.
pub(super) async fn slow_beside_fast(context: &Context) -> Verdict {
    const AHEAD: NonZeroU32 = NonZeroU32::new(5).unwrap();
    const COUNT: usize = 50;
    let connection = context.started().await?;
    let (one, two) = (
        connection.create_session(AckMode::Auto).await?,
        connection.create_session(AckMode::Auto).await?,
    );
    let queue = context.destination();
    let prefetch = context.prefetch().unwrap_or(AHEAD);
    let options = ConsumerOptions::new().with_prefetch(prefetch);
    let slow = context.consumer_with(&one, &queue, options).await?;
    let producer = two.create_producer(&queue).await?;
    let texts = numbered("", COUNT);
    send_all(&producer, &texts).await?;
    context.quiet().await;

    let fast = context.consumer(&two, &queue).await?;
    let beyond = COUNT - prefetch.get() as usize;
    let mut got = texts_of(&context.receive_many(&fast, beyond).await?);
    let rest = gather(context, &[&slow, &fast], COUNT - beyond).await?;
    got.extend(texts_of(&rest.concat()));
    expect_set(&got, &texts)?;
    Ok(Passed::AsStated)
}

pub(super) async fn separate_objects(context: &Context) -> Verdict {
    after_the_send(context).await?;
    failed_listener(context).await?;
    let mut seen = vec!["the sender's changes", "a failed listener's"];
    if context.place() == Place::Topic {
        another_subscriber(context).await?;
        seen.push("another subscriber's");
    } else if context.supports(Capability::ClientAck) {
        another_holder(context).await?;
        seen.push("an earlier holder's");
    }
    Ok(Passed::With(seen.join(", ")))
}

fn original() -> Result<Message, Failure> {
    let map = Map::new().with("n", 1)?.with("bytes", vec![1_u8, 2, 3])?;
    Ok(Message::map(map)
        .with_property("p", "as sent")?
        .with_correlation_id("c"))
}

/// Another message, made of a given one by every change there is.
fn changed(message: Message) -> Result<Message, Failure> {
    let mut map = message.as_map().cloned().unwrap_or_default();
    map.set("n", 2)?;
    map.set("bytes", vec![9_u8])?;
    let mut properties = message.properties().clone();
    properties.remove("p");
    properties.set("other", true)?;
    let message = message.with_body(anymq_api::Body::Map(map)).with_properties(properties);
    Ok(message.without_correlation_id().with_message_type("changed"))
}

fn ensure_original(received: &Received, whose: &str) -> Result<(), Failure> {
    let (got, sent) = (received.to_message(), original()?);
    ensure_eq!(got.body(), sent.body(), "the body that {whose} sees");
    ensure_eq!(got.property("p"), sent.property("p"), "the property that {whose} sees");
    ensure!(!got.properties().contains("other"), "{whose} sees a property more");
    ensure_eq!(got.correlation_id(), sent.correlation_id(), "what {whose} sees");
    ensure_eq!(got.message_type(), None, "what {whose} sees");
    Ok(())
}

/// Changes a copy of what was received; that alone must show nowhere.
fn meddle(received: &Received) -> Result<(), Failure> {
    ensure_original(received, "the receiver")?;
    let copy = changed(received.to_message())?;
    ensure_eq!(copy.message_type(), Some("changed"));
    ensure_original(received, "the receiver, after it changed its copy,")
}

async fn after_the_send(context: &Context) -> Result<(), Failure> {
    let pair = context.pair(AckMode::Auto).await?;
    let message = original()?;
    let receipt = pair.producer.send(message.clone()).await?;
    let message = changed(message)?;
    ensure_eq!(receipt.message().message_type(), None, "the receipt's message type");
    ensure_eq!(message.message_type(), Some("changed"));
    ensure_original(&context.receive(&pair.consumer).await?, "the receiver")
}

/// The same delivery comes again to a listener that failed after it had changed its copy.
async fn failed_listener(context: &Context) -> Result<(), Failure> {
    let pair = context.pair(AckMode::Auto).await?;
    let outcomes = Arc::new(Mutex::new(Vec::new()));
    let (seen, failed) = (Arc::clone(&outcomes), AtomicBool::new(false));
    let listener = move |received: Received| {
        seen.lock().push(meddle(&received));
        let fails = !failed.swap(true, Ordering::AcqRel);
        async move {
            if fails {
                Err(BoxError::from("on purpose"))
            } else {
                Ok(())
            }
        }
    };
    pair.consumer.set_listener(Some(Arc::new(listener))).await?;
    pair.producer.send(original()?).await?;
    context
        .eventually("the message's second delivery", || outcomes.lock().len() == 2)
        .await?;
    let outcomes = std::mem::take(&mut *outcomes.lock());
    outcomes.into_iter().collect()
}

async fn another_subscriber(context: &Context) -> Result<(), Failure> {
    let pair = context.pair(AckMode::Auto).await?;
    let same_session = pair.session.create_consumer(&pair.destination).await?;
    let session = context.started().await?.create_session(AckMode::Auto).await?;
    let other_connection = session.create_consumer(&pair.destination).await?;
    pair.producer.send(original()?).await?;
    meddle(&context.receive(&pair.consumer).await?)?;
    meddle(&context.receive(&same_session).await?)?;
    meddle(&context.receive(&other_connection).await?)
}

/// What a closed session did not acknowledge comes to the next holder as it was sent.
async fn another_holder(context: &Context) -> Result<(), Failure> {
    let pair = context.pair(AckMode::Client).await?;
    pair.producer.send(original()?).await?;
    meddle(&context.receive(&pair.consumer).await?)?;
    pair.session.close().await?;
    let next = successor(context, &pair).await?;
    ensure_original(&context.receive(&next).await?, "the next holder")
}

async fn successor(context: &Context, pair: &Pair) -> Result<Arc<dyn Consumer>, Failure> {
    let session = pair.connection.create_session(AckMode::Auto).await?;
    context.consumer(&session, &pair.destination).await
}
