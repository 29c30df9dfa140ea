//! PROD: producers.

mod content;
mod forms;
mod held;
mod identity;
mod lost;
mod order;
mod settings;

use super::{Context, Failure, Passed, Verdict, expect_kind};

cases! {
    "PROD-01" => settings::defaults,
    "PROD-02" => settings::of_the_producer,
    "PROD-03" => settings::of_one_send,
    "PROD-05" => settings::priorities,
    "PROD-07" => settings::huge_times,
    "PROD-08" => forms::identified,
    "PROD-09" => forms::anonymous,
    "PROD-10" => forms::invalid_destination,
    "PROD-11" => forms::alternating,
    "PROD-13" => forms::destination_getter,
    "PROD-14" => held::by_the_provider,
    "PROD-15" => lost::never_twice,
    "PROD-16" => order::within_a_mode,
    "PROD-17" => identity::disabled,
    "PROD-18" => content::changed_after_the_send,
    "PROD-19" => content::sent_on,
    "PROD-20" => content::foreign,
    "PROD-21" => content::beyond_the_limits,
    "PROD-22" => forms::after_close,
    "PROD-25" => order::as_many_as_sent,
}
