//! Random operations against the broker and against a simple model of the rules, which must agree.
//!
//! `ANYMQ_MODEL_SEED` and `ANYMQ_MODEL_OPS` choose other operations, and how many. Whatever fails is made as short as
//! possible and shown with its seed.

mod aim;
mod apply;
mod model;
mod op;
mod receive;
mod run;
mod settle;
mod store;
mod subscribing;
mod world;

use run::{CASE, check};

/// How many operations there are by default.
const OPS: u64 = 200_000;
const SEED: u64 = 0x00A1_1CE5;

fn from_environment(name: &str) -> Option<u64> {
    let text = std::env::var(name).ok()?;
    Some(
        text.parse()
            .unwrap_or_else(|_| panic!("{name} is not a number: {text}")),
    )
}

fn cases(exact: bool) {
    let seed = from_environment("ANYMQ_MODEL_SEED").unwrap_or(SEED);
    let ops = from_environment("ANYMQ_MODEL_OPS").unwrap_or(OPS);
    for case in 0..ops.div_ceil(2 * CASE) {
        check(exact, seed.wrapping_add(case));
    }
}

#[test]
fn one_consumer_of_each_queue_gets_exactly_what_the_model_says() {
    cases(true);
}

#[test]
fn several_consumers_share_without_losing_or_doubling() {
    cases(false);
}
