//! What the in-VM broker allocates, counted by the allocator of this benchmark. Counting takes time, so this is not
//! where time is measured.

#[path = "../common/mod.rs"]
mod common;

use std::sync::Arc;

use allocation_counter::{AllocationInfo, measure};
use anymq_api::{AckMode, Connection, Consumer, Message, Queue, Topic};
use anymq_in_vm::InVmBroker;
use bytes::Bytes;

use common::{Receiving, Sending, body, connect, count, idle, is_quick, one_thread, receiving, sending};

fn main() {
    let divisor = if is_quick() { 100 } else { 1 };
    for subscribers in [1, 1000] {
        for length in [100, 1 << 20] {
            fan_out(subscribers, length, 200_usize.div_ceil(divisor));
        }
    }
    backlog(1_000_000 / divisor);
    idle_consumers(10_000 / divisor);
}

/// What a delivery of one message to many subscribers allocates, whatever the length of the body, which all share.
fn fan_out(subscribers: usize, length: usize, messages: usize) {
    let runtime = one_thread();
    let (sending, receiving) = runtime.block_on(async {
        let connection = connect(&InVmBroker::new()).await;
        let topic = Topic::new("bench").expect("a name");
        let mut all = Vec::new();
        for _ in 0..subscribers {
            all.push(receiving(&connection, &topic).await);
        }
        (sending(&connection, &topic).await, all)
    });
    let body = body(length);
    let deliver = |times| runtime.block_on(deliver(&sending, &receiving, &body, times));
    // What is kept from the first message on is not of a delivery.
    deliver(messages.div_ceil(10));
    let used = measure(|| deliver(messages));
    let deliveries = count(messages * subscribers);
    let (allocations, bytes) = (each(used.count_total, deliveries), each(used.bytes_total, deliveries));
    println!("fan-out 1x{subscribers} {length} B allocations per delivery: {allocations:.3}");
    println!("fan-out 1x{subscribers} {length} B bytes allocated per delivery: {bytes:.1}");
}

async fn deliver(sending: &Sending, receiving: &[Receiving], body: &Bytes, messages: usize) {
    for _ in 0..messages {
        let message = Message::bytes(body.clone());
        sending.producer.send(message).await.expect("send");
        for subscriber in receiving {
            let received = subscriber
                .consumer
                .receive()
                .await
                .expect("receive")
                .expect("a message");
            let same = received.as_bytes().map(|bytes| bytes.as_ptr());
            assert_eq!(same, Some(body.as_ptr()), "a copy of the body");
        }
    }
}

/// What a message that waits takes, beyond the body that all share.
fn backlog(messages: usize) {
    let runtime = one_thread();
    let body = body(100);
    let queue = Queue::new("bench").expect("a name");
    let connection = runtime.block_on(connect(&InVmBroker::new()));
    let sending = runtime.block_on(sending(&connection, &queue));
    let used = measure(|| {
        runtime.block_on(async {
            for _ in 0..messages {
                let message = Message::bytes(body.clone());
                sending.producer.send(message).await.expect("send");
            }
        });
    });
    println!(
        "backlog {messages} bytes per message beyond its body: {:.1}",
        kept(used, messages)
    );
}

/// What a consumer takes, with its queue and the handle of it.
fn idle_consumers(number: usize) {
    let runtime = one_thread();
    let connection = runtime.block_on(connect(&InVmBroker::new()));
    let mut consumers = Vec::new();
    let used = measure(|| consumers = runtime.block_on(idle(&connection, number)));
    let bytes = kept(used, number);
    println!("idle {number} bytes per consumer with its queue and its session: {bytes:.0}");
    drop(consumers);

    let connection = runtime.block_on(connect(&InVmBroker::new()));
    let mut consumers = Vec::new();
    let used = measure(|| consumers = runtime.block_on(idle_in_one_session(&connection, number)));
    let bytes = kept(used, number);
    println!("idle {number} bytes per consumer with its queue, in one session: {bytes:.0}");
    drop(consumers);
}

async fn idle_in_one_session(connection: &Arc<dyn Connection>, number: usize) -> Vec<Arc<dyn Consumer>> {
    let session = connection.create_session(AckMode::Auto).await.expect("a session");
    let mut consumers = Vec::new();
    for n in 0..number {
        let queue = Queue::new(format!("idle.{n}")).expect("a name");
        consumers.push(session.create_consumer(&queue).await.expect("a consumer"));
    }
    consumers
}

/// Of what was not freed since.
fn kept(used: AllocationInfo, number: usize) -> f64 {
    let bytes = usize::try_from(used.bytes_current).expect("more is kept than was freed");
    count(bytes) / count(number)
}

fn each(total: u64, number: f64) -> f64 {
    count(usize::try_from(total).expect("a count")) / number
}
