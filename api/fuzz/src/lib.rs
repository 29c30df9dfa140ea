//! What the fuzz targets of `anymq-api` do with an input; `api/tests/fuzz_corpus/` does the same with the corpora.

mod targets;

// For the second evaluator of the selector's tests, which is written for the crate that it is in.
use anymq_api::{Envelope, PropertyValue};

/// Runs one target on one input, and panics when a promise of the crate is broken.
///
/// # Panics
/// As said, and when there is no such target.
pub fn run(target: &str, data: &[u8]) {
    let found = targets::ALL.iter().find(|(name, _)| *name == target);
    let (_, run) = found.unwrap_or_else(|| panic!("there is no target {target}"));
    run(data);
}
