//! What consumers that have nothing to do cost those that have.

use crate::{
    Effort,
    channels::{Ends, bounded_broker},
    common::{connect, idle, one_thread},
    median, nanos_each,
};

/// Each on a queue of its own.
const CONSUMERS: usize = 10_000;
const MESSAGES: usize = 100_000;

pub(crate) fn run(effort: Effort) {
    let runtime = one_thread();
    let (consumers, messages) = (effort.of(CONSUMERS), effort.of(MESSAGES));
    let (alone, crowded) = (bounded_broker(), bounded_broker());
    let (_idle, alone, crowded) = runtime.block_on(async {
        let idle = idle(&connect(&crowded).await, consumers).await;
        (idle, Ends::of(&alone).await, Ends::of(&crowded).await)
    });
    let (mut without, mut with) = (Vec::new(), Vec::new());
    for _ in 0..effort.rounds {
        without.push(nanos_each(runtime.block_on(alone.round_trips(messages)), messages));
        with.push(nanos_each(runtime.block_on(crowded.round_trips(messages)), messages));
    }
    let (without, with) = (median(without), median(with));
    println!("roundtrip one-task beside 0 idle consumers ns: {without:.0}");
    println!("roundtrip one-task beside {consumers} idle consumers ns: {with:.0}");
}
