//! Whether `conformance faults` catches what can go wrong: each mutant breaks a rule of fail-over, on the in-VM broker.

mod mutants;

use std::{sync::Arc, time::Duration};

use anymq_conformance::{
    fault::{FaultRequest, Summary, run_faults, tap::Tapper},
    harness::Harness,
    runner::TargetSpec,
    target,
};

use mutants::{ForgottenWaiters, NoResubscription, OkBeforeConfirm, ReusedTag, SilentTemporaries};

/// Few, and with plans of three outages and more among them.
const SEEDS: u64 = 12;
const MESSAGES: u32 = 200;

async fn harness() -> Arc<dyn Harness> {
    target::start(&TargetSpec::Named("in-vm".to_owned())).await.unwrap()
}

/// Tries one number; gives the breaches with the summary.
async fn tried(harness: &Arc<dyn Harness>, request: &FaultRequest) -> (Summary, Vec<String>) {
    let mut breaches = Vec::new();
    let mut told = |verdict: &anymq_conformance::fault::Verdict, replay: &str| {
        breaches.extend(
            verdict
                .breaches
                .iter()
                .map(|breach| format!("{breach}; again: {replay}")),
        );
    };
    let summary = run_faults(harness, request, &mut told).await.unwrap();
    (summary, breaches)
}

/// Fails unless one of the numbers shows it, in these words.
async fn caught(mutant: Arc<dyn Tapper>, words: &[&str]) {
    let harness = harness().await;
    let mut all = Vec::new();
    for seed in 1..=SEEDS {
        let mut request = FaultRequest::new(1);
        (request.first, request.messages) = (seed, MESSAGES);
        // A mutant that lets calls hang is waited for.
        request.patience = Duration::from_secs(4);
        request.tapper = Some(Arc::clone(&mutant));
        let (_, breaches) = tried(&harness, &request).await;
        if breaches
            .iter()
            .any(|breach| words.iter().any(|word| breach.contains(word)))
        {
            return;
        }
        all.extend(breaches);
    }
    panic!("{mutant:?} is not caught: {all:#?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_not_broken_has_no_breach() {
    let mut request = FaultRequest::new(SEEDS);
    request.messages = MESSAGES;
    let (summary, breaches) = tried(&harness().await, &request).await;
    assert!(breaches.is_empty(), "{breaches:#?}");
    assert!(summary.outages > SEEDS * 2, "{summary}");
    assert!(summary.replies > SEEDS, "{summary}");
    assert!(summary.messages >= SEEDS * u64::from(MESSAGES) * 9 / 10, "{summary}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_consumer_that_is_not_made_again_is_caught() {
    caught(Arc::new(NoResubscription), &["is not complete", "lost"]).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_temporary_destination_that_stays_silent_is_caught() {
    caught(Arc::new(SilentTemporaries), &["no reply to"]).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_tag_of_an_older_link_is_caught() {
    caught(Arc::new(ReusedTag::default()), &["settlements of an older link"]).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_send_that_is_done_too_early_is_caught() {
    caught(Arc::new(OkBeforeConfirm), &["lost", "is not complete"]).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn waiters_that_a_later_outage_forgets_are_caught() {
    caught(Arc::new(ForgottenWaiters), &["hangs"]).await;
}
