//! DLY: delivery delay.

mod combined;
mod due;
pub(super) mod running;
mod undeclared;

use super::{
    Context, Failure, Pair, Passed, Verdict,
    clock::{LONG, short},
};

cases! {
    "DLY-01" => due::not_before,
    "DLY-02" => due::afterwards,
    "DLY-03" => due::in_order,
    "DLY-04" => combined::subscriptions_at_the_send,
    "DLY-05" => combined::expired_before,
    "DLY-06" => combined::in_a_transaction,
    "DLY-08" => undeclared::refused,
}
