//! What the broker costs beside a channel, both bounded alike and carrying the same messages: each made anew around a
//! shared body.

use std::{
    hint::black_box,
    num::NonZeroUsize,
    sync::Arc,
    time::{Duration, Instant},
};

use anymq_api::{Connection, Message, Queue};
use anymq_in_vm::{InVmBroker, QueueLimit};

use crate::{
    Effort,
    common::{Receiving, Sending, body, connect, one_thread, receiving, sending},
    median, nanos_each, rate, two_threads,
};

const MESSAGES: usize = 300_000;
/// What may wait, in the queue as in the channels.
pub(crate) const CAPACITY: NonZeroUsize = NonZeroUsize::new(1024).unwrap();

pub(crate) fn run(effort: Effort) {
    one_to_one(effort.rounds, effort.of(MESSAGES));
    one_task(effort.rounds, effort.of(MESSAGES));
}

/// One producer and one consumer, each a task of its own.
fn one_to_one(rounds: usize, messages: usize) {
    let runtime = two_threads();
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
    let runtime = one_thread();
    let times: Vec<_> = (0..rounds)
        .map(|_| nanos_each(runtime.block_on(round_trips(messages)), messages))
        .collect();
    println!("roundtrip one-task ns: {:.0}", median(times));
}

pub(crate) struct Ends {
    connection: Arc<dyn Connection>,
    sending: Sending,
    receiving: Receiving,
}

impl Ends {
    pub(crate) async fn of(broker: &InVmBroker) -> Self {
        let connection = connect(broker).await;
        let queue = Queue::new("bench").expect("a name");
        Self {
            sending: sending(&connection, &queue).await,
            receiving: receiving(&connection, &queue).await,
            connection,
        }
    }

    pub(crate) async fn round_trips(&self, messages: usize) -> Duration {
        let body = body(100);
        let begin = Instant::now();
        for _ in 0..messages {
            let message = Message::bytes(body.clone());
            self.sending.producer.send(message).await.expect("send");
            black_box(self.receiving.consumer.receive().await.expect("receive"));
        }
        begin.elapsed()
    }
}

pub(crate) fn bounded_broker() -> InVmBroker {
    let limit = QueueLimit::messages(CAPACITY);
    InVmBroker::builder().with_queue_limit(limit).build()
}

async fn through_anymq(messages: usize) {
    let ends = Ends::of(&bounded_broker()).await;
    let producer = Arc::clone(&ends.sending.producer);
    let body = body(100);
    let sender = tokio::spawn(async move {
        for _ in 0..messages {
            producer.send(Message::bytes(body.clone())).await.expect("send");
        }
    });
    let consumer = Arc::clone(&ends.receiving.consumer);
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
    let body = body(100);
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
    let body = body(100);
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
    let ends = Ends::of(&bounded_broker()).await;
    let elapsed = ends.round_trips(messages).await;
    ends.connection.close().await.expect("close");
    elapsed
}
