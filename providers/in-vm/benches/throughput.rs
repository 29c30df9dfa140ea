//! What the in-VM broker costs beside a channel, both bounded alike and carrying the same messages: each made anew
//! around a shared body.
//!
//! Rounds alternate between the candidates, and medians are compared, so that a noisy machine disturbs all alike.

use std::{
    future::Future,
    hint::black_box,
    num::NonZeroUsize,
    sync::Arc,
    time::{Duration, Instant},
};

use anymq_api::{
    AckMode, Connection, Consumer, Message, Producer, Queue, Session,
    kernel::{FactoryOptions, factory},
};
use anymq_in_vm::{InVmBroker, QueueLimit};
use bytes::Bytes;
use tokio::runtime::{Builder, Runtime};

const ROUNDS: usize = 7;
const MESSAGES: usize = 300_000;
/// What may wait, in the queue as in the channels.
const CAPACITY: NonZeroUsize = NonZeroUsize::new(1024).unwrap();

fn main() {
    // `cargo test --benches` only wants to see it run.
    let quick = std::env::args().any(|argument| argument == "--test");
    let (rounds, messages) = if quick { (1, 1000) } else { (ROUNDS, MESSAGES) };
    one_to_one(rounds, messages);
    one_task(rounds, messages);
}

/// One producer and one consumer, each a task of its own.
fn one_to_one(rounds: usize, messages: usize) {
    let runtime = Builder::new_multi_thread()
        .worker_threads(2)
        .enable_all()
        .build()
        .expect("a runtime");
    let (mut anymq, mut tokio, mut flume) = (Vec::new(), Vec::new(), Vec::new());
    for _ in 0..rounds {
        anymq.push(rate(&runtime, messages, through_anymq(messages)));
        tokio.push(rate(&runtime, messages, through_tokio(messages)));
        flume.push(rate(&runtime, messages, through_flume(messages)));
    }
    let (anymq, tokio, flume) = (median(anymq), median(tokio), median(flume));
    println!("anymq 1x1 100 B auto-ack msg/s: {anymq:.0}");
    println!("tokio-mpsc 1x1 msg/s: {tokio:.0}");
    println!("flume 1x1 msg/s: {flume:.0}");
    println!("ratio tokio-mpsc 1x1: {:.2}", anymq / tokio);
    println!("ratio flume 1x1: {:.2}", anymq / flume);
}

/// Send, receive and acknowledge, one after the other in one task.
fn one_task(rounds: usize, messages: usize) {
    let runtime = Builder::new_current_thread().enable_all().build().expect("a runtime");
    let times: Vec<_> = (0..rounds)
        .map(|_| runtime.block_on(round_trips(messages)).as_secs_f64() * 1e9 / count(messages))
        .collect();
    println!("roundtrip one-task ns: {:.0}", median(times));
}

/// The body that all messages share.
fn body() -> Bytes {
    vec![b'x'; 100].into()
}

struct Ends {
    connection: Arc<dyn Connection>,
    producer: Arc<dyn Producer>,
    consumer: Arc<dyn Consumer>,
    /// Sending and receiving tasks have a session each, as JMS wants it.
    _sessions: [Arc<dyn Session>; 2],
}

async fn ends() -> Ends {
    let limit = QueueLimit::messages(CAPACITY);
    let broker = InVmBroker::builder().with_queue_limit(limit).build();
    let factory = factory(Arc::new(broker.driver()), FactoryOptions::new());
    let connection = factory.create_connection().await.expect("a connection");
    connection.start().await.expect("start");
    let sending = connection.create_session(AckMode::Auto).await.expect("a session");
    let receiving = connection.create_session(AckMode::Auto).await.expect("a session");
    let queue = Queue::new("bench").expect("a name");
    Ends {
        producer: sending.create_producer(&queue).await.expect("a producer"),
        consumer: receiving.create_consumer(&queue).await.expect("a consumer"),
        connection,
        _sessions: [sending, receiving],
    }
}

async fn through_anymq(messages: usize) {
    let ends = ends().await;
    let producer = Arc::clone(&ends.producer);
    let body = body();
    let sender = tokio::spawn(async move {
        for _ in 0..messages {
            producer.send(Message::bytes(body.clone())).await.expect("send");
        }
    });
    let consumer = Arc::clone(&ends.consumer);
    let receiver = tokio::spawn(async move {
        for _ in 0..messages {
            black_box(consumer.receive().await.expect("receive"));
        }
    });
    sender.await.expect("the sender");
    receiver.await.expect("the receiver");
    ends.connection.close().await.expect("close");
}

async fn through_tokio(messages: usize) {
    let (sender, mut receiver) = tokio::sync::mpsc::channel(CAPACITY.get());
    let body = body();
    let sending = tokio::spawn(async move {
        for _ in 0..messages {
            sender.send(Message::bytes(body.clone())).await.expect("send");
        }
    });
    let receiving = tokio::spawn(async move {
        for _ in 0..messages {
            black_box(receiver.recv().await.expect("receive"));
        }
    });
    sending.await.expect("the sender");
    receiving.await.expect("the receiver");
}

async fn through_flume(messages: usize) {
    let (sender, receiver) = flume::bounded(CAPACITY.get());
    let body = body();
    let sending = tokio::spawn(async move {
        for _ in 0..messages {
            sender.send_async(Message::bytes(body.clone())).await.expect("send");
        }
    });
    let receiving = tokio::spawn(async move {
        for _ in 0..messages {
            black_box(receiver.recv_async().await.expect("receive"));
        }
    });
    sending.await.expect("the sender");
    receiving.await.expect("the receiver");
}

async fn round_trips(messages: usize) -> Duration {
    let ends = ends().await;
    let body = body();
    let begin = Instant::now();
    for _ in 0..messages {
        ends.producer.send(Message::bytes(body.clone())).await.expect("send");
        black_box(ends.consumer.receive().await.expect("receive"));
    }
    let elapsed = begin.elapsed();
    ends.connection.close().await.expect("close");
    elapsed
}

fn rate(runtime: &Runtime, messages: usize, transfer: impl Future<Output = ()>) -> f64 {
    let begin = Instant::now();
    runtime.block_on(transfer);
    count(messages) / begin.elapsed().as_secs_f64()
}

#[allow(clippy::cast_precision_loss, reason = "far below 2^52")]
fn count(messages: usize) -> f64 {
    messages as f64
}

fn median(mut values: Vec<f64>) -> f64 {
    values.sort_by(f64::total_cmp);
    values[values.len() / 2]
}
