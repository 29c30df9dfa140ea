use crate::{Address, DeliveryMode, Message, MessageId, Priority, Timestamp};

/// The headers that a send decides, whatever the application put elsewhere.
///
/// Source: Jakarta Messaging 3.1, section 3.4.11.
#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
pub struct Headers {
    /// Where it was sent. JMS: `JMSDestination`.
    pub destination: Address,
    /// Its id, unless the producer asked for none. JMS: `JMSMessageID`.
    pub message_id: Option<MessageId>,
    /// When it was sent, unless the producer asked for none. JMS: `JMSTimestamp`.
    pub timestamp: Option<Timestamp>,
    /// Persistent or not. JMS: `JMSDeliveryMode`.
    pub delivery_mode: DeliveryMode,
    /// 0 to 9. JMS: `JMSPriority`.
    pub priority: Priority,
    /// When it expires; `None` is never. JMS: `JMSExpiration`.
    pub expiration: Option<Timestamp>,
    /// Before when it must not be delivered; `None` when nothing is known. JMS: `JMSDeliveryTime`.
    pub delivery_time: Option<Timestamp>,
}

impl Headers {
    /// The defaults: persistent, priority 4, no expiration, and neither id nor times.
    pub fn new(destination: Address) -> Self {
        Self {
            destination,
            message_id: None,
            timestamp: None,
            delivery_mode: DeliveryMode::default(),
            priority: Priority::default(),
            expiration: None,
            delivery_time: None,
        }
    }
}

/// A message with the headers of one send: what a driver transmits and what it delivers.
#[derive(Clone, Debug, PartialEq)]
pub struct Envelope {
    /// What the sending send decided.
    pub headers: Headers,
    /// What the application made.
    pub message: Message,
}

impl Envelope {
    /// Joins the two.
    pub fn new(headers: Headers, message: Message) -> Self {
        Self { headers, message }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Above 112 bytes, counters included, common allocators take a slower path when another thread frees it, as is
    /// usual for a message.
    #[test]
    fn it_stays_small() {
        assert!(size_of::<Envelope>() <= 112 - 16, "{}", size_of::<Envelope>());
    }
}
