//! Placeholder.

#[cfg(unix)]
pub mod broker;
pub mod poll;
