//! What the MQTT provider costs beside bare rumqttc, on one Mosquitto.
//!
//! Rounds alternate, and medians are compared, so that a noisy machine disturbs all alike. Each has a connection and a topic of
//! its own, publishes there and receives at the same time, with at most 500 messages under way. It is over when all are
//! received, and with QoS 1 confirmed. Messages that are confirmed one by one are for nobody.
//!
//! rumqttc sends as little as it can and acknowledges by itself, and, as a third, sends the same messages as the provider and
//! acknowledges each by a call (`rumqttc-alike`).
//! `cargo bench -p anymq-conformance --bench mqtt`

mod adapter;
mod bare;
#[path = "../../tests/common/mod.rs"]
mod common;
#[path = "../amqp/effort.rs"]
mod effort;
#[path = "../amqp/rates.rs"]
mod rates;

use std::time::Duration;

use anymq_conformance::broker::{Mosquitto, MosquittoOptions};
use rumqttc::v5::mqttbytes::QoS;
use tokio::runtime::Builder;

use adapter::Adapter;
use bare::Bare;
use effort::Effort;
use rates::{Figure, rate, tell};

/// How many messages may be under way.
const WINDOW: usize = 500;

/// Where nobody listens.
const NOBODY: &str = "bench/nobody";

/// Longer than anything here takes.
const LIMIT: Duration = Duration::from_secs(900);

/// Messages per second of one round.
#[derive(Clone, Copy)]
struct Rates {
    confirm_each: f64,
    qos0: f64,
    qos1: f64,
}

fn main() {
    let runtime = Builder::new_multi_thread().worker_threads(2).enable_all().build();
    let measured = async {
        let options = MosquittoOptions::default();
        if let Some(broker) = common::mosquitto_with("benchmark mqtt", options).await {
            tokio::time::timeout(LIMIT, measure(&broker)).await.expect("in time");
        }
    };
    let runtime = runtime.expect("a runtime");
    // In a task, as a server's work is: what the main thread waits for costs a wake-up of its own each time.
    let task = runtime.spawn(measured);
    runtime.block_on(task).expect("a measurement");
}

async fn measure(broker: &Mosquitto) {
    let adapter = Adapter::connect(&broker.mqtt_url()).await;
    let bare = Bare::connect(broker.port(), "bench/rumqttc", None).await;
    let properties = bare::properties_of(broker.port(), adapter::TOPIC, adapter.one()).await;
    let alike = Bare::connect(broker.port(), "bench/alike", Some(properties)).await;
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
}

/// Messages of a round with many under way: this broker is fast.
fn many(effort: Effort) -> u32 {
    effort.many * 4
}

async fn of_adapter(adapter: &Adapter, body: &[u8], effort: Effort) -> Rates {
    let confirm_each = rate(effort.single, adapter.confirm_each(body, effort.single)).await;
    adapter.publish_with(QoS::AtMostOnce);
    let qos0 = rate(many(effort), adapter.pipelined(body, many(effort))).await;
    adapter.publish_with(QoS::AtLeastOnce);
    let qos1 = rate(many(effort), adapter.pipelined(body, many(effort))).await;
    Rates {
        confirm_each,
        qos0,
        qos1,
    }
}

async fn of_bare(bare: &Bare, body: &[u8], effort: Effort) -> Rates {
    let pipelined = async |qos| rate(many(effort), bare.pipelined(body, qos, many(effort))).await;
    Rates {
        confirm_each: rate(effort.single, bare.confirm_each(body, effort.single)).await,
        qos0: pipelined(QoS::AtMostOnce).await,
        qos1: pipelined(QoS::AtLeastOnce).await,
    }
}

fn report(effort: Effort, ours: &[Rates], theirs: &[Rates], same: &[Rates]) {
    let size = effort.name;
    let subjects: [(&str, Figure<Rates>); 3] = [
        ("confirm-each", |rates| rates.confirm_each),
        ("pipelined-qos0", |rates| rates.qos0),
        ("pipelined-qos1", |rates| rates.qos1),
    ];
    for (subject, of) in subjects {
        tell(subject, size, of, ours, &[("rumqttc", theirs), ("rumqttc-alike", same)]);
    }
}
