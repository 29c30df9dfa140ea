//! One topic and many subscribers, each of which receives everything.

use std::{
    hint::black_box,
    time::{Duration, Instant},
};

use anymq_api::{Message, Topic};
use anymq_in_vm::InVmBroker;

use crate::{
    Effort,
    common::{Receiving, Sending, body, connect, one_thread, receiving, sending},
    median, nanos_each,
};

const SUBSCRIBERS: [usize; 4] = [1, 8, 64, 1000];
/// Of one round.
const DELIVERIES: usize = 200_000;

pub(crate) fn run(effort: Effort) {
    let runtime = one_thread();
    let topics: Vec<_> = SUBSCRIBERS.map(|number| runtime.block_on(Fan::out_to(number))).into();
    let mut times = SUBSCRIBERS.map(|_| Vec::new());
    for _ in 0..effort.rounds {
        for (fan, times) in topics.iter().zip(&mut times) {
            let messages = effort.of(DELIVERIES).div_ceil(fan.subscribers.len());
            let elapsed = runtime.block_on(fan.send(messages));
            times.push(nanos_each(elapsed, messages * fan.subscribers.len()));
        }
    }
    for (number, times) in SUBSCRIBERS.into_iter().zip(times) {
        println!("fan-out 1x{number} ns per delivery: {:.0}", median(times));
    }
}

struct Fan {
    sending: Sending,
    subscribers: Vec<Receiving>,
}

impl Fan {
    async fn out_to(number: usize) -> Self {
        let connection = connect(&InVmBroker::new()).await;
        let topic = Topic::new("bench").expect("a name");
        let mut subscribers = Vec::new();
        for _ in 0..number {
            subscribers.push(receiving(&connection, &topic).await);
        }
        Self {
            sending: sending(&connection, &topic).await,
            subscribers,
        }
    }

    /// Sends, and has every subscriber receive before it sends again.
    async fn send(&self, messages: usize) -> Duration {
        let body = body(100);
        let begin = Instant::now();
        for _ in 0..messages {
            let message = Message::bytes(body.clone());
            self.sending.producer.send(message).await.expect("send");
            for subscriber in &self.subscribers {
                black_box(subscriber.consumer.receive().await.expect("receive"));
            }
        }
        begin.elapsed()
    }
}
