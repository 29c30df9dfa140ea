//! What the STOMP provider costs beside its bare codec on a socket, and beside stomp-rs, on one ActiveMQ.
//!
//! Rounds alternate, and medians are compared, so that a noisy machine disturbs all alike. Each has a connection and a queue
//! of its own; messages are not persistent, as the broker would wait for its disk after each, and the bare codec sends the same headers as the provider. Each message is
//! acknowledged by a frame of its own.
//! `cargo bench -p anymq-conformance --bench stomp`

#[path = "../amqp/adapter.rs"]
mod adapter;
mod bare;
#[path = "../../tests/common/mod.rs"]
mod common;
#[path = "../amqp/effort.rs"]
mod effort;
#[path = "../amqp/rates.rs"]
mod rates;
mod stomp_rs_client;

use std::time::Duration;

use anymq::DeliveryMode;
use anymq_conformance::broker::{ActiveMq, ActiveMqOptions};
use tokio::runtime::Builder;

use adapter::Adapter;
use bare::Bare;
use effort::Effort;
use rates::{Figure, rate, tell};
use stomp_rs_client::StompRs;

/// How many sends may wait for their receipt, and how many deliveries for their acknowledgement.
const WINDOW: u16 = 500;

/// Longer than anything here takes.
const LIMIT: Duration = Duration::from_secs(900);

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
        // stomp-rs can give no name.
        let options = ActiveMqOptions::default().with_anonymous();
        if let Some(broker) = common::active_with("benchmark stomp", options).await {
            tokio::time::timeout(LIMIT, measure(&broker)).await.expect("in time");
        }
    };
    let runtime = runtime.expect("a runtime");
    // In a task, as a server's work is: what the main thread waits for costs a wake-up of its own each time.
    let task = runtime.spawn(measured);
    runtime.block_on(task).expect("a measurement");
}

async fn measure(broker: &ActiveMq) {
    let adapter = Adapter::connect(&broker.stomp_url(), DeliveryMode::NonPersistent).await;
    let mut bare = Bare::connect(broker.port()).await;
    let stomp_rs = StompRs::connect(broker.port()).await;
    for effort in Effort::all() {
        let body = vec![b'x'; effort.size];
        let (mut ours, mut bares, mut theirs) = (Vec::new(), Vec::new(), Vec::new());
        for _ in 0..effort.rounds {
            ours.push(of_adapter(&adapter, &body, effort).await);
            bares.push(of_bare(&mut bare, &body, effort).await);
            theirs.push(of_stomp_rs(&stomp_rs, &mut bare, &body, effort).await);
        }
        report(effort, &ours, &bares, &theirs);
    }
    adapter.close().await;
    bare.close().await;
    assert_all_acknowledged(broker).await;
}

/// An acknowledgement has no answer: that all were heard shows here.
async fn assert_all_acknowledged(broker: &ActiveMq) {
    let holdings = broker.holdings().await.expect("what the broker holds");
    let queues = holdings
        .destinations
        .iter()
        .filter(|queue| queue.name.starts_with("queue://bench."));
    let left: Vec<_> = queues.filter(|queue| queue.messages > 0).collect();
    assert!(left.is_empty(), "{left:?}");
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

async fn of_bare(bare: &mut Bare, body: &[u8], effort: Effort) -> Rates {
    let confirm_each = rate(effort.single, bare.confirm_each(body, effort.single)).await;
    bare.drain(bare::QUEUE, effort.single).await;
    let window = rate(effort.many, bare.window(body, effort.many)).await;
    let ack_each = rate(effort.many, bare.drain(bare::QUEUE, effort.many)).await;
    Rates {
        confirm_each,
        window,
        ack_each,
    }
}

/// It takes much longer, so it does less; what it sent is taken by the codec.
async fn of_stomp_rs(client: &StompRs, bare: &mut Bare, body: &[u8], effort: Effort) -> Rates {
    let (single, many) = (effort.single / 4, effort.many / 10);
    let confirm_each = rate(single, client.confirm_each(body, single)).await;
    let window = rate(many, client.window(body, many)).await;
    bare.drain(stomp_rs_client::QUEUE, single + many).await;
    Rates {
        confirm_each,
        window,
        ack_each: f64::NAN,
    }
}

fn report(effort: Effort, ours: &[Rates], bares: &[Rates], theirs: &[Rates]) {
    let size = effort.name;
    let subjects: [(&str, Figure<Rates>); 3] = [
        ("confirm-each", |rates| rates.confirm_each),
        ("window-500", |rates| rates.window),
        ("ack-each", |rates| rates.ack_each),
    ];
    for (subject, of) in subjects {
        tell(subject, size, of, ours, &[("codec", bares), ("stomp-rs", theirs)]);
    }
}
