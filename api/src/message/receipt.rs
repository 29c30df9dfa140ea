use crate::{Address, DeliveryMode, Envelope, Message, MessageId, Priority, Timestamp};

/// What a send decided: the headers that JMS writes back into the sender's message.
///
/// Source: Jakarta Messaging 3.1, section 3.4.11.
#[derive(Clone, Debug)]
pub struct SendReceipt(Envelope);

impl SendReceipt {
    /// Made by implementors of [`Producer`](crate::Producer).
    pub fn new(envelope: Envelope) -> Self {
        Self(envelope)
    }

    /// The message as it was sent.
    pub fn message(&self) -> &Message {
        self.0.message()
    }

    /// Where it was sent. JMS: `JMSDestination`.
    pub fn destination(&self) -> &Address {
        &self.0.headers().destination
    }

    /// Its id; none when the producer's options disable ids. JMS: `JMSMessageID`.
    pub fn message_id(&self) -> Option<&MessageId> {
        self.0.headers().message_id.as_ref()
    }

    /// When it was sent; none when the producer's options disable timestamps. JMS: `JMSTimestamp`.
    pub fn timestamp(&self) -> Option<Timestamp> {
        self.0.headers().timestamp
    }

    /// The mode used. JMS: `JMSDeliveryMode`.
    pub fn delivery_mode(&self) -> DeliveryMode {
        self.0.headers().delivery_mode
    }

    /// The priority used. JMS: `JMSPriority`.
    pub fn priority(&self) -> Priority {
        self.0.headers().priority
    }

    /// When it expires; `None` is never. JMS: `JMSExpiration`.
    pub fn expiration(&self) -> Option<Timestamp> {
        self.0.headers().expiration
    }

    /// Before when it is not delivered. JMS: `JMSDeliveryTime`.
    pub fn delivery_time(&self) -> Option<Timestamp> {
        self.0.headers().delivery_time
    }
}
