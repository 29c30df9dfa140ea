//! The conformance suite of `anymq`: what every provider is held to, as data, and how far one keeps it, as a report.
//!
//! The [`checklist`] names each assertion by an id, with what it needs; a [`case`] tries it on a provider that a
//! [`Harness`](harness::Harness) brings; a run gives every id an [`Outcome`]; a [`report::Report`] always lists all ids,
//! whatever was run. A provider's author uses this crate as a library or through its program `conformance`.

pub mod broker;
pub mod case;
pub mod checklist;
pub mod cli;
pub mod fault;
pub mod harness;
pub mod link;
mod mqtt;
mod outcome;
pub mod poll;
pub mod report;
pub mod restart;
pub mod runner;
pub mod stomp;
mod suggest;
pub mod target;
mod temporary;

pub use outcome::{CaseResult, NotByType, Outcome, Run};
