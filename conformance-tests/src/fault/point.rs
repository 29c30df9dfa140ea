//! What passes over a link.

use std::fmt;

/// What a fault can be tied to.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Point {
    /// A message to the broker.
    Send,
    /// The broker has taken a message.
    Confirm,
    /// A message to the client.
    Delivery,
    /// The client is done with a message.
    Acknowledge,
    /// The client ends a transaction.
    Commit,
    /// The broker has ended a transaction.
    Committed,
    /// Anything else; as a trigger, anything at all.
    Other,
}

/// On which side of a point.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Moment {
    /// It does not pass any more.
    Before,
    /// It is the last that passes.
    After,
}

impl fmt::Display for Point {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Send => "send",
            Self::Confirm => "confirm",
            Self::Delivery => "delivery",
            Self::Acknowledge => "acknowledgement",
            Self::Commit => "commit",
            Self::Committed => "answer to a commit",
            Self::Other => "step",
        })
    }
}

impl fmt::Display for Moment {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Before => "before",
            Self::After => "after",
        })
    }
}
