//! Coming back with something changed: the earlier subscription is deleted, and a new one is made.

use std::sync::Arc;

use anymq_api::{AckMode, Consumer, ConsumerOptions, Message, Producer};

use super::{Client, Context, Failure, Kind, Passed, Subscription, Verdict, selecting};
use crate::case::{later::expect_only, setup::send_texts};

pub(super) async fn by_topic(context: &Context) -> Verdict {
    topic(context, &Client::named(context), Kind::Durable).await?;
    Ok(Passed::AsStated)
}

/// Another topic, and the first one again, also after a reconnect.
pub(crate) async fn topic(context: &Context, client: &Client<'_>, kind: Kind) -> Result<(), Failure> {
    let connection = client.connect().await?;
    let session = connection.create_session(AckMode::Auto).await?;
    let first = Subscription::fresh(context, kind);
    let second = first.moved(context);
    let to_first = first.producer(context).await?;
    let to_second = second.producer(context).await?;
    first.create(&session, ConsumerOptions::new()).await?;
    send_texts(&to_first, &["stored by the first"]).await?;

    let consumer = second.open(&session).await?;
    send_texts(&to_first, &["to the first, which is gone"]).await?;
    send_texts(&to_second, &["to the second"]).await?;
    expect_only(context, &consumer, &["to the second"]).await?;
    consumer.close().await?;
    send_texts(&to_second, &["stored by the second"]).await?;
    connection.close().await?;

    let session = client.session().await?;
    let consumer = first.open(&session).await?;
    context.nothing(&consumer).await?;
    send_texts(&to_first, &["to the first"]).await?;
    send_texts(&to_second, &["to the second, which is gone"]).await?;
    expect_only(context, &consumer, &["to the first"]).await?;
    consumer.close().await?;
    session.unsubscribe(&first.name).await?;
    Ok(())
}

pub(super) async fn by_selector(context: &Context) -> Verdict {
    selector(context, &Client::named(context), Kind::Durable).await?;
    Ok(Passed::AsStated)
}

/// Selectors are compared as texts; the empty one is none.
pub(crate) async fn selector(context: &Context, client: &Client<'_>, kind: Kind) -> Result<(), Failure> {
    let session = client.session().await?;
    let subscription = Subscription::fresh(context, kind);
    let producer = subscription.producer(context).await?;
    let none = ConsumerOptions::new;

    // Between none and empty nothing is replaced, in either direction.
    subscription.create(&session, none()).await?;
    numbered(&producer, &["kept"]).await?;
    subscription.create(&session, selecting("")).await?;
    let consumer = subscription.open_with(&session, none()).await?;
    expect_only(context, &consumer, &["kept"]).await?;
    consumer.close().await?;

    // Each of these meets every message, and is another text than the one before it.
    let changes = [selecting("n = 1"), selecting("n=1"), none(), selecting("n = 1")];
    for options in changes {
        numbered(&producer, &["stored before the change"]).await?;
        let consumer = subscription.open_with(&session, options.clone()).await?;
        context.nothing(&consumer).await?;
        numbered(&producer, &["after the change"]).await?;
        expect_only(context, &consumer, &["after the change"]).await?;
        consumer.close().await?;
    }
    // The last one is in force, also while it is inactive.
    send_texts(&producer, &["without number"]).await?;
    numbered(&producer, &["with number"]).await?;
    let consumer = subscription.open_with(&session, selecting("n = 1")).await?;
    expect_only(context, &consumer, &["with number"]).await?;
    Ok(())
}

/// Sends texts whose property `n` is 1.
async fn numbered(producer: &Arc<dyn Producer>, texts: &[&str]) -> Result<(), Failure> {
    for text in texts {
        producer.send(Message::text(*text).with_property("n", 1)?).await?;
    }
    Ok(())
}

pub(super) async fn by_no_local(context: &Context) -> Verdict {
    let client = Client::named(context);
    let session = client.session().await?;
    let subscription = Subscription::fresh(context, Kind::Durable);
    let foreign = subscription.producer(context).await?;
    let own = session.create_producer(&subscription.topic).await?;
    subscription.create(&session, ConsumerOptions::new()).await?;
    for no_local in [true, false, true] {
        send_texts(&foreign, &["stored before the change"]).await?;
        let options = ConsumerOptions::new().with_no_local(no_local);
        let consumer: Arc<dyn Consumer> = subscription.open_with(&session, options).await?;
        context.nothing(&consumer).await?;
        send_texts(&own, &["own"]).await?;
        // Known to be in the subscription, or not, before the other is sent.
        let heard: &[&str] = if no_local { &[] } else { &["own"] };
        expect_only(context, &consumer, heard).await?;
        send_texts(&foreign, &["foreign"]).await?;
        expect_only(context, &consumer, &["foreign"]).await?;
        consumer.close().await?;
    }
    Ok(Passed::AsStated)
}
