//! TMP: temporary destinations.

mod ends;
mod using;

cases! {
    "TMP-01" => using::unique,
    "TMP-02" => using::owner_consumes,
    "TMP-03" => using::everybody_sends,
    "TMP-04" => ends::with_its_connection,
    "TMP-05" => ends::not_while_consumed,
    "TMP-06" => ends::invalid_after_deletion,
    "TMP-07" => ends::send_after_its_owner,
    "TMP-08" => using::like_lasting_ones,
}
