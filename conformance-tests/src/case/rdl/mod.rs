//! RDL: redelivery.

mod causes;
mod marks;

use anymq_api::AckMode;

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
    "RDL-06" => failed_typed_receive,
}

/// There is no typed receive yet: where the simplified API is declared, this fails until it is written.
async fn failed_typed_receive(context: &Context) -> Verdict {
    let simplified = context.factory().create_context(AckMode::Auto).await?;
    Err(Failure::new(format!(
        "{simplified:?} exists, and nothing is known of it"
    )))
}
