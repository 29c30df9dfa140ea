//! The faults, each the breach of one rule.

pub(crate) mod delivering;
pub(crate) mod keeping;
pub(crate) mod sending;
pub(crate) mod settling;
pub(crate) mod subscribing;
