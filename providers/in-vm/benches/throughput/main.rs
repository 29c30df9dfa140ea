//! How fast the in-VM broker is, beside channels where they do something alike.
//!
//! Rounds alternate between the candidates, and medians are compared, so that a noisy machine disturbs all alike.
//! `cargo bench --bench throughput -- fan-out idle` runs these subjects only.

#[path = "../common/mod.rs"]
mod common;

mod backlog;
mod channels;
mod contention;
mod fan_out;
mod idle;
mod selectors;

use std::{
    future::Future,
    time::{Duration, Instant},
};

use tokio::runtime::{Builder, Runtime};

use common::{count, is_quick};

/// A name and what measures it.
type Subject = (&'static str, fn(Effort));

const SUBJECTS: [Subject; 6] = [
    ("channels", channels::run),
    ("contention", contention::run),
    ("fan-out", fan_out::run),
    ("selectors", selectors::run),
    ("idle", idle::run),
    // Last, for what it leaves of the heap.
    ("backlog", backlog::run),
];

/// How much is measured.
#[derive(Clone, Copy)]
struct Effort {
    rounds: usize,
    /// Divides the numbers of messages and of consumers.
    divisor: usize,
}

impl Effort {
    /// So many, or less if only a quick look is wanted.
    fn of(self, full: usize) -> usize {
        full.div_ceil(self.divisor)
    }
}

fn main() {
    let effort = if is_quick() {
        Effort {
            rounds: 1,
            divisor: 300,
        }
    } else {
        Effort { rounds: 7, divisor: 1 }
    };
    let wanted: Vec<_> = std::env::args()
        .skip(1)
        .filter(|argument| !argument.starts_with('-'))
        .collect();
    for (subject, run) in SUBJECTS {
        if wanted.is_empty() || wanted.iter().any(|wanted| wanted == subject) {
            run(effort);
        }
    }
}

fn two_threads() -> Runtime {
    Builder::new_multi_thread()
        .worker_threads(2)
        .enable_all()
        .build()
        .expect("a runtime")
}

/// Messages per second.
fn rate(runtime: &Runtime, messages: usize, transfer: impl Future<Output = ()>) -> f64 {
    let begin = Instant::now();
    runtime.block_on(transfer);
    count(messages) / begin.elapsed().as_secs_f64()
}

/// Nanoseconds for each of so many.
fn nanos_each(elapsed: Duration, number: usize) -> f64 {
    elapsed.as_secs_f64() * 1e9 / count(number)
}

fn median(mut values: Vec<f64>) -> f64 {
    values.sort_by(f64::total_cmp);
    values[values.len() / 2]
}
