//! Fail-over on the in-VM broker, over links that are cut and hosts that refuse: what the application sees.

mod hosts;
mod kit;
mod lost_link;
mod no_link;
mod transactions;
