use std::time::Duration;

use crate::{Address, Error};

/// Something that happened to a connection without a call to return it from. JMS: what an `ExceptionListener` gets.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub enum Event {
    /// The link to the broker is gone, for good; calls fail with
    /// [`ErrorKind::ConnectionLost`](crate::ErrorKind::ConnectionLost).
    ConnectionLost {
        /// Why.
        error: Error,
    },
    /// The link to the broker is gone and is being made again, as the connection's
    /// [`ReconnectPolicy`](crate::ReconnectPolicy) says.
    Interrupted {
        /// Why.
        error: Error,
    },
    /// There is a link again, and what the connection had at the broker is there again.
    Restored {
        /// The host at its other end.
        host: Option<String>,
        /// How long there was none.
        after: Duration,
    },
    /// The connection was closed. The last event of its stream.
    Closed,
    /// The broker asks publishers to pause; sends wait.
    Blocked {
        /// The broker's words.
        reason: String,
    },
    /// The broker takes messages again.
    Unblocked,
    /// The broker ended a consumer, for example because its queue was deleted.
    ConsumerEnded {
        /// What it consumed from.
        destination: Address,
        /// Why.
        error: Error,
    },
    /// An acknowledgement that nobody waited for failed; the message may come again.
    AcknowledgeFailed {
        /// Why.
        error: Error,
    },
    /// A listener returned an error or panicked; what follows depends on the session's mode.
    ListenerFailed {
        /// What it listened to.
        destination: Address,
        /// What it returned; for a panic, its message.
        error: Error,
    },
    /// A temporary destination was deleted by the broker.
    TemporaryDeleted {
        /// Which.
        destination: Address,
    },
    /// This stream's reader was too slow, and this many events were dropped in its favour.
    Lagged {
        /// How many.
        dropped: u64,
    },
}

impl Event {
    /// What went wrong, where that is what it tells.
    pub const fn error(&self) -> Option<&Error> {
        match self {
            Self::ConnectionLost { error }
            | Self::Interrupted { error }
            | Self::ConsumerEnded { error, .. }
            | Self::AcknowledgeFailed { error }
            | Self::ListenerFailed { error, .. } => Some(error),
            Self::Restored { .. }
            | Self::Closed
            | Self::Blocked { .. }
            | Self::Unblocked
            | Self::TemporaryDeleted { .. }
            | Self::Lagged { .. } => None,
        }
    }
}
