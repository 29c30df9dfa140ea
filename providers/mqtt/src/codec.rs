//! Messages as MQTT carries them, and back.

pub(crate) mod client_id;
mod correlation;
mod decode;
mod encode;
mod escape;
mod header;
mod property;
#[cfg(test)]
mod tests;
mod topic;

pub(crate) use decode::{decode, origin};
pub(crate) use encode::{encode, encode_plain, packet_size};
pub(crate) use topic::{Names, handover_topic, is_same, share, with_one_separator};
