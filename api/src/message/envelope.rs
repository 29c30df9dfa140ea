use std::fmt;

use triomphe::Arc;

use super::{Message, content::Content};
use crate::{Address, DeliveryMode, MessageId, Priority, Timestamp};

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

/// A message with the headers of one send: what a driver transmits and what it delivers. Never changed; cloning shares
/// it.
// A message whose content has headers.
#[derive(Clone)]
pub struct Envelope(Message);

impl Envelope {
    /// Joins the two. A message that nobody else has is not copied; of one that is shared, the body is shared as well.
    #[inline]
    pub fn new(headers: Headers, message: Message) -> Self {
        Self::stamped(message, || headers)
    }

    /// As [`new`](Self::new), for headers that are made here.
    #[inline]
    pub(crate) fn stamped(message: Message, headers: impl FnOnce() -> Headers) -> Self {
        Self(Message(Content::stamped(message.0, headers)))
    }

    /// What the sending send decided.
    pub fn headers(&self) -> &Headers {
        self.0.0.headers()
    }

    /// What the application made.
    pub fn message(&self) -> &Message {
        &self.0
    }

    /// The same message with other headers.
    #[must_use]
    pub fn with_headers(self, change: impl FnOnce(&mut Headers)) -> Self {
        let mut headers = self.headers().clone();
        change(&mut headers);
        Self::new(headers, self.0)
    }

    /// Another message with the same headers.
    #[must_use]
    pub fn with_message(self, change: impl FnOnce(Message) -> Message) -> Self {
        let headers = self.headers().clone();
        Self::new(headers, change(self.0))
    }

    /// Whether both are the very same, and not only alike.
    pub fn is_same(&self, other: &Self) -> bool {
        Arc::ptr_eq(&self.0.0, &other.0.0)
    }
}

impl PartialEq for Envelope {
    fn eq(&self, other: &Self) -> bool {
        self.headers() == other.headers() && self.message() == other.message()
    }
}

impl fmt::Debug for Envelope {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Envelope")
            .field("headers", self.headers())
            .field("message", self.message())
            .finish()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::DestinationKind;

    fn headers(name: &str) -> Headers {
        Headers::new(Address::new(DestinationKind::Queue, name).unwrap())
    }

    #[test]
    fn sends_of_one_message_do_not_see_each_other() {
        let message = Message::text("x").with_message_type("t");
        let first = Envelope::new(headers("a"), message.clone());
        let second = Envelope::new(headers("b"), message);
        assert_eq!(first.headers().destination.name(), "a");
        assert_eq!(second.headers().destination.name(), "b");
        assert_eq!(first.message(), second.message());
        assert_ne!(first, second);
    }

    #[test]
    fn a_message_changed_after_the_send_is_another() {
        let sent = Envelope::new(headers("a"), Message::text("x"));
        let changed = sent.message().clone().with_message_type("t");
        assert_eq!(sent.message().message_type(), None);
        assert_eq!(changed.as_text(), Some("x"));
        let sent = sent.with_headers(|headers| headers.priority = Priority::HIGHEST);
        assert_eq!(sent.headers().priority, Priority::HIGHEST);
        assert_eq!(sent.headers().destination.name(), "a");
    }

    #[test]
    fn the_empty_message_is_never_stamped_itself() {
        let first = Envelope::new(headers("a"), Message::empty());
        let second = Envelope::new(headers("b"), Message::empty());
        assert_eq!(first.headers().destination.name(), "a");
        assert_eq!(second.headers().destination.name(), "b");
        assert!(first.is_same(&first.clone()) && !first.is_same(&second));
    }
}
