//! What a durable subscription must not be asked for.

use std::sync::Arc;

use anymq_api::{
    AckMode, Capability, Consumer, ConsumerOptions, Destination, ErrorKind, Message, Producer, Session, TemporaryTopic,
};

use super::{Client, Context, Failure, Kind, Subscription, Verdict, selecting, tried};
use crate::case::{expect_kind, later::expect_only, setup::send_texts};

pub(super) async fn without_client_id(context: &Context) -> Verdict {
    let session = Client::unnamed(context).session().await?;
    let subscription = Subscription::fresh(context, Kind::Durable);
    let mut parts = vec!["plain"];
    let mut forms = vec![ConsumerOptions::new(), selecting("")];
    if context.supports(Capability::TopicSelectors) {
        parts.push("with a selector");
        forms.push(selecting("n = 1"));
    }
    if context.supports(Capability::NoLocal) {
        parts.push("no-local");
        forms.push(ConsumerOptions::new().with_no_local(true));
    }
    for options in forms {
        expect_kind(subscription.open_with(&session, options).await, ErrorKind::IllegalState)?;
    }
    Ok(tried(&parts))
}

pub(super) async fn second_consumer(context: &Context) -> Verdict {
    let client = Client::named(context);
    let connection = client.connect().await?;
    let session = connection.create_session(AckMode::Auto).await?;
    let subscription = Subscription::fresh(context, Kind::Durable);
    let producer = subscription.producer(context).await?;
    let consumer = subscription.open(&session).await?;
    let mut sessions = vec![
        ("the same session", Arc::clone(&session)),
        ("another session", connection.create_session(AckMode::Auto).await?),
    ];
    if !context.supports(Capability::ClientIdExclusive) {
        sessions.push(("another connection", client.session().await?));
    }
    // Nor does it become another subscription while it is in use.
    let moved = subscription.moved(context);
    for (who, session) in &sessions {
        expect_kind(subscription.open(session).await, ErrorKind::Other)?;
        expect_kind(moved.open(session).await, ErrorKind::Other)?;
        send_texts(&producer, &[who]).await?;
        expect_only(context, &consumer, &[who]).await?;
    }
    consumer.close().await?;
    send_texts(&producer, &["kept"]).await?;
    let (_, other) = &sessions[1];
    let consumer = subscription.open(other).await?;
    expect_only(context, &consumer, &["kept"]).await?;
    let parts: Vec<_> = sessions.iter().map(|(who, _)| *who).collect();
    Ok(tried(&parts))
}

pub(super) async fn invalid_topics(context: &Context) -> Verdict {
    let session = Client::named(context).session().await?;
    let subscription = Subscription::fresh(context, Kind::Durable);
    let mut parts = Vec::new();
    if context.supports(Capability::Queues) {
        parts.push("a queue is refused");
        let mut wrong = subscription.clone();
        wrong.topic = context.queue().address().clone();
        expect_kind(wrong.open(&session).await, ErrorKind::InvalidDestination)?;
    }
    if context.supports(Capability::TemporaryDestinations) {
        let deleted = session.create_temporary_topic().await?;
        deleted.delete().await?;
        parts.push("a deleted topic is refused");
        let opening = open_temporary(&subscription, &session, &deleted);
        let opening = context.in_time("subscribing to a deleted topic", opening).await?;
        expect_kind(opening, ErrorKind::InvalidDestination)?;

        let temporary = session.create_temporary_topic().await?;
        let opening = open_temporary(&subscription, &session, &temporary);
        match context.in_time("subscribing to a temporary topic", opening).await? {
            Err(error) => {
                let lost = [ErrorKind::ConnectionLost, ErrorKind::Timeout];
                ensure!(!lost.contains(&error.kind()), "a temporary topic gives {error}");
                parts.push("a temporary one is refused");
            }
            Ok(consumer) => {
                let producer = session.create_producer(&temporary).await?;
                works(context, &producer, &consumer).await?;
                session.unsubscribe(&subscription.name).await?;
                parts.push("a temporary one is accepted");
            }
        }
    }
    // None of it left anything behind.
    let consumer = subscription.open(&session).await?;
    works(context, &subscription.producer(context).await?, &consumer).await?;
    Ok(tried(&parts))
}

async fn open_temporary(
    subscription: &Subscription,
    session: &Arc<dyn Session>,
    topic: &TemporaryTopic,
) -> anymq_api::Result<Arc<dyn Consumer>> {
    let options = ConsumerOptions::new();
    session
        .create_durable_consumer(topic, &subscription.name, options)
        .await
}

/// Gets one message, and closes the consumer.
async fn works(context: &Context, producer: &Arc<dyn Producer>, consumer: &Arc<dyn Consumer>) -> Result<(), Failure> {
    producer.send(Message::text("it works")).await?;
    expect_only(context, consumer, &["it works"]).await?;
    Ok(consumer.close().await?)
}
