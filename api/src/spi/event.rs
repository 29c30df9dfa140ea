use crate::{Address, Error};

/// What a driver reports without being asked.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub enum DriverEvent {
    /// A link is gone; what was delivered by it cannot be settled any more.
    LinkLost {
        /// Which link.
        epoch: u32,
        /// Why.
        error: Error,
    },
    /// The broker asks publishers to pause.
    Blocked {
        /// The broker's words.
        reason: String,
    },
    /// The broker takes messages again.
    Unblocked,
    /// Something that was submitted without anybody waiting for it failed, for example an acknowledgement.
    SettleFailed {
        /// Why.
        error: Error,
    },
    /// The broker deleted a temporary destination.
    TemporaryDeleted {
        /// Which.
        destination: Address,
    },
}

/// Where a driver reports. Never blocks, never calls the driver back; may be called from anywhere.
pub trait EventSink: Send + Sync {
    /// Takes one event.
    fn event(&self, event: DriverEvent);
}
