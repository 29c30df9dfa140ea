//! Packets, of whatever version.

use super::{Answer, Event, Failure, Publish, QoS, Request};

/// What came.
#[derive(Debug)]
pub(super) enum Incoming {
    Message(Publish),
    /// The end of a request.
    Answered(Answer),
    /// PUBREC: the broker has a message of QoS 2, and waits for PUBREL.
    Received(u16),
    /// PUBREL, for which it waits for PUBCOMP.
    Released(u16),
    /// DISCONNECT.
    Farewell(Failure),
    /// PINGRESP.
    Nothing,
}

/// What is written.
#[derive(Debug)]
pub(super) enum Outgoing {
    Request(Request, u16),
    /// PUBACK or PUBREC.
    Acknowledge(u16, QoS),
    /// PUBREL.
    Release(u16),
    /// PUBCOMP.
    Complete(u16),
    /// PINGREQ.
    Question,
    /// DISCONNECT.
    Farewell,
}

impl Outgoing {
    /// What is told when it is written.
    pub(super) fn told(&self) -> Option<Event> {
        match self {
            Self::Request(_, id) => Some(Event::Written(*id)),
            Self::Acknowledge(..) => Some(Event::Acknowledged),
            Self::Farewell => Some(Event::Disconnected),
            Self::Release(_) | Self::Complete(_) | Self::Question => None,
        }
    }
}
