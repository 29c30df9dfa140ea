//! SHR: shared subscriptions, non-durable and durable.

mod durable;
mod identity;
mod misuse;
mod sharing;

use std::sync::Arc;

use anymq_api::{AckMode, Connection, Consumer, Received};

use super::{
    Context, Failure, Passed, Verdict,
    dur::{replacing, unsubscribing},
    durable::{Client, Kind, Subscription, selecting, tried},
    expect_list, expect_set, texts_of,
};

cases! {
    "SHR-01" => sharing::one_message_to_one,
    "SHR-02" => identity::two_names,
    "SHR-03" => sharing::from_first_to_last,
    "SHR-04" => misuse::joined_differently,
    "SHR-05" => identity::three_clients,
    "SHR-06" => durable::keeps_and_shares,
    "SHR-07" => durable::replaced,
    "SHR-08" => misuse::shared_and_unshared,
    "SHR-09" => identity::durable_or_not,
    "SHR-10" => durable::unsubscribed,
    "SHR-11" => sharing::redelivered,
}

/// A consumer of a session of its own.
async fn join(connection: &Arc<dyn Connection>, subscription: &Subscription) -> Result<Arc<dyn Consumer>, Failure> {
    let session = connection.create_session(AckMode::Auto).await?;
    Ok(subscription.open(&session).await?)
}

/// How many each consumer got, for a report.
fn shares(got: &[Vec<Received>]) -> String {
    let counts: Vec<_> = got.iter().map(|list| list.len().to_string()).collect();
    counts.join(" + ")
}

/// Fails unless the consumers got these texts together, each text once, and each consumer its own in order.
#[track_caller]
fn expect_shared(got: &[Vec<Received>], texts: &[String]) -> Result<(), Failure> {
    expect_set(&texts_of(&got.concat()), texts)?;
    for list in got {
        let own = texts_of(list);
        let in_order: Vec<_> = texts.iter().filter(|text| own.contains(text)).cloned().collect();
        expect_list(&own, &in_order)?;
    }
    Ok(())
}
