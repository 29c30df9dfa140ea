//! Messages per second, of several rounds, and how they are told.

use std::{future::Future, time::Instant};

/// One of the rates of a round.
pub(crate) type Figure<R> = fn(&R) -> f64;

/// Does some work with so many messages.
pub(crate) async fn rate(messages: u32, work: impl Future<Output = ()>) -> f64 {
    let begin = Instant::now();
    work.await;
    f64::from(messages) / begin.elapsed().as_secs_f64()
}

/// Prints the medians of ours and of others, by their names, and how ours are beside each.
pub(crate) fn tell<R>(subject: &str, size: &str, of: Figure<R>, ours: &[R], others: &[(&str, &[R])]) {
    let ours = median(ours, of);
    println!("anymq {subject} {size} msg/s: {ours:.0}");
    for (name, theirs) in others {
        let theirs = median(theirs, of);
        // What has not done this has no rate.
        if theirs.is_finite() {
            println!("{name} {subject} {size} msg/s: {theirs:.0}");
            println!("ratio {name} {subject} {size}: {:.2}", ours / theirs);
        }
    }
}

fn median<R>(rounds: &[R], of: Figure<R>) -> f64 {
    let mut values: Vec<f64> = rounds.iter().map(of).collect();
    values.sort_by(f64::total_cmp);
    values[values.len() / 2]
}
