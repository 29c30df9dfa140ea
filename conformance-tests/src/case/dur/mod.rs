//! DUR: unshared durable subscriptions.

mod keeping;
mod misuse;
mod names;
pub(super) mod replacing;
pub(super) mod unsubscribing;

use super::{
    Context, Failure, Passed, Verdict,
    durable::{Client, Kind, Subscription, selecting, tried},
};

cases! {
    "DUR-01" => keeping::while_inactive,
    "DUR-02" => names::of_two_clients,
    "DUR-03" => misuse::without_client_id,
    "DUR-04" => misuse::second_consumer,
    "DUR-05" => replacing::by_topic,
    "DUR-06" => replacing::by_selector,
    "DUR-07" => replacing::by_no_local,
    "DUR-08" => keeping::unchanged,
    "DUR-09" => unsubscribing::deletes,
    "DUR-10" => unsubscribing::while_active,
    "DUR-11" => unsubscribing::while_unsettled,
    "DUR-12" => unsubscribing::unknown,
    "DUR-13" => keeping::after_closing,
    "DUR-14" => keeping::no_local,
    "DUR-15" => names::long,
    "DUR-17" => misuse::invalid_topics,
}
