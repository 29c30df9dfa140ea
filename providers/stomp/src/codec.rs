//! Between envelopes and frames. Does no input or output; never fails on what it reads.

mod decode;
mod encode;
mod header;
mod java_map;
mod names;
mod percent;
mod property;
#[cfg(test)]
mod tests;

pub(crate) use decode::decode;
pub(crate) use encode::encode;
pub(crate) use header::{MESSAGE_ID, READABLE, TIMESTAMP, TRANSFORMATION, TYPES, origin};
pub(crate) use names::Names;
pub(crate) use percent::{percent_decode as decode_name, percent_encode as encode_name};
pub(crate) use property::is_plain_name;
