//! Ring one: what applications, mocks and the conformance kit use.

mod destination;

pub use destination::Destination;
