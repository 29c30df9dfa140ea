//! SEL: what selectors leave in a queue.

use std::{num::NonZeroU32, sync::Arc};

use anymq_api::{AckMode, Address, Capability, Consumer, ConsumerOptions, Message, Producer, Received};

use crate::case::{
    Context, Failure, Passed, Verdict, expect_list,
    flow::{gather, numbered},
    setup::sender,
    text_of, texts_of,
};

/// Less than what does not match and lies in front.
const PREFETCH: u32 = 5;

pub(super) async fn unmatched_stay(context: &Context) -> Verdict {
    in_front(context, Made::Before).await?;
    in_front(context, Made::After).await?;
    side_by_side(context).await?;
    Ok(Passed::AsStated)
}

/// When a consumer is made: before or after there are messages.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Made {
    Before,
    After,
}

/// A consumer of a connection of its own, that lets little be delivered ahead.
async fn selecting(context: &Context, queue: &Address, selector: &str) -> Result<Arc<dyn Consumer>, Failure> {
    let session = context.started().await?.create_session(AckMode::Auto).await?;
    let prefetch = NonZeroU32::new(PREFETCH).unwrap_or(NonZeroU32::MIN);
    let options = ConsumerOptions::new().with_selector(selector).with_prefetch(prefetch);
    Ok(session.create_consumer_with(queue, options).await?)
}

async fn plain(context: &Context, queue: &Address) -> Result<Arc<dyn Consumer>, Failure> {
    let session = context.started().await?.create_session(AckMode::Auto).await?;
    Ok(session.create_consumer(queue).await?)
}

/// Sends texts, each with its first letter as a property.
async fn send_kinds(producer: &Arc<dyn Producer>, texts: &[String]) -> Result<(), Failure> {
    for text in texts {
        let kind = text.get(..1).unwrap_or_default();
        let message = Message::text(text.clone()).with_property("kind", kind)?;
        producer.send(message).await?;
    }
    Ok(())
}

/// Many that do not match lie in front of the few that do, and behind them.
async fn in_front(context: &Context, made: Made) -> Result<(), Failure> {
    let queue = context.destination();
    let producer = sender(context, &queue).await?;
    let (wanted, others) = (numbered("w", 12), numbered("o", 60));
    let (front, back) = others.split_at(50);
    let early = match made {
        Made::Before => Some(selecting(context, &queue, "kind = 'w'").await?),
        Made::After => None,
    };
    send_kinds(&producer, front).await?;
    send_kinds(&producer, &wanted).await?;
    send_kinds(&producer, back).await?;
    let selective = match early {
        Some(consumer) => consumer,
        None => selecting(context, &queue, "kind = 'w'").await?,
    };
    let got = gather(context, &[&selective], wanted.len()).await?.concat();
    expect_list(&texts_of(&got), &wanted)?;

    // The other one is still there.
    let got = gather(context, &[&plain(context, &queue).await?], others.len()).await?;
    let got = got.concat();
    expect_list(&texts_of(&got), &others)?;
    not_flagged(context, &got)
}

/// A message that was passed over was not delivered.
fn not_flagged(context: &Context, got: &[Received]) -> Result<(), Failure> {
    if context.supports(Capability::ExactRedelivery) {
        for received in got {
            ensure!(!received.redelivered(), "{} is flagged", text_of(received));
        }
    }
    Ok(())
}

/// Two that select apart do not hold each other up, though one does not receive. What neither selects, and what the idle
/// one was never handed, is there for a third, each in the order in which it was sent: what the idle one gives back may come
/// before what stayed.
async fn side_by_side(context: &Context) -> Result<(), Failure> {
    let queue = context.destination();
    let idle = selecting(context, &queue, "kind = 'a'").await?;
    let busy = selecting(context, &queue, "kind = 'b'").await?;
    let mixed: Vec<_> = (0..40)
        .flat_map(|number| ["a", "b", "c"].map(|kind| format!("{kind}{number:03}")))
        .collect();
    send_kinds(&sender(context, &queue).await?, &mixed).await?;
    let of = |kinds: &str| -> Vec<String> {
        let own = mixed
            .iter()
            .filter(|text| text.starts_with(|letter| kinds.contains(letter)));
        own.cloned().collect()
    };
    let of_b = of("b");
    let got = gather(context, &[&busy], of_b.len()).await?.concat();
    expect_list(&texts_of(&got), &of_b)?;

    idle.close().await?;
    let rest = of("ac");
    let got = gather(context, &[&plain(context, &queue).await?], rest.len()).await?;
    let got = got.concat();
    for kind in ["a", "c"] {
        let texts = texts_of(&got).into_iter();
        let texts: Vec<_> = texts.filter(|text| text.starts_with(kind)).collect();
        expect_list(&texts, &of(kind))?;
    }
    not_flagged(context, &got)
}
