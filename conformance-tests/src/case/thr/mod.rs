//! THR: concurrency.

mod closing;
mod dropping;
mod racing;
mod sharing;

use super::{Failure, expect_list};

cases! {
    "THR-01" => sharing::everything_at_once,
    "THR-02" => sharing::one_session_many_tasks,
    "THR-03" => closing::any_moment,
    "THR-04" => racing::close_races,
    "THR-05" => sharing::fifty_sessions,
    "THR-07" => dropping::futures_and_objects,
}

/// Fails unless everything of `certain` came, nothing but that and some of `doubtful` came, and nothing came twice.
fn expect_between(got: &[String], certain: &[String], doubtful: &[String]) -> Result<(), Failure> {
    let is_doubtful = |text: &String| doubtful.contains(text);
    let mut came: Vec<_> = got.iter().filter(|text| is_doubtful(text)).cloned().collect();
    came.sort();
    let count = came.len();
    came.dedup();
    ensure_eq!(count, came.len(), "messages of unknown fate came twice");
    let rest: Vec<_> = got.iter().filter(|text| !is_doubtful(text)).cloned().collect();
    expect_list(&sorted(&rest), &sorted(certain))
}

fn sorted(texts: &[String]) -> Vec<String> {
    let mut texts = texts.to_vec();
    texts.sort();
    texts
}
