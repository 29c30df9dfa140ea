//! What a proxy must know of a protocol: where something begins and ends, and what it is.
//!
//! A provider brings its own [`Protocol`]; one that has none is carried as [`Opaque`] bytes, where every read is a step.

mod amqp091;
mod mqtt;
mod stomp;

use std::fmt::Debug;

use super::Point;
use crate::link::Direction;

pub use amqp091::Amqp091;
pub use mqtt::Mqtt;
pub use stomp::Stomp;

/// A protocol, as far as faults are tied to what it says.
pub trait Protocol: Debug + Send + Sync {
    /// Readers of what one new connection says to the broker, and of what comes from there.
    fn readers(&self) -> [Box<dyn Reader>; 2];
}

/// Reads one direction of one connection. It does no input or output of its own, and never panics on what it reads.
pub trait Reader: Send {
    /// The first unit of these bytes, which begin where the last unit ended; `None` when more bytes are needed to tell.
    /// What is not understood is a unit of all bytes.
    fn next(&mut self, bytes: &[u8]) -> Option<Unit>;
}

/// What passes whole or not at all.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Unit {
    /// How many bytes it has; never zero, and never more than there are.
    pub length: usize,
    /// What has passed when it has. A message of several units passes with its last one, so that a fault before it leaves
    /// a half message behind.
    pub point: Point,
}

/// Any protocol, without knowledge of it.
#[derive(Clone, Copy, Debug)]
pub struct Opaque;

impl Protocol for Opaque {
    fn readers(&self) -> [Box<dyn Reader>; 2] {
        [Box::new(OpaqueReader), Box::new(OpaqueReader)]
    }
}

struct OpaqueReader;

impl Reader for OpaqueReader {
    fn next(&mut self, bytes: &[u8]) -> Option<Unit> {
        everything(bytes)
    }
}

/// All of it, if there is any, is one unit that means nothing.
fn everything(bytes: &[u8]) -> Option<Unit> {
    let length = bytes.len();
    let point = Point::Other;
    (length > 0).then_some(Unit { length, point })
}
