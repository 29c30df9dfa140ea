use std::{
    fmt,
    ops::Deref,
    sync::{Arc, Weak},
};

use async_trait::async_trait;

use super::session_link::{SessionLink, SessionNumber};
use crate::{Address, DeliveryMode, Envelope, Error, Headers, Message, MessageId, Priority, Result, Timestamp};

/// The facts of one hand-over of a message to the application.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct DeliveryInfo {
    /// Names the hand-over within its session.
    pub id: u64,
    /// Whether it may have been delivered before. JMS: `JMSRedelivered`.
    pub redelivered: bool,
    /// Which delivery it is, counted from 1. JMS: `JMSXDeliveryCount`.
    pub count: u32,
}

/// How a received message reaches its session. Implemented by whatever hands messages out.
#[async_trait]
pub trait Acknowledge: Send + Sync {
    /// What [`Received::acknowledge`] does.
    ///
    /// # Errors
    /// As [`Received::acknowledge`].
    async fn acknowledge(&self, delivery: u64) -> Result<()>;

    /// What [`Received::release`] does.
    ///
    /// # Errors
    /// As [`Received::release`].
    async fn release(&self, delivery: u64) -> Result<()>;

    /// What [`Received::reject`] does.
    ///
    /// # Errors
    /// As [`Received::reject`].
    async fn reject(&self, delivery: u64) -> Result<()>;
}

/// A message as a consumer gets it: the message, the headers its send decided, and the facts of this delivery.
///
/// It reads like a [`Message`] (by deref) and has no setters; [`to_message`](Self::to_message) gives an independent
/// message to change or send on. Cheap to clone. It holds its session weakly: reading works for ever, acknowledging
/// works as long as the session is open.
///
/// ```compile_fail
/// # fn read_only(received: anymq_api::Received) {
/// // JMS: MessageNotWriteableException
/// let changed = received.with_body(anymq_api::Body::Empty);
/// # }
/// ```
#[derive(Clone)]
pub struct Received {
    envelope: Envelope,
    info: DeliveryInfo,
    session: SessionLink,
}

impl Received {
    /// Made by implementors of [`Consumer`](crate::Consumer).
    pub fn new(envelope: Envelope, info: DeliveryInfo, session: Weak<dyn Acknowledge>) -> Self {
        Self {
            envelope,
            info,
            session: SessionLink::Counted(session),
        }
    }

    /// Of a session whose messages seldom ask for it.
    #[inline]
    pub(crate) fn of_numbered(envelope: Envelope, info: DeliveryInfo, session: &SessionNumber) -> Self {
        Self {
            envelope,
            info,
            session: session.link(),
        }
    }

    /// Acknowledges, as the session's mode has it: in client mode everything that the session has delivered so far, in
    /// individual mode this message only; in the other modes it does nothing. Doing it again does nothing.
    /// JMS: `Message.acknowledge`.
    ///
    /// # Errors
    /// [`ErrorKind::IllegalState`](crate::ErrorKind::IllegalState) when the session or connection is closed; the reason
    /// for which the broker took messages back, told once; what the provider answers otherwise.
    ///
    /// # Cancel safety
    /// The acknowledgement is submitted in the first poll and runs to its end; dropping the future gives up waiting.
    pub async fn acknowledge(&self) -> Result<()> {
        self.session()?.acknowledge(self.info.id).await
    }

    /// Individual mode: makes this message available again, flagged, without touching others.
    ///
    /// # Errors
    /// [`ErrorKind::Unsupported`](crate::ErrorKind::Unsupported) where the provider does not declare
    /// [`Capability::Release`](crate::Capability::Release);
    /// [`ErrorKind::IllegalState`](crate::ErrorKind::IllegalState) in other modes, when the message was settled before
    /// or the session is closed.
    ///
    /// # Cancel safety
    /// As [`acknowledge`](Self::acknowledge).
    pub async fn release(&self) -> Result<()> {
        self.session()?.release(self.info.id).await
    }

    /// Individual mode: gives this message up; the provider sends it to its dead letters or drops it.
    ///
    /// # Errors
    /// As [`release`](Self::release).
    ///
    /// # Cancel safety
    /// As [`acknowledge`](Self::acknowledge).
    pub async fn reject(&self) -> Result<()> {
        self.session()?.reject(self.info.id).await
    }

    /// An independent message of the same content, to be changed or sent on.
    pub fn to_message(&self) -> Message {
        self.envelope.message().clone()
    }

    /// All headers that the send decided.
    pub fn headers(&self) -> &Headers {
        self.envelope.headers()
    }

    /// Where it was sent. JMS: `JMSDestination`.
    pub fn destination(&self) -> &Address {
        &self.envelope.headers().destination
    }

    /// Its id, where the sender gave one. JMS: `JMSMessageID`.
    pub fn message_id(&self) -> Option<&MessageId> {
        self.envelope.headers().message_id.as_ref()
    }

    /// When it was sent, where the sender said so. JMS: `JMSTimestamp`.
    pub fn timestamp(&self) -> Option<Timestamp> {
        self.envelope.headers().timestamp
    }

    /// Persistent or not. JMS: `JMSDeliveryMode`.
    pub fn delivery_mode(&self) -> DeliveryMode {
        self.envelope.headers().delivery_mode
    }

    /// 0 to 9. JMS: `JMSPriority`.
    pub fn priority(&self) -> Priority {
        self.envelope.headers().priority
    }

    /// When it expires; `None` is never. JMS: `JMSExpiration`.
    pub fn expiration(&self) -> Option<Timestamp> {
        self.envelope.headers().expiration
    }

    /// Before when it was not to be delivered. JMS: `JMSDeliveryTime`.
    pub fn delivery_time(&self) -> Option<Timestamp> {
        self.envelope.headers().delivery_time
    }

    /// Whether it may have been delivered before. JMS: `JMSRedelivered`.
    pub fn redelivered(&self) -> bool {
        self.info.redelivered
    }

    /// Which delivery this is, counted from 1. JMS: `JMSXDeliveryCount`.
    pub fn delivery_count(&self) -> u32 {
        self.info.count
    }

    pub(crate) fn info(&self) -> DeliveryInfo {
        self.info
    }

    fn session(&self) -> Result<Arc<dyn Acknowledge>> {
        self.session.session().ok_or_else(|| Error::closed("session"))
    }
}

impl Deref for Received {
    type Target = Message;

    fn deref(&self) -> &Message {
        self.envelope.message()
    }
}

impl fmt::Debug for Received {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Received")
            .field("headers", self.envelope.headers())
            .field("message", self.envelope.message())
            .field("info", &self.info)
            .finish_non_exhaustive()
    }
}
