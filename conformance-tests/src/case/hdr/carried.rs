//! HDR, at the receiver: each header arrives as the send decided it, or as the application set it.

use std::{sync::Arc, time::Duration};

use anymq_api::{
    AckMode, Address, Capability, DeliveryMode, Destination, DestinationKind, Message, Priority, SendOptions, Session,
    Timestamp,
};

use super::{
    super::{
        Context, Failure, Passed, Verdict, expect_list, text_of, texts_of,
        travel::{travel, travel_with},
    },
    Window,
};
use crate::checklist::Place;

pub(super) async fn same_id(context: &Context) -> Verdict {
    let pair = context.pair(AckMode::Auto).await?;
    let mut sent = Vec::new();
    for text in ["a", "b", "c"] {
        let receipt = pair.producer.send(Message::text(text)).await?;
        sent.push(receipt.message_id().map(ToString::to_string));
    }
    let received = context.receive_many(&pair.consumer, 3).await?;
    expect_list(&texts_of(&received), &["a", "b", "c"].map(String::from))?;
    let ids: Vec<_> = received
        .iter()
        .map(|message| message.message_id().map(ToString::to_string))
        .collect();
    ensure!(ids.iter().all(Option::is_some), "a received message has no id: {ids:?}");
    expect_list(&ids, &sent)?;
    Ok(Passed::AsStated)
}

pub(super) async fn timestamp(context: &Context) -> Verdict {
    let pair = context.pair(AckMode::Auto).await?;
    let before = Timestamp::now();
    let receipt = pair.producer.send(Message::text("when")).await?;
    let window = Window::since(before);
    let received = context.receive(&pair.consumer).await?;
    let timestamp = window.expect("timestamp", receipt.timestamp(), Duration::ZERO, Duration::ZERO)?;
    ensure_eq!(received.timestamp(), Some(timestamp), "the receiver's timestamp");
    Ok(Passed::AsStated)
}

pub(super) async fn destination(context: &Context) -> Verdict {
    let pair = context.pair(AckMode::Auto).await?;
    let received = travel(context, &pair, Message::text("where")).await?;
    ensure_eq!(received.destination(), &pair.destination);
    ensure_eq!(received.destination().kind(), pair.destination.kind());
    if !context.supports(Capability::TemporaryDestinations) {
        return Ok(Passed::AsStated);
    }
    let temporary = match context.place() {
        Place::Queue => pair.session.create_temporary_queue().await?.address().clone(),
        Place::Topic => pair.session.create_temporary_topic().await?.address().clone(),
        // There are no durable subscriptions of temporary topics.
        Place::Durable => return Ok(Passed::AsStated),
    };
    let consumer = pair.session.create_consumer(&temporary).await?;
    let producer = pair.session.create_producer(&temporary).await?;
    producer.send(Message::text("temporary")).await?;
    let received = context.receive(&consumer).await?;
    ensure_eq!(text_of(&received), "temporary");
    ensure_eq!(received.destination(), &temporary);
    ensure!(
        received.destination().kind().is_temporary(),
        "{:?} is not temporary",
        received.destination()
    );
    Ok(Passed::AsStated)
}

pub(super) async fn delivery_mode(context: &Context) -> Verdict {
    let pair = context.pair(AckMode::Auto).await?;
    for mode in [DeliveryMode::Persistent, DeliveryMode::NonPersistent] {
        let options = SendOptions::new().with_delivery_mode(mode);
        let (receipt, received) = travel_with(context, &pair, Message::text("mode"), options).await?;
        ensure_eq!(receipt.delivery_mode(), mode, "the sender's mode");
        ensure_eq!(received.delivery_mode(), mode, "the receiver's mode");
    }
    Ok(Passed::AsStated)
}

pub(super) async fn priority(context: &Context) -> Verdict {
    let pair = context.pair(AckMode::Auto).await?;
    for level in 0..=9 {
        let priority = Priority::new(level)?;
        let options = SendOptions::new().with_priority(priority);
        let (receipt, received) = travel_with(context, &pair, Message::text("priority"), options).await?;
        ensure_eq!(receipt.priority(), priority, "the sender's priority");
        ensure_eq!(received.priority(), priority, "the receiver's priority");
    }
    Ok(Passed::AsStated)
}

pub(super) async fn expiration(context: &Context) -> Verdict {
    let pair = context.pair(AckMode::Auto).await?;
    for ttl in [None, Some(Duration::ZERO), Some(Duration::from_millis(3_600_123))] {
        let options = SendOptions::new().with_ttl(ttl);
        let before = Timestamp::now();
        let receipt = pair.producer.send_with(Message::text("lives"), options).await?;
        let window = Window::since(before);
        let received = context.receive(&pair.consumer).await?;
        match ttl.filter(|ttl| !ttl.is_zero()) {
            None => ensure_eq!(receipt.expiration(), None, "the sender's expiration with {ttl:?}"),
            Some(ttl) => {
                window.expect("expiration", receipt.expiration(), ttl, context.timing().margin)?;
            }
        }
        ensure_eq!(
            received.expiration(),
            receipt.expiration(),
            "the receiver's expiration with {ttl:?}"
        );
    }
    Ok(Passed::AsStated)
}

