//! Many at one queue, beside the channels that let as many in.

use std::{
    hint::black_box,
    sync::{
        Arc,
        atomic::{AtomicUsize, Ordering},
    },
};

use anymq_api::{Message, Queue};
use tokio::{sync::Notify, task::JoinSet};

use crate::{
    Effort,
    channels::{CAPACITY, bounded_broker},
    common::{body, connect, receiving, sending},
    median, rate, two_threads,
};

/// Producers, and consumers where there may be several.
const MANY: usize = 8;
/// Of each producer.
const MESSAGES: usize = 40_000;

pub(crate) fn run(effort: Effort) {
    let runtime = two_threads();
    let each = effort.of(MESSAGES);
    let all = MANY * each;
    let (mut anymq, mut flume) = (Vec::new(), Vec::new());
    let (mut anymq_to_one, mut tokio_to_one) = (Vec::new(), Vec::new());
    for _ in 0..effort.rounds {
        anymq.push(rate(&runtime, all, through_anymq(each, MANY)));
        flume.push(rate(&runtime, all, through_flume(each)));
        anymq_to_one.push(rate(&runtime, all, through_anymq(each, 1)));
        tokio_to_one.push(rate(&runtime, all, through_tokio(each)));
    }
    let (anymq, flume) = (median(anymq), median(flume));
    let (anymq_to_one, tokio_to_one) = (median(anymq_to_one), median(tokio_to_one));
    println!("anymq 8x8 100 B auto-ack msg/s: {anymq:.0}");
    println!("flume 8x8 msg/s: {flume:.0}");
    println!("ratio flume 8x8: {:.2}", anymq / flume);
    println!("anymq 8x1 100 B auto-ack msg/s: {anymq_to_one:.0}");
    println!("tokio-mpsc 8x1 msg/s: {tokio_to_one:.0}");
    println!("ratio tokio-mpsc 8x1: {:.2}", anymq_to_one / tokio_to_one);
}

/// Says when everything has arrived, whoever received it. All candidates count by it.
struct Countdown {
    left: AtomicUsize,
    done: Notify,
}

impl Countdown {
    fn new(messages: usize) -> Arc<Self> {
        Arc::new(Self {
            left: AtomicUsize::new(messages),
            done: Notify::new(),
        })
    }

    fn arrived(&self) {
        if self.left.fetch_sub(1, Ordering::Relaxed) == 1 {
            self.done.notify_one();
        }
    }
}

async fn through_anymq(each: usize, consumers: usize) {
    let connection = connect(&bounded_broker()).await;
    let queue = Queue::new("bench").expect("a name");
    let countdown = Countdown::new(MANY * each);
    let body = body(100);
    let mut tasks = JoinSet::new();
    for _ in 0..consumers {
        let receiving = receiving(&connection, &queue).await;
        let countdown = Arc::clone(&countdown);
        tasks.spawn(async move {
            // Closing ends it.
            while let Ok(Some(message)) = receiving.consumer.receive().await {
                black_box(message);
                countdown.arrived();
            }
        });
    }
    for _ in 0..MANY {
        let sending = sending(&connection, &queue).await;
        let body = body.clone();
        tasks.spawn(async move {
            for _ in 0..each {
                let message = Message::bytes(body.clone());
                sending.producer.send(message).await.expect("send");
            }
        });
    }
    countdown.done.notified().await;
    connection.close().await.expect("close");
    tasks.join_all().await;
}

async fn through_flume(each: usize) {
    let (sender, receiver) = flume::bounded(CAPACITY.get());
    let countdown = Countdown::new(MANY * each);
    let body = body(100);
    let mut tasks = JoinSet::new();
    for _ in 0..MANY {
        let (receiver, countdown) = (receiver.clone(), Arc::clone(&countdown));
        tasks.spawn(async move {
            while let Ok(message) = receiver.recv_async().await {
                black_box(message);
                countdown.arrived();
            }
        });
        let (sender, body) = (sender.clone(), body.clone());
        tasks.spawn(async move {
            for _ in 0..each {
                sender.send_async(Message::bytes(body.clone())).await.expect("send");
            }
        });
    }
    drop(sender);
    countdown.done.notified().await;
    tasks.join_all().await;
}

/// To one consumer only: it has no more.
async fn through_tokio(each: usize) {
    let (sender, mut receiver) = tokio::sync::mpsc::channel(CAPACITY.get());
    let countdown = Countdown::new(MANY * each);
    let body = body(100);
    let mut tasks = JoinSet::new();
    let arrivals = Arc::clone(&countdown);
    tasks.spawn(async move {
        while let Some(message) = receiver.recv().await {
            black_box(message);
            arrivals.arrived();
        }
    });
    for _ in 0..MANY {
        let (sender, body) = (sender.clone(), body.clone());
        tasks.spawn(async move {
            for _ in 0..each {
                sender.send(Message::bytes(body.clone())).await.expect("send");
            }
        });
    }
    drop(sender);
    countdown.done.notified().await;
    tasks.join_all().await;
}
