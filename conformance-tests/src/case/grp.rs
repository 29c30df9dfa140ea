//! GRP: message groups.

use std::{collections::BTreeMap, num::NonZeroU32, sync::Arc};

use anymq_api::{
    AckMode, Address, Capability, Connection, Consumer, ConsumerOptions, Message, Producer, PropertyValue, Received,
    Session,
};

use super::{
    Context, Failure, Passed, Verdict, expect_list, expect_set,
    flow::{gather, numbered, send_all},
    later::expect_texts,
    setup::sender,
    text_of, texts_of,
};

cases! {
    "GRP-01" => one_consumer_each,
    "GRP-02" => spread_and_moved,
}

/// A queue, its producer, and the connection of its consumers.
struct Grouped {
    connection: Arc<dyn Connection>,
    queue: Address,
    producer: Arc<dyn Producer>,
    sent: BTreeMap<String, i32>,
}

impl Grouped {
    async fn new(context: &Context) -> Result<Self, Failure> {
        let queue = context.destination();
        Ok(Self {
            connection: context.started().await?,
            producer: sender(context, &queue).await?,
            queue,
            sent: BTreeMap::new(),
        })
    }

    /// A session with a consumer of its own.
    async fn consumer(
        &self,
        context: &Context,
        mode: AckMode,
        prefetch: Option<NonZeroU32>,
    ) -> Result<(Arc<dyn Session>, Arc<dyn Consumer>), Failure> {
        let session = self.connection.create_session(mode).await?;
        let mut options = ConsumerOptions::new();
        options.prefetch = prefetch;
        let consumer = context.consumer_with(&session, &self.queue, options).await?;
        Ok((session, consumer))
    }

    /// Sends one more message of each group; the text tells the group and the number.
    async fn send(&mut self, groups: &[&str]) -> Result<(), Failure> {
        for group in groups {
            let number = self.sent.entry((*group).to_owned()).or_default();
            *number += 1;
            let message = Message::text(format!("{group} {number:03}"))
                .with_property("JMSXGroupID", *group)?
                .with_property("JMSXGroupSeq", *number)?;
            self.producer.send(message).await?;
        }
        Ok(())
    }

    /// The texts of a group's messages, from one number on.
    fn texts(&self, group: &str, from: i32) -> Vec<String> {
        let last = self.sent.get(group).copied().unwrap_or_default();
        (from..=last).map(|number| format!("{group} {number:03}")).collect()
    }
}

/// What a list has of one group.
fn of_group(list: &[Received], group: &str) -> Vec<String> {
    let prefix = format!("{group} ");
    texts_of(list)
        .into_iter()
        .filter(|text| text.starts_with(&prefix))
        .collect()
}

/// Which list has a group's messages; none other may.
fn holder(got: &[Vec<Received>], group: &str) -> Result<usize, Failure> {
    let holds = |list: &Vec<Received>| !of_group(list, group).is_empty();
    let holders: Vec<_> = (0..got.len()).filter(|&index| holds(&got[index])).collect();
    match holders[..] {
        [holder] => Ok(holder),
        _ => Err(Failure::new(format!("{group} went to {} consumers", holders.len()))),
    }
}

const GROUPS: [&str; 6] = ["a", "b", "c", "d", "e", "f"];

async fn one_consumer_each(context: &Context) -> Verdict {
    let mut spread = Vec::new();
    for prefetch in [None, Some(NonZeroU32::MIN)] {
        spread.push(one_consumer_each_with(context, prefetch).await?);
    }
    Ok(Passed::With(format!(
        "groups of each consumer: {}",
        spread.join("; with a prefetch of one: ")
    )))
}

