//! SEL: what selectors keep out of subscriptions.

use std::sync::Arc;

use anymq_api::{AckMode, Capability, ConsumerOptions, Message, Producer};

use crate::case::{
    Context, Failure, Passed, Verdict, expect_list,
    flow::{gather, numbered},
    setup::sender,
    text_of, texts_of,
};

/// The names of the subscriptions: they are the connections' own.
const NAME: &str = "selecting";

pub(super) async fn unmatched_never_enter(context: &Context) -> Verdict {
    not_delivered(context).await?;
    let mut tried = vec!["non-durable"];
    if context.supports(Capability::DurableSubscriptions) {
        not_kept(context).await?;
        tried.push("durable");
        // Elsewhere nobody knows that the selector is another.
        if context.supports(Capability::DurableGuard) {
            not_seen_after_a_change(context).await?;
            tried.push("changed");
        }
    }
    Ok(Passed::With(tried.join(", ")))
}

/// Sends texts, each with its first letter as a property.
async fn publish(producer: &Arc<dyn Producer>, texts: &[String]) -> Result<(), Failure> {
    for text in texts {
        let kind = text.get(..1).unwrap_or_default();
        let message = Message::text(text.clone()).with_property("kind", kind)?;
        producer.send(message).await?;
    }
    Ok(())
}

fn of(texts: &[String], kind: char) -> Vec<String> {
    let own = texts.iter().filter(|text| text.starts_with(kind));
    own.cloned().collect()
}

/// `a` and `b` in turn, the `b` in the majority.
fn mixed(prefix: &str) -> Vec<String> {
    let each = numbered(prefix, 60).into_iter().enumerate();
    each.map(|(number, text)| {
        if number % 4 == 3 {
            format!("a{text}")
        } else {
            format!("b{text}")
        }
    })
    .collect()
}

async fn not_delivered(context: &Context) -> Result<(), Failure> {
    let session = context.started().await?.create_session(AckMode::Auto).await?;
    let topic = context.destination();
    let texts = mixed("");
    let a = context.selective(&session, &topic, "kind = 'a'").await?;
    let b = context.selective(&session, &topic, "kind = 'b'").await?;
    let all = context.consumer(&session, &topic).await?;
    publish(&sender(context, &topic).await?, &texts).await?;
    let got = gather(context, &[&a, &b, &all], 2 * texts.len()).await?;
    expect_list(&texts_of(&got[0]), &of(&texts, 'a'))?;
    expect_list(&texts_of(&got[1]), &of(&texts, 'b'))?;
    expect_list(&texts_of(&got[2]), &texts)?;
    for received in got.iter().flatten() {
        ensure!(!received.redelivered(), "{} is flagged", text_of(received));
    }

    // The next one does not find what this one passed over.
    a.close().await?;
    let next = context.consumer(&session, &topic).await?;
    context.nothing(&next).await
}

/// What does not match is not kept either, while nobody is there.
async fn not_kept(context: &Context) -> Result<(), Failure> {
    let options = context.connect_options().with_client_id(context.name());
    let connection = context.connect_with(options).await?;
    connection.start().await?;
    let session = connection.create_session(AckMode::Auto).await?;
    let topic = context.destination();
    let selective = ConsumerOptions::new().with_selector("kind = 'a'");
    let first = session.create_durable_consumer(&topic, NAME, selective.clone()).await?;
    let producer = sender(context, &topic).await?;
    let seen = mixed("seen");
    publish(&producer, &seen).await?;
    let got = gather(context, &[&first], of(&seen, 'a').len()).await?.concat();
    expect_list(&texts_of(&got), &of(&seen, 'a'))?;
    first.close().await?;

    let away = mixed("away");
    publish(&producer, &away).await?;
    let again = session.create_durable_consumer(&topic, NAME, selective).await?;
    let got = gather(context, &[&again], of(&away, 'a').len()).await?.concat();
    expect_list(&texts_of(&got), &of(&away, 'a'))?;
    again.close().await?;
    session.unsubscribe(NAME).await?;
    Ok(())
}

/// Another selector is another subscription: it holds nothing of what the former one passed over.
async fn not_seen_after_a_change(context: &Context) -> Result<(), Failure> {
    let options = context.connect_options().with_client_id(context.name());
    let connection = context.connect_with(options).await?;
    connection.start().await?;
    let session = connection.create_session(AckMode::Auto).await?;
    let topic = context.destination();
    let selecting = |kind| ConsumerOptions::new().with_selector(format!("kind = '{kind}'"));
    let first = session.create_durable_consumer(&topic, NAME, selecting('a')).await?;
    let producer = sender(context, &topic).await?;
    publish(&producer, &mixed("before")).await?;
    first.close().await?;
    publish(&producer, &mixed("away")).await?;

    let changed = session.create_durable_consumer(&topic, NAME, selecting('b')).await?;
    let after = mixed("after");
    publish(&producer, &after).await?;
    let got = gather(context, &[&changed], of(&after, 'b').len()).await?.concat();
    expect_list(&texts_of(&got), &of(&after, 'b'))?;
    changed.close().await?;
    session.unsubscribe(NAME).await?;
    Ok(())
}
