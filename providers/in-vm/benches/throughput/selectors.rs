//! Selectors, by themselves and at work in a topic.

use std::{
    hint::black_box,
    time::{Duration, Instant},
};

use anymq_api::{
    AckMode, Address, ConsumerOptions, DestinationKind, Envelope, Headers, Message, Result, Selector, Topic,
};
use anymq_in_vm::InVmBroker;

use crate::{
    Effort,
    common::{body, connect, count, one_thread, sending},
    median, nanos_each,
};

/// Of one topic, each with a selector of its own.
const SUBSCRIBERS: i32 = 1000;
/// How often each subscriber gets a message.
const TURNS: usize = 5;
const EVALUATIONS: usize = 2_000_000;

pub(crate) fn run(effort: Effort) {
    let direct: Vec<_> = (0..effort.rounds)
        .map(|_| evaluate(effort.of(EVALUATIONS)).expect("a selector and what it suits"))
        .collect();
    println!("selector evaluations/s: {:.0}", median(direct));
    let runtime = one_thread();
    let turns = effort.of(TURNS);
    let messages = turns * usize::try_from(SUBSCRIBERS).expect("a number");
    let times = runtime
        .block_on(select(effort.rounds, turns))
        .expect("messages that arrive");
    let nanos = median(times.into_iter().map(|elapsed| nanos_each(elapsed, messages)).collect());
    println!("selectors 1x{SUBSCRIBERS} ns per message: {nanos:.0}");
    println!(
        "selectors 1x{SUBSCRIBERS} ns per evaluation: {:.1}",
        nanos / f64::from(SUBSCRIBERS)
    );
}

/// Evaluations per second.
fn evaluate(evaluations: usize) -> Result<f64> {
    let selector = Selector::parse("n = 7 AND s = 'blue'")?;
    let address = Address::new(DestinationKind::Topic, "bench")?;
    let message = Message::bytes(body(100))
        .with_property("n", 7)?
        .with_property("s", "blue")?;
    let envelope = Envelope::new(Headers::new(address), message);
    let begin = Instant::now();
    let matches = (0..evaluations).filter(|_| black_box(&selector).matches(black_box(&envelope)));
    assert_eq!(matches.count(), evaluations);
    Ok(count(evaluations) / begin.elapsed().as_secs_f64())
}

/// Each message passes every selector, and suits one.
async fn select(rounds: usize, turns: usize) -> Result<Vec<Duration>> {
    let connection = connect(&InVmBroker::new()).await;
    let topic = Topic::new("bench")?;
    let session = connection.create_session(AckMode::Auto).await?;
    let mut subscribers = Vec::new();
    for n in 0..SUBSCRIBERS {
        let options = ConsumerOptions::new().with_selector(format!("n = {n}"));
        subscribers.push((n, session.create_consumer_with(&topic, options).await?));
    }
    let sending = sending(&connection, &topic).await;
    let body = body(100);
    let mut times = Vec::new();
    for _ in 0..rounds {
        let begin = Instant::now();
        for _ in 0..turns {
            for (n, subscriber) in &subscribers {
                let message = Message::bytes(body.clone()).with_property("n", *n)?;
                sending.producer.send(message).await?;
                black_box(subscriber.receive().await?);
            }
        }
        times.push(begin.elapsed());
    }
    connection.close().await?;
    Ok(times)
}
