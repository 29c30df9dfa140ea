//! The suite's own test: a driver that breaks one rule is caught, by the id of that rule and by few others; one that
//! breaks none passes.
//!
//! Each broken driver is the in-VM driver with one [`Fault`]. A fault waits for an occasion that is rare elsewhere (the
//! hundredth send of a session, say), so that it is its rule that is broken and not everything.

mod decorated;
mod fault;
mod faults;
mod harness;

use std::{num::NonZeroUsize, sync::Arc, thread, time::Instant};

use anymq_conformance::{
    CaseResult, Outcome, case,
    checklist::{self, Area, Check, Level},
    harness::Harness,
    runner::{Filter, RunRequest, Silent, TargetSpec, run_harness},
};
use parking_lot::Mutex;
use tokio::runtime::Builder;

use decorated::Extent;
use fault::Fault;
use faults::{delivering as deliver, keeping as keep, sending as send, settling as settle, subscribing as subscribe};
use harness::Faulty;

/// A driver with a fault.
struct Broken {
    name: &'static str,
    fault: Arc<dyn Fault>,
    /// The id that must fail.
    caught_by: &'static str,
    /// How many ids may fail, that one included.
    at_most: usize,
    extent: Extent,
}

fn broken(name: &'static str, fault: impl Fault + 'static, caught_by: &'static str, at_most: usize) -> Broken {
    Broken {
        name,
        fault: Arc::new(fault),
        caught_by,
        at_most,
        extent: Extent::Basic,
    }
}

impl Broken {
    /// Of a driver that declares everything.
    fn whole(self) -> Self {
        Self {
            extent: Extent::Whole,
            ..self
        }
    }
}

fn all() -> Vec<Broken> {
    use deliver::Alters;
    use keep::Remembers;

    vec![
        broken("swallows sends", send::Swallows, "P2P-01", 13),
        broken("copies to prefix", send::CopiesToPrefix::default(), "P2P-08", 2),
        broken("folds case", send::FoldsCase, "P2P-08", 2),
        broken(
            "forgetful temporaries",
            send::ForgetfulTemporaries::default(),
            "TMP-08",
            2,
        ),
        broken("visible at once", send::VisibleAtOnce, "TX-01", 11),
        broken("keeps what is rolled back", send::KeepsWhatIsRolledBack, "TX-03", 7),
        broken("forgets acknowledgements", send::ForgetsAcknowledgements, "TX-04", 10),
        broken("doubles", deliver::Doubles, "P2P-01", 15),
        broken("reverses", deliver::Reverses::default(), "P2P-02", 12),
        broken("loses the flag", deliver::LosesFlag, "P2P-05", 8),
        broken("loses the count", deliver::LosesCount, "P2P-05", 8),
        broken(
            "copies to all consumers",
            deliver::CopiesToAllConsumers::default(),
            "P2P-01",
            6,
        ),
        broken(
            "loses the correlation id",
            Alters(deliver::without_correlation_id),
            "RR-01",
            18,
        ),
        broken("loses the reply-to", Alters(deliver::without_reply_to), "TMP-03", 11),
        broken("widens a property", Alters(deliver::widened), "PROP-03", 5),
        broken("loses an empty text", Alters(deliver::without_empty_text), "TEXT-01", 3),
        broken("cuts times", Alters(deliver::in_seconds), "HDR-06", 11),
        broken("renames messages", Alters(deliver::renamed), "HDR-05", 15),
        broken("loses what is released", settle::LosesWhatIsReleased, "CONS-12", 15),
        broken("flags too much", settle::FlagsTooMuch, "CONS-21", 4),
        broken("settles nothing", settle::SettlesNothing, "ACK-01", 17),
        broken("settles more", settle::SettlesMore, "ACK-17", 3),
        broken("ignores credit", subscribe::IgnoresCredit, "CONS-16", 3),
        broken("closes late", subscribe::ClosesLate, "CONS-12", 18),
        broken("never closes", subscribe::NeverCloses::default(), "CONS-05", 18),
        broken("ignores drops", subscribe::IgnoresDrops::default(), "CONS-12", 3),
        broken("connection closes late", subscribe::ConnectionClosesLate, "CID-06", 4),
        broken("shares client ids", subscribe::SharesClientIds, "CID-05", 3),
        broken("active late", subscribe::ActiveLate, "TOP-09", 3),
        broken(
            "declares what it refuses",
            subscribe::DeclaresWhatItRefuses,
            "TOP-08",
            2,
        ),
        broken(
            "declares what it ignores",
            subscribe::DeclaresWhatItIgnores,
            "TOP-08",
            2,
        ),
        broken("one per session", subscribe::OnePerSession::default(), "TOP-05", 5),
        broken("retains", subscribe::Retains::default(), "TOP-02", 8),
        broken("ignores selectors", subscribe::IgnoresSelectors, "SEL-03", 45).whole(),
        broken("shares for a while", subscribe::SharesForAWhile, "SHR-06", 8).whole(),
        broken("forgets messages", Remembers(keep::no_message), "P2P-07", 3),
        broken("writes late", Remembers(keep::what_was_written_late), "PROD-14", 3),
        broken("doubles at a restart", Remembers(keep::each_message_twice), "P2P-07", 3),
        broken(
            "reverses at a restart",
            Remembers(keep::the_last_message_first),
            "P2P-07",
            3,
        ),
        broken("forgets deliveries", Remembers(keep::no_delivery), "P2P-07", 3),
        broken("forgets subscriptions", Remembers(keep::no_subscription), "P2P-07", 3).whole(),
        broken("forgets delays", Remembers(keep::no_delay), "P2P-07", 3).whole(),
        broken("never delays", send::NeverDelays, "DLY-01", 10).whole(),
    ]
}

