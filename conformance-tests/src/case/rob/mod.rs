//! ROB: robustness.

mod cycles;
mod garbage;
mod hostile;
mod large;
mod memory;
mod names;
mod properties;

use super::{
    Context, Failure, Pair, Passed, Verdict,
    later::{all_that_comes, expect_only},
    texts_of,
    travel::travel,
    values::{expect_body, expect_entries, properties_of},
};

cases! {
    "ROB-01" => properties::many_and_large,
    "ROB-02" => names::literal,
    "ROB-03" => properties::control_characters,
    "ROB-04" => garbage::ends_the_connection,
    "ROB-05" => hostile::content,
    "ROB-07" => large::refused,
    "ROB-09" => cycles::leave_nothing,
}
