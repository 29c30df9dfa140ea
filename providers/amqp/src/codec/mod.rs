//! Between envelopes and AMQP's properties, headers and bodies. Does no input or output; never fails on what it reads.

mod decode;
mod encode;
mod header;

pub(crate) use decode::{Incoming, decode};
pub(crate) use encode::{due, encode, encode_from};
pub(crate) use header::{origin, send_mark, with_send_mark};

#[cfg(test)]
mod tests;
