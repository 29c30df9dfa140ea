//! PRI: priority.

use std::{num::NonZeroU32, sync::Arc};

use anymq_api::{AckMode, Consumer, ConsumerOptions, Message, Priority, Producer, Received, SendOptions};

use super::{
    Context, Failure, Pair, Passed, Verdict, expect_list, expect_set,
    later::{all_that_comes, fed},
    texts_of,
};

cases! {
    "PRI-01" => expedited_first,
    "PRI-02" => order_of_sending,
    "PRI-03" => ten_levels,
}

const LEVELS: std::ops::RangeInclusive<u8> = 0..=9;

/// A queue whose messages wait for a consumer.
async fn unattended(context: &Context) -> Result<Pair, Failure> {
    let pair = fed(context, AckMode::Auto).await?;
    pair.consumer.close().await?;
    Ok(pair)
}

async fn send(producer: &Arc<dyn Producer>, level: u8, text: &str) -> Result<(), Failure> {
    let options = SendOptions::new().with_priority(Priority::new(level)?);
    let receipt = producer.send_with(Message::text(text), options).await?;
    ensure_eq!(receipt.priority().level(), level, "the priority of {text:?}");
    Ok(())
}

/// A consumer that takes as little ahead as there is: what it holds cannot be overtaken.
async fn consume(context: &Context, pair: &Pair) -> Result<Arc<dyn Consumer>, Failure> {
    let options = ConsumerOptions::new().with_prefetch(NonZeroU32::MIN);
    context.consumer_with(&pair.session, &pair.destination, options).await
}

/// The whole backlog, and nothing more.
async fn backlog(context: &Context, pair: &Pair, count: usize) -> Result<Vec<Received>, Failure> {
    let consumer = consume(context, pair).await?;
    all_that_comes(context, &consumer, count).await
}

async fn expedited_first(context: &Context) -> Verdict {
    for normal in 0..=Priority::DEFAULT.level() {
        let pair = unattended(context).await?;
        let mut texts = Vec::new();
        for number in 0..5 {
            let text = format!("{normal}: {number}");
            send(&pair.producer, normal, &text).await?;
            texts.push(text);
        }
        send(&pair.producer, 9, "expedited").await?;
        texts.insert(0, "expedited".to_owned());
        let all = backlog(context, &pair, texts.len()).await?;
        expect_list(&texts_of(&all), &texts)?;
        ensure_eq!(all[0].priority(), Priority::HIGHEST, "the receiver's priority");
    }
    Ok(Passed::AsStated)
}

async fn order_of_sending(context: &Context) -> Verdict {
    const EACH: usize = 20;
    let pair = unattended(context).await?;
    let mut sent = Vec::new();
    for number in 0..EACH {
        for level in LEVELS {
            let text = format!("{level}: {number:02}");
            send(&pair.producer, level, &text).await?;
            sent.push(text);
        }
    }
    let got = texts_of(&backlog(context, &pair, sent.len()).await?);
    expect_set(&got, &sent)?;
    for level in LEVELS {
        let prefix = format!("{level}: ");
        let of_level =
            |texts: &[String]| -> Vec<_> { texts.iter().filter(|text| text.starts_with(&prefix)).cloned().collect() };
        expect_list(&of_level(&got), &of_level(&sent))?;
    }
    Ok(Passed::AsStated)
}

async fn ten_levels(context: &Context) -> Verdict {
    const ROUNDS: usize = 3;
    let pair = unattended(context).await?;
    // From the lowest to the highest, so that levels that are one keep the wrong order.
    for round in 0..ROUNDS {
        for level in LEVELS {
            send(&pair.producer, level, &format!("{level}.{round}")).await?;
        }
    }
    let expected: Vec<_> = LEVELS
        .rev()
        .flat_map(|level| (0..ROUNDS).map(move |round| format!("{level}.{round}")))
        .collect();
    let all = backlog(context, &pair, expected.len()).await?;
    let got = texts_of(&all);
    expect_set(&got, &expected)?;
    for (received, text) in all.iter().zip(&got) {
        let level = received.priority().level().to_string();
        ensure!(text.starts_with(&level), "{text:?} came with priority {level}");
    }
    let count = levels(&got);
    match expect_list(&got, &expected) {
        Ok(()) => Ok(Passed::AsStated),
        Err(failure) if context.harness().target() == "in-vm" || count < 2 => Err(failure),
        Err(_) => Ok(Passed::Observed(format!(
            "{count} levels, in the order {}",
            got.join(" ")
        ))),
    }
}

/// How many levels are told apart: all of a level come before the first of the next lower one.
fn levels(got: &[String]) -> usize {
    let is_of = |text: &String, level: u8| text.starts_with(&level.to_string());
    let first = |level| got.iter().position(|text| is_of(text, level));
    let last = |level| got.iter().rposition(|text| is_of(text, level));
    let apart = LEVELS.skip(1).filter(|level| last(*level) < first(level - 1));
    1 + apart.count()
}

#[cfg(test)]
mod tests {
    use super::levels;

    fn of(texts: &str) -> usize {
        let all: Vec<_> = texts.split(' ').map(ToOwned::to_owned).collect();
        levels(&all)
    }

    #[test]
    fn levels_are_what_is_told_apart() {
        assert_eq!(of("9 9 8 8 7 7 6 6 5 5 4 4 3 3 2 2 1 1 0 0"), 10);
        assert_eq!(of("0 1 2 3 4 5 6 7 8 9 0 1 2 3 4 5 6 7 8 9"), 1);
        assert_eq!(of("5 6 7 8 9 5 6 7 8 9 0 1 2 3 4 0 1 2 3 4"), 2);
        assert_eq!(of("8 9 8 9 6 7 6 7 4 5 4 5 2 3 2 3 0 1 0 1"), 5);
    }
}
