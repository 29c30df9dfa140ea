//! BRW: queue browsers.

mod changes;
mod refusals;
mod scans;

cases! {
    "BRW-01" => scans::in_order,
    "BRW-02" => scans::empty,
    "BRW-03" => scans::selecting,
    "BRW-04" => scans::unmarked,
    "BRW-05" => changes::delayed_and_expired,
    "BRW-06" => changes::during_a_scan,
    "BRW-08" => changes::beside_a_transaction,
    "BRW-09" => refusals::invalid_and_closed,
}
