//! RDL: redelivery.

mod causes;
mod limit;
mod marks;

use super::{
    Context, Failure, Pair, Passed, Verdict,
    later::{
        counts_for_ever, expect_deliveries, expect_only, expect_texts, fed, judge_order, later, numbers, reconnect,
        recoverable,
    },
};

cases! {
    "RDL-01" => causes::each,
    "RDL-02" => marks::never_at_first,
    "RDL-03" => marks::one_by_one,
    "RDL-05" => causes::in_place,
    "RDL-07" => limit::given_up,
}
