//! A queue that holds very many messages.

use std::{hint::black_box, time::Instant};

use anymq_api::{Message, Queue};
use anymq_in_vm::InVmBroker;

use crate::{
    Effort,
    common::{body, connect, one_thread, receiving, sending},
    median, nanos_each,
};

const MESSAGES: usize = 1_000_000;

pub(crate) fn run(effort: Effort) {
    let runtime = one_thread();
    let messages = effort.of(MESSAGES);
    let (mut filling, mut draining) = (Vec::new(), Vec::new());
    for _ in 0..effort.rounds {
        let (fill, drain) = runtime.block_on(fill_and_drain(messages));
        filling.push(fill);
        draining.push(drain);
    }
    println!("backlog {messages} fill ns per message: {:.0}", median(filling));
    println!("backlog {messages} drain ns per message: {:.0}", median(draining));
}

async fn fill_and_drain(messages: usize) -> (f64, f64) {
    let connection = connect(&InVmBroker::new()).await;
    let queue = Queue::new("bench").expect("a name");
    let sending = sending(&connection, &queue).await;
    let body = body(100);
    let begin = Instant::now();
    for _ in 0..messages {
        let message = Message::bytes(body.clone());
        sending.producer.send(message).await.expect("send");
    }
    let filled = begin.elapsed();
    let begin = Instant::now();
    let receiving = receiving(&connection, &queue).await;
    for _ in 0..messages {
        black_box(receiving.consumer.receive().await.expect("receive"));
    }
    let drained = begin.elapsed();
    connection.close().await.expect("close");
    (nanos_each(filled, messages), nanos_each(drained, messages))
}
