//! The suite's own test: a driver that breaks one rule is caught, by the id of that rule and by few others; one that
//! breaks none passes.
//!
//! Each broken driver is the in-VM driver with one [`Fault`]. A fault waits for an occasion that is rare elsewhere (the
//! hundredth send of a session, say), so that it is its rule that is broken and not everything.

mod decorated;
mod fault;
mod faults;
mod harness;

use std::{num::NonZeroUsize, sync::Arc};

use anymq_api::{Body, BodyKind};
use anymq_conformance::{
    CaseResult, Outcome, case,
    runner::{Filter, RunRequest, Silent, TargetSpec, run_harness},
};
use futures_util::{StreamExt, stream};

use fault::Fault;
use faults::{delivering as deliver, sending as send, settling as settle, subscribing as subscribe};
use harness::Faulty;

/// A driver with a fault.
struct Broken {
    name: &'static str,
    fault: Arc<dyn Fault>,
    /// The id that must fail.
    caught_by: &'static str,
    /// How many ids may fail, that one included.
    at_most: usize,
}

fn broken(name: &'static str, fault: impl Fault + 'static, caught_by: &'static str, at_most: usize) -> Broken {
    Broken {
        name,
        fault: Arc::new(fault),
        caught_by,
        at_most,
    }
}

fn all() -> Vec<Broken> {
    vec![
        broken("swallows sends", send::Swallows, "P2P-01", 8),
        broken("copies to prefix", send::CopiesToPrefix::default(), "P2P-08", 3),
        broken("folds case", send::FoldsCase, "P2P-08", 3),
        broken(
            "forgetful temporaries",
            send::ForgetfulTemporaries::default(),
            "TMP-08",
            4,
        ),
        broken("visible at once", send::VisibleAtOnce, "TX-01", 12),
        broken("keeps what is rolled back", send::KeepsWhatIsRolledBack, "TX-03", 8),
        broken("forgets acknowledgements", send::ForgetsAcknowledgements, "TX-04", 8),
        broken("doubles", deliver::Doubles, "P2P-01", 10),
        broken("reverses", deliver::Reverses::default(), "P2P-02", 10),
        broken("loses the flag", deliver::LosesFlag, "P2P-05", 10),
        broken("loses the count", deliver::LosesCount, "P2P-05", 10),
        broken(
            "copies to all consumers",
            deliver::CopiesToAllConsumers::default(),
            "P2P-01",
            10,
        ),
        broken(
            "loses the correlation id",
            deliver::Alters(|_: &mut _, message: anymq_api::Message| message.without_correlation_id()),
            "RR-01",
            10,
        ),
        broken(
            "loses the reply-to",
            deliver::Alters(|_: &mut _, message: anymq_api::Message| message.without_reply_to()),
            "TMP-03",
            10,
        ),
        broken(
            "widens a property",
            deliver::Alters(|_: &mut _, message| deliver::widen_bytes(message)),
            "PROP-03",
            10,
        ),
        broken(
            "loses an empty text",
            deliver::Alters(|_: &mut _, message: anymq_api::Message| match message.kind() {
                BodyKind::Text if message.as_text() == Some("") => message.with_body(Body::Empty),
                _ => message,
            }),
            "TEXT-01",
            5,
        ),
        broken(
            "cuts times",
            deliver::Alters(|headers: &mut _, message| {
                deliver::whole_seconds(headers);
                message
            }),
            "HDR-06",
            5,
        ),
        broken("loses what is released", settle::LosesWhatIsReleased, "CONS-12", 10),
        broken("flags too much", settle::FlagsTooMuch, "CONS-21", 10),
        broken("settles nothing", settle::SettlesNothing, "ACK-01", 10),
        broken("settles more", settle::SettlesMore, "ACK-17", 10),
        broken("ignores credit", subscribe::IgnoresCredit, "CONS-16", 10),
        broken("closes late", subscribe::ClosesLate, "CONS-12", 15),
        broken("never closes", subscribe::NeverCloses::default(), "CONS-05", 15),
        broken("connection closes late", subscribe::ConnectionClosesLate, "CID-06", 5),
        broken("active late", subscribe::ActiveLate, "TOP-09", 5),
        broken(
            "declares what it refuses",
            subscribe::DeclaresWhatItRefuses,
            "TOP-08",
            3,
        ),
        broken(
            "declares what it ignores",
            subscribe::DeclaresWhatItIgnores,
            "TOP-08",
            3,
        ),
        broken("one per session", subscribe::OnePerSession::default(), "TOP-05", 10),
        broken("retains", subscribe::Retains::default(), "TOP-02", 10),
    ]
}

/// The ids that fail.
async fn failures(name: &'static str, fault: Arc<dyn Fault>) -> Vec<CaseResult> {
    let request = RunRequest {
        target: TargetSpec::Named(name.to_owned()),
        only: Filter::all(),
        parallel: NonZeroUsize::new(64).unwrap(),
    };
    let harness = Arc::new(Faulty::new(name, fault));
    let report = run_harness(harness, &request, &Silent).await.unwrap();
    report
        .cases()
        .iter()
        .filter(|case| case.outcome == Outcome::Fail)
        .cloned()
        .collect()
}

fn listed(failures: &[CaseResult]) -> String {
    let lines = failures.iter().map(|case| {
        let detail = case.detail.as_deref().unwrap_or_default();
        format!("\n    {}: {detail}", case.id)
    });
    lines.collect()
}

/// What is wrong with how a broken driver was judged.
async fn judge(broken: Broken) -> Option<String> {
    let failures = failures(broken.name, broken.fault).await;
    let ids: Vec<_> = failures.iter().map(|case| case.id.as_str()).collect();
    println!("{}: {} in {ids:?}", broken.name, broken.caught_by);
    let problem = if !ids.contains(&broken.caught_by) {
        "is not caught"
    } else if failures.len() > broken.at_most {
        "fails more than its own"
    } else {
        return None;
    };
    let (name, id, count) = (broken.name, broken.caught_by, failures.len());
    Some(format!("`{name}` {problem}: {id}, {count} fail:{}", listed(&failures)))
}

#[tokio::test(flavor = "multi_thread")]
async fn every_broken_driver_is_caught() {
    let problems: Vec<_> = stream::iter(all())
        .map(judge)
        .buffer_unordered(4)
        .filter_map(std::future::ready)
        .collect()
        .await;
    assert!(problems.is_empty(), "{}", problems.join("\n"));
}

#[tokio::test(flavor = "multi_thread")]
async fn the_unbroken_driver_fails_nothing() {
    let failures = failures("unbroken", Arc::new(fault::NoFault)).await;
    assert!(failures.is_empty(), "{}", listed(&failures));
}

#[test]
fn every_rule_has_its_case() {
    for broken in all() {
        assert!(case::find(broken.caught_by).is_some(), "{}", broken.caught_by);
    }
}
