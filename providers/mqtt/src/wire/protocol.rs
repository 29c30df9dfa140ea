//! Either version, as one.

use bytes::BytesMut;

use super::{
    Failure, Greeting, Setup, Version,
    packet::{Incoming, Outgoing},
    v4, v5,
};

/// What bytes mean.
#[derive(Clone, Copy, Debug)]
pub(super) struct Protocol {
    version: Version,
    /// The largest packet that is taken, in bytes.
    max_packet: u32,
}

impl Protocol {
    pub(super) fn new(setup: &Setup) -> Self {
        Self {
            version: setup.version,
            max_packet: setup.max_packet,
        }
    }

    /// Appends CONNECT.
    pub(super) fn connect(self, setup: &Setup, output: &mut BytesMut) -> Result<(), Failure> {
        match self.version {
            Version::V5 => v5::connect(setup, output),
            Version::V4(_) => v4::connect(setup, output),
        }
    }

    /// Takes CONNACK out, if it is there.
    pub(super) fn greeting(self, setup: &Setup, input: &mut BytesMut) -> Result<Option<Greeting>, Failure> {
        match self.version {
            Version::V5 => v5::greeting(setup, input),
            Version::V4(_) => v4::greeting(setup, input),
        }
    }

    /// Appends a packet.
    pub(super) fn write(self, packet: Outgoing, output: &mut BytesMut) -> Result<(), Failure> {
        match self.version {
            Version::V5 => v5::write(packet, output),
            Version::V4(_) => v4::write(packet, output),
        }
    }

    /// Takes the next packet out, if all of it is there; else makes room for the rest.
    pub(super) fn read(self, input: &mut BytesMut) -> Result<Option<Incoming>, Failure> {
        match self.version {
            Version::V5 => v5::read(input, self.max_packet),
            Version::V4(carriage) => v4::read(input, self.max_packet, carriage),
        }
    }
}

/// More than this is not reserved for what a packet only announces.
const MOST_AHEAD: usize = 1 << 20;

/// Makes room for so many bytes more.
pub(super) fn reserve(input: &mut BytesMut, missing: usize) {
    input.reserve(missing.min(MOST_AHEAD));
}
