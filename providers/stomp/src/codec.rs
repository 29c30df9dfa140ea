//! Between envelopes and frames. Does no input or output; never fails on what it reads.

mod decode;
mod encode;
mod header;
mod property;
#[cfg(test)]
mod tests;

pub(crate) use decode::decode;
pub(crate) use encode::encode;
pub(crate) use header::ORIGIN;
