//! Giving up.

use std::{
    num::NonZeroU32,
    sync::Arc,
    time::{Duration, Instant},
};

use anymq_api::{AckMode, Address, Capability, Consumer, ConsumerOptions, Message, Received, RedeliveryPolicy};

use super::{Context, Failure, Passed, Verdict, recoverable};
use crate::{
    case::{later::fed_on, text_of},
    poll,
};

const LIMIT: u32 = 3;

pub(super) async fn given_up(context: &Context) -> Verdict {
    let destination = context.destination();
    let Some(dead_letters) = context.harness().dead_letters(&destination) else {
        return Ok(Passed::NotRun("the harness does not know the dead letters".into()));
    };
    let mode = if context.supports(Capability::Transactions) {
        AckMode::Transacted
    } else {
        recoverable(context)
    };
    let limit = NonZeroU32::new(LIMIT).unwrap_or(NonZeroU32::MIN);
    let policy = RedeliveryPolicy::new().with_max_deliveries(limit);
    let options = context.connect_options().with_redelivery(policy);
    let connection = context.connect_with(options).await?;
    connection.start().await?;
    let pair = fed_on(context, connection, mode).await?;
    let label = context.name();
    let letters = dead_consumer(context, &dead_letters, &label).await?;
    let poison = Message::text("poison").with_correlation_id(label.clone());
    let poison = poison.with_property("table", 7_i16)?;
    pair.producer.send(poison).await?;
    pair.producer.send(Message::text("next")).await?;

    let mut counts = Vec::new();
    for _ in 0..LIMIT {
        let received = context.receive(&pair.consumer).await?;
        ensure_eq!(text_of(&received), "poison");
        counts.push(received.delivery_count());
        match mode {
            AckMode::Transacted => pair.session.rollback().await?,
            _ => pair.session.recover().await?,
        }
    }
    ensure_eq!(counts, (1..=LIMIT).collect::<Vec<_>>(), "delivery counts");
    // What is behind it flows on.
    ensure_eq!(text_of(&context.receive(&pair.consumer).await?), "next");

    let letter = own_letter(context, &letters, &label).await?;
    ensure_eq!(letter.correlation_id(), Some(&*label));
    ensure_eq!(text_of(&letter), "poison");
    ensure_eq!(letter.properties().i16("table")?, 7);
    let own = |name: &&str| *name != "table";
    let told: Vec<_> = letter.properties().names().filter(own).map(str::to_owned).collect();
    ensure!(!told.is_empty(), "no property tells the reason");
    letter.acknowledge().await?;
    // Once.
    nothing_more(context, &letters, &label).await?;
    Ok(Passed::With(format!(
        "after {LIMIT} deliveries, with {}",
        told.join(", ")
    )))
}

/// Of the letters with this label, where selectors can tell them; else one letter at a time, because others may be
/// waited for elsewhere.
async fn dead_consumer(context: &Context, queue: &Address, label: &str) -> Result<Arc<dyn Consumer>, Failure> {
    let mut options = ConsumerOptions::new();
    let mut mode = AckMode::Auto;
    if context.supports(Capability::QueueSelectors) {
        options = options.with_selector(format!("JMSCorrelationID = '{label}'"));
    } else if context.supports(Capability::Release) {
        options = options.with_prefetch(NonZeroU32::MIN);
        mode = AckMode::Individual;
    }
    let session = context.started().await?.create_session(mode).await?;
    Ok(session.create_consumer_with(queue, options).await?)
}

async fn own_letter(context: &Context, letters: &Arc<dyn Consumer>, label: &str) -> Result<Received, Failure> {
    let next = async || match letters.try_receive() {
        Ok(None) => None,
        Ok(Some(letter)) if letter.correlation_id() == Some(label) => Some(Ok(letter)),
        Ok(Some(letter)) => leave(context, &letter).await.err().map(Err),
        Err(error) => Some(Err(error)),
    };
    let found = poll::until(context.timing().wait, Duration::from_millis(10), next).await;
    let letter = found.map_err(|_| Failure::new("there is no dead letter"))?;
    Ok(letter?)
}

/// What another run waits for goes back, what no run waits for is dropped.
async fn leave(context: &Context, letter: &Received) -> anymq_api::Result<()> {
    let waited_for = letter
        .correlation_id()
        .is_some_and(|label| label.starts_with("rdl-07."));
    if waited_for && context.supports(Capability::Release) {
        letter.release().await
    } else {
        letter.acknowledge().await
    }
}

async fn nothing_more(context: &Context, letters: &Arc<dyn Consumer>, label: &str) -> Result<(), Failure> {
    let quiet = Instant::now() + context.timing().quiet;
    while let Some(left) = quiet.checked_duration_since(Instant::now()) {
        let Some(letter) = letters.receive_timeout(left).await? else {
            return Ok(());
        };
        ensure!(letter.correlation_id() != Some(label), "a second dead letter");
        leave(context, &letter).await?;
    }
    Ok(())
}
