//! What the AMQP provider costs beside bare lapin, on one broker.
//!
//! Rounds alternate between the two, and medians are compared, so that a noisy machine disturbs both alike. Each has a
//! connection and a queue of its own; messages are persistent, and what cannot be routed would come back. Each message is
//! acknowledged by a call of its own; what the provider makes of many such calls is its affair.
//!
//! lapin sends as little as it can, and, as a third, the same messages as the provider (`lapin-alike`): what they have
//! beside their body costs the broker something as well, and is what the API is for.
//! `cargo bench -p anymq-conformance --bench amqp`

mod adapter;
mod bare;
#[path = "../../tests/common/mod.rs"]
mod common;
mod effort;
mod rates;

use std::time::Duration;

use anymq::DeliveryMode;
use anymq_conformance::broker::RabbitMq;
use tokio::runtime::Builder;

use adapter::Adapter;
use bare::Bare;
use effort::Effort;
use rates::{Figure, rate, tell};

/// How many sends may wait for their confirmation, and how many deliveries for their acknowledgement.
const WINDOW: u16 = 500;

/// Longer than anything here takes.
const LIMIT: Duration = Duration::from_secs(600);

/// Messages per second of one round.
#[derive(Clone, Copy)]
struct Rates {
    confirm_each: f64,
    window: f64,
    ack_each: f64,
}

fn main() {
    let runtime = Builder::new_multi_thread().worker_threads(2).enable_all().build();
    let measured = async {
        if let Some(rabbit) = common::rabbit("benchmark amqp").await {
            tokio::time::timeout(LIMIT, measure(&rabbit)).await.expect("in time");
        }
    };
    let runtime = runtime.expect("a runtime");
    // In a task, as a server's work is: what the main thread waits for costs a wake-up of its own each time.
    let task = runtime.spawn(measured);
    runtime.block_on(task).expect("a measurement");
}

async fn measure(rabbit: &RabbitMq) {
    let url = rabbit.amqp_url();
    let adapter = Adapter::connect(&url, DeliveryMode::Persistent).await;
    let bare = Bare::connect(&url, "bench.lapin").await;
    let mut alike = Bare::connect(&url, "bench.alike").await;
    adapter.confirm_each(&[], 1).await;
    alike.imitate(adapter::QUEUE).await;
    for effort in Effort::all() {
        let body = vec![b'x'; effort.size];
        let (mut ours, mut theirs, mut same) = (Vec::new(), Vec::new(), Vec::new());
        for _ in 0..effort.rounds {
            ours.push(of_adapter(&adapter, &body, effort).await);
            theirs.push(of_bare(&bare, &body, effort).await);
            same.push(of_bare(&alike, &body, effort).await);
        }
        report(effort, &ours, &theirs, &same);
    }
    adapter.close().await;
    bare.close().await;
    alike.close().await;
    assert_all_acknowledged(rabbit).await;
}

/// An acknowledgement has no answer: that all were heard shows here.
async fn assert_all_acknowledged(rabbit: &RabbitMq) {
    let left = rabbit.ctl(&["eval", "[rabbit_amqqueue:stat(Q) || Q <- rabbit_amqqueue:list()]."]);
    assert_eq!(left.await.expect("the queues").trim(), "[{ok,0,0},{ok,0,0},{ok,0,0}]");
}

async fn of_adapter(adapter: &Adapter, body: &[u8], effort: Effort) -> Rates {
    let confirm_each = rate(effort.single, adapter.confirm_each(body, effort.single)).await;
    adapter.drain(effort.single).await;
    let window = rate(effort.many, adapter.window(body, effort.many)).await;
    let ack_each = rate(effort.many, adapter.drain(effort.many)).await;
    Rates {
        confirm_each,
        window,
        ack_each,
    }
}

async fn of_bare(bare: &Bare, body: &[u8], effort: Effort) -> Rates {
    let confirm_each = rate(effort.single, bare.confirm_each(body, effort.single)).await;
    bare.drain(effort.single).await;
    let window = rate(effort.many, bare.window(body, effort.many)).await;
    let ack_each = rate(effort.many, bare.drain(effort.many)).await;
    Rates {
        confirm_each,
        window,
        ack_each,
    }
}

fn report(effort: Effort, ours: &[Rates], theirs: &[Rates], same: &[Rates]) {
    let size = effort.name;
    let subjects: [(&str, Figure<Rates>); 3] = [
        ("confirm-each", |rates| rates.confirm_each),
        ("window-500", |rates| rates.window),
        ("ack-each", |rates| rates.ack_each),
    ];
    for (subject, of) in subjects {
        tell(subject, size, of, ours, &[("lapin", theirs), ("lapin-alike", same)]);
    }
}
