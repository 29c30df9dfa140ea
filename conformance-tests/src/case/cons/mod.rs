//! CONS: consumers.

mod closing;
mod creation;
mod listener;
mod listening;
mod receiving;
mod sharing;

cases! {
    "CONS-01" => receiving::untimed,
    "CONS-02" => receiving::timed,
    "CONS-03" => receiving::no_wait,
    "CONS-04" => receiving::closed_while_blocked,
    "CONS-05" => receiving::closed,
    "CONS-06" => listening::set_get_unset,
    "CONS-07" => listening::receive_beside_a_listener,
    "CONS-08" => listening::set_late,
    "CONS-10" => listening::close_waits,
    "CONS-11" => listening::closes_its_own_consumer,
    "CONS-12" => closing::undelivered_goes_on,
    "CONS-14" => creation::selector_getter,
    "CONS-15" => creation::invalid,
    "CONS-16" => sharing::slow_beside_fast,
    "CONS-17" => receiving::dropped,
    "CONS-20" => sharing::separate_objects,
    "CONS-21" => closing::undelivered_is_not_flagged,
}