pub(super) async fn due_time(context: &Context) -> Verdict {
    let pair = context.pair(AckMode::Auto).await?;
    let mut delays = vec![None, Some(Duration::ZERO)];
    let can_delay = pair.connection.capabilities_of(&pair.destination)?;
    if can_delay.supports(Capability::DeliveryDelay) {
        delays.push(Some(Duration::from_millis(321)));
    }
    let margin = context.timing().margin;
    for &delay in &delays {
        let options = SendOptions::new().with_delay(delay);
        let before = Timestamp::now();
        let receipt = pair.producer.send_with(Message::text("due"), options).await?;
        let window = Window::since(before);
        let received = context.receive(&pair.consumer).await?;
        let delay = delay.unwrap_or_default();
        window.expect("delivery time", receipt.delivery_time(), delay, margin)?;
        ensure_eq!(
            received.delivery_time(),
            receipt.delivery_time(),
            "the receiver's delivery time with a delay of {delay:?}"
        );
    }
    Ok(if delays.len() == 3 {
        Passed::AsStated
    } else {
        Passed::With("without a delay only: none is declared".into())
    })
}

pub(super) async fn correlation_id(context: &Context) -> Verdict {
    let pair = context.pair(AckMode::Auto).await?;
    let message_id = pair.producer.send(Message::text("asked")).await?;
    context.receive(&pair.consumer).await?;
    let message_id = message_id.message_id().map(ToString::to_string).unwrap_or_default();
    ensure!(message_id.starts_with("ID:"), "the id is {message_id:?}");
    for id in [
        "order-7".to_owned(),
        "größe 数量 😀".to_owned(),
        String::new(),
        "0123456789abcdef".repeat(64),
        message_id,
    ] {
        let sent = Message::text("answer").with_correlation_id(id.clone());
        let received = travel(context, &pair, sent).await?;
        ensure_eq!(received.correlation_id(), Some(id.as_str()));
    }
    let received = travel(context, &pair, Message::text("unrelated")).await?;
    ensure_eq!(received.correlation_id(), None);
    Ok(Passed::AsStated)
}

pub(super) async fn message_type(context: &Context) -> Verdict {
    let pair = context.pair(AckMode::Auto).await?;
    for name in ["order.v1", "größe 数量 😀"] {
        let sent = Message::text("typed").with_message_type(name);
        let received = travel(context, &pair, sent).await?;
        ensure_eq!(received.message_type(), Some(name));
    }
    let received = travel(context, &pair, Message::text("untyped")).await?;
    ensure_eq!(received.message_type(), None);
    Ok(Passed::AsStated)
}

pub(super) async fn reply_to(context: &Context) -> Verdict {
    let pair = context.pair(AckMode::Auto).await?;
    let received = travel(context, &pair, Message::text("no answer please")).await?;
    ensure_eq!(received.reply_to(), None);
    pair.consumer.close().await?;

    let dialogue = Dialogue {
        context,
        questions: context.destination(),
        asker: context.started().await?.create_session(AckMode::Auto).await?,
        replier: Arc::clone(&pair.session),
    };
    let mut places = Vec::new();
    if context.supports(Capability::Queues) {
        places.push(context.address(DestinationKind::Queue));
    }
    if context.supports(Capability::Topics) {
        places.push(context.address(DestinationKind::Topic));
    }
    if context.supports(Capability::TemporaryDestinations) {
        places.extend(temporaries(context, &dialogue.asker).await?);
    }
    for place in &places {
        dialogue.ask(place).await?;
    }
    let kinds: Vec<_> = places.iter().map(|place| place.kind().scheme()).collect();
    Ok(Passed::With(kinds.join(", ")))
}

async fn temporaries(context: &Context, session: &Arc<dyn Session>) -> Result<Vec<Address>, Failure> {
    let mut made = Vec::new();
    if context.supports(Capability::Queues) {
        made.push(session.create_temporary_queue().await?.address().clone());
    }
    if context.supports(Capability::Topics) {
        made.push(session.create_temporary_topic().await?.address().clone());
    }
    Ok(made)
}

/// One connection asks, another replies.
struct Dialogue<'a> {
    context: &'a Context,
    questions: Address,
    asker: Arc<dyn Session>,
    replier: Arc<dyn Session>,
}

impl Dialogue<'_> {
    /// Asks for a reply at `place`, replies by what came with the question alone, and gets the answer.
    async fn ask(&self, place: &Address) -> Result<(), Failure> {
        let questions = self.replier.create_consumer(&self.questions).await?;
        let answers = self.asker.create_consumer(place).await?;
        let question = Message::text("question").with_reply_to(place);
        let producer = self.asker.create_producer(&self.questions).await?;
        producer.send(question).await?;

        let received = self.context.receive(&questions).await?;
        let Some(reply_to) = received.reply_to() else {
            return Err(Failure::new(format!("{place} did not arrive as reply-to")));
        };
        ensure_eq!(reply_to, place);
        let answer = format!("answer to {place}");
        let producer = self.replier.create_anonymous_producer().await?;
        producer.send_to(reply_to, Message::text(answer.clone())).await?;

        let received = self.context.receive(&answers).await?;
        ensure_eq!(text_of(&received), answer);
        questions.close().await?;
        answers.close().await?;
        Ok(())
    }
}