/// What a broken driver can fail in a short time: not what needs message objects only, and not what keeps the processor
/// busy to find faults in the kernel.
fn within_reach(check: &Check) -> bool {
    check.level != Level::CoreLocal && !matches!(check.area, Area::Thr | Area::Rob) && check.id != "SES-10"
}

/// The ids that fail, found in a runtime of its own, so that a driver that keeps it busy is no burden to the others.
fn failures(harness: Faulty, only: Filter, parallel: usize) -> Vec<CaseResult> {
    let request = RunRequest {
        target: TargetSpec::Named(harness.target().to_owned()),
        only,
        parallel: NonZeroUsize::new(parallel).unwrap(),
    };
    let mut runtime = Builder::new_multi_thread();
    let runtime = runtime.worker_threads(2).enable_all().build().unwrap();
    let report = runtime.block_on(run_harness(Arc::new(harness), &request, &Silent));
    let report = report.unwrap();
    // What hangs is left behind.
    runtime.shutdown_background();
    let failed = report.cases().iter().filter(|case| case.outcome == Outcome::Fail);
    failed.cloned().collect()
}

fn listed(failures: &[CaseResult]) -> String {
    let lines = failures.iter().map(|case| {
        let detail = case.detail.as_deref().unwrap_or_default();
        format!("\n    {}: {detail}", case.id)
    });
    lines.collect()
}

/// What is wrong with how a broken driver is judged.
fn judge(broken: Broken) -> Option<String> {
    let Broken {
        name,
        fault,
        caught_by,
        at_most,
        extent,
    } = broken;
    let begin = Instant::now();
    let ids: Vec<_> = checklist::all()
        .filter(|check| within_reach(check))
        .map(|check| check.id)
        .collect();
    let only = Filter::only(&ids).unwrap();
    let failures = failures(Faulty::new(name, fault, extent).in_haste(), only, 64);
    let ids: Vec<_> = failures.iter().map(|case| case.id.as_str()).collect();
    println!("{name}: {caught_by} in {ids:?}, {:?}", begin.elapsed());
    let problem = if !ids.contains(&caught_by) {
        "is not caught"
    } else if failures.len() > at_most {
        "fails more than its own"
    } else {
        return None;
    };
    let count = failures.len();
    Some(format!(
        "`{name}` {problem}: {caught_by}, {count} fail:{}",
        listed(&failures)
    ))
}

#[test]
fn every_broken_driver_is_caught() {
    let drivers = Mutex::new(all());
    let problems = Mutex::new(Vec::new());
    // Most of the time is spent waiting for what never comes.
    thread::scope(|scope| {
        for _ in 0..4 {
            scope.spawn(|| {
                while let Some(broken) = { drivers.lock().pop() } {
                    let problem = judge(broken);
                    problems.lock().extend(problem);
                }
            });
        }
    });
    let problems = problems.into_inner();
    assert!(problems.is_empty(), "{}", problems.join("\n"));
}

#[test]
fn the_unbroken_driver_fails_nothing() {
    let failures = failures(
        Faulty::new("unbroken", Arc::new(fault::NoFault), Extent::Whole),
        Filter::all(),
        16,
    );
    assert!(failures.is_empty(), "{}", listed(&failures));
}

#[test]
fn every_rule_has_its_case() {
    for broken in all() {
        assert!(case::find(broken.caught_by).is_some(), "{}", broken.caught_by);
    }
}
