//! Between envelopes and frames. Does no input or output; never fails on what it reads.

mod decode;
mod encode;
mod header;
mod names;
mod percent;
mod property;
#[cfg(test)]
mod tests;

pub(crate) use decode::decode;
pub(crate) use encode::encode;
pub(crate) use header::origin;
pub(crate) use names::Names;
pub(crate) use percent::{percent_decode as decode_name, percent_encode as encode_name};