async fn one_consumer_each_with(context: &Context, prefetch: Option<NonZeroU32>) -> Result<String, Failure> {
    const ROUNDS: usize = 20;
    let mut grouped = Grouped::new(context).await?;
    let mut consumers = Vec::new();
    for _ in 0..3 {
        consumers.push(grouped.consumer(context, AckMode::Auto, prefetch).await?.1);
    }
    for _ in 0..ROUNDS {
        grouped.send(&GROUPS).await?;
    }
    let each: Vec<_> = consumers.iter().collect();
    let got = gather(context, &each, ROUNDS * GROUPS.len()).await?;
    let mut counts = vec![0; got.len()];
    for group in GROUPS {
        let holder = holder(&got, group)?;
        expect_list(&of_group(&got[holder], group), &grouped.texts(group, 1))?;
        counts[holder] += 1;
    }
    for received in got.iter().flatten() {
        let text = text_of(received);
        let (group, number) = text.split_once(' ').unwrap_or_default();
        let expected = PropertyValue::from(group);
        ensure_eq!(
            received.property("JMSXGroupID"),
            Some(&expected),
            "the group of {text:?}"
        );
        ensure!(!number.is_empty(), "{text:?} came, and was not sent");
    }
    let counts: Vec<_> = counts.iter().map(ToString::to_string).collect();
    Ok(counts.join(" + "))
}

async fn spread_and_moved(context: &Context) -> Verdict {
    let ungrouped = moved(context).await?;
    if context.supports(Capability::ClientAck) {
        moved_unsettled(context).await?;
    }
    Ok(Passed::With(format!("without a group shared as {ungrouped}")))
}

/// A holder closes, with messages that it was not handed: the other gets them, and what comes later, in order.
async fn moved(context: &Context) -> Result<String, Failure> {
    let mut grouped = Grouped::new(context).await?;
    let (_first_session, first) = grouped.consumer(context, AckMode::Auto, None).await?;
    let (_second_session, second) = grouped.consumer(context, AckMode::Auto, None).await?;
    for _ in 0..5 {
        grouped.send(&["a", "b"]).await?;
    }
    let got = gather(context, &[&first, &second], 10).await?;
    let holder_of_a = holder(&got, "a")?;
    for group in ["a", "b"] {
        let holder = holder(&got, group)?;
        expect_list(&of_group(&got[holder], group), &grouped.texts(group, 1))?;
    }
    let (leaving, staying) = if holder_of_a == 0 {
        (&first, &second)
    } else {
        (&second, &first)
    };
    for _ in 0..5 {
        grouped.send(&["a", "b"]).await?;
    }
    // Some of these are delivered ahead to the one that leaves.
    context.quiet().await;
    leaving.close().await?;
    for _ in 0..5 {
        grouped.send(&["a", "b"]).await?;
    }
    let got = gather(context, &[staying], 20).await?.concat();
    for group in ["a", "b"] {
        expect_list(&of_group(&got, group), &grouped.texts(group, 6))?;
    }

    // Another joins: groups stay where they are, and what has no group is shared.
    let (_third_session, third) = grouped.consumer(context, AckMode::Auto, None).await?;
    let texts = numbered("ungrouped", 30);
    send_all(&grouped.producer, &texts).await?;
    let got = gather(context, &[staying, &third], texts.len()).await?;
    expect_set(&texts_of(&got.concat()), &texts)?;
    Ok(format!("{} + {}", got[0].len(), got[1].len()))
}

/// A holder's session closes with messages that it received and did not acknowledge.
async fn moved_unsettled(context: &Context) -> Result<(), Failure> {
    let mut grouped = Grouped::new(context).await?;
    let (holding, first) = grouped.consumer(context, AckMode::Client, None).await?;
    for _ in 0..4 {
        grouped.send(&["a"]).await?;
    }
    let held = context.receive_many(&first, 2).await?;
    expect_texts(&held, &["a 001", "a 002"])?;
    let (session, second) = grouped.consumer(context, AckMode::Client, None).await?;
    grouped.send(&["a"]).await?;
    // As long as the holder is there, it has the group.
    context.nothing(&second).await?;
    holding.close().await?;
    let got = gather(context, &[&second], 5).await?.concat();
    expect_set(&texts_of(&got), &grouped.texts("a", 1))?;
    session.close().await?;
    Ok(())
}
