//! The targets' bodies, and what they have in common.

mod bytes;
mod conversion;
mod depth;
mod destination;
mod directory;
mod error;
mod failover_url;
mod input;
mod model;
mod numeral;
mod object;
mod percent;
mod properties;
mod selector;
mod selector_tree;
mod url;
mod values;

// The second evaluator of the selector's own tests, and its trees.
#[path = "../../../src/selector/tests/naive.rs"]
mod naive;
#[path = "../../../src/selector/tests/tree.rs"]
mod tree;

/// A name, and what is done with an input.
pub(crate) type Target = (&'static str, fn(&[u8]));

/// All of them.
pub(crate) const ALL: [Target; 10] = [
    ("bytes", bytes::run),
    ("destination", destination::run),
    ("directory", directory::run),
    ("failover_url", failover_url::run),
    ("object", object::run),
    ("properties", properties::run),
    ("selector", selector::run),
    ("selector_tree", selector_tree::run),
    ("url", url::run),
    ("values", values::run),
];
