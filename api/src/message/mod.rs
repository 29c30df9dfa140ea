//! What travels: messages, their headers, properties and bodies, and what a consumer gets of them.

mod body;
mod bytes_reader;
mod bytes_writer;
mod content;
#[cfg(test)]
mod conversion_table;
mod convert;
mod debug;
mod delivery_mode;
mod entries;
mod envelope;
mod id;
mod json_depth;
mod map;
mod modified_utf8;
mod number;
mod object;
mod object_limits;
mod object_writer;
mod priority;
mod properties;
mod property_name;
mod receipt;
mod received;
mod session_link;
mod size;
mod slice;
mod stream;
mod stream_reader;
mod stream_writer;
mod timestamp;
mod typed;
mod value;

pub use body::{Body, BodyKind};
pub use bytes_reader::BytesReader;
pub use bytes_writer::BytesWriter;
pub use delivery_mode::DeliveryMode;
pub use entries::Entries;
pub use envelope::{Envelope, Headers};
pub(crate) use id::MessageIds;
pub use id::{MessageId, MessageIdText};
pub use map::Map;
pub use object_limits::ObjectLimits;
pub use priority::Priority;
pub use properties::Properties;
pub(crate) use property_name::{continues_identifier, starts_identifier};
pub use receipt::SendReceipt;
pub use received::{Acknowledge, DeliveryInfo, Received};
pub(crate) use session_link::SessionNumber;
pub use stream::Stream;
pub use stream_reader::StreamReader;
pub use stream_writer::StreamWriter;
pub use timestamp::Timestamp;
pub use typed::FromBody;
pub use value::{PropertyValue, Value};

use std::sync::LazyLock;

use bytes::Bytes;
use bytestring::ByteString;
use triomphe::Arc;

use self::content::{Content, Extras};
use crate::{Address, Destination, Result};

/// The content type that marks bytes as a serialised value, in the codec this crate uses. JMS: `ObjectMessage`.
pub const OBJECT_CONTENT_TYPE: &str = "application/json";

/// A message as an application makes it: body, application properties, and the headers that are its own to choose.
///
/// A cheaply cloned value: the setters consume and return it, and copy only what is shared. What a send decides (id,
/// timestamp, destination, mode, priority, expiration) is no part of it; that comes back as [`SendReceipt`] and
/// arrives in [`Received`], so a message can be sent again and again. JMS: `Message` and its sub-interfaces.
///
/// ```
/// use anymq_api::{BodyKind, Message};
///
/// let message = Message::text("one espresso")
///     .with_message_type("order")
///     .with_property("table", 7)?;
/// assert_eq!(message.kind(), BodyKind::Text);
/// assert_eq!(message.as_text(), Some("one espresso"));
/// assert_eq!(message.properties().i32("table")?, 7);
/// # Ok::<(), anymq_api::Error>(())
/// ```
///
/// # Request and reply
/// The request names where the reply goes, for example a temporary queue; the reply names the request by its id.
///
/// ```
/// # async fn example() -> anymq::Result<()> {
/// use anymq::prelude::*;
///
/// # let connection = anymq::connection_factory("vm://reply-doc")?.create_connection().await?;
/// # let session = connection.create_session(AckMode::Auto).await?;
/// # let orders = Queue::new("orders")?;
/// # let waiter = session.create_consumer(&orders).await?;
/// # connection.start().await?;
/// let replies = session.create_temporary_queue().await?;
/// let inbox = session.create_consumer(&replies).await?;
/// let producer = session.create_producer(&orders).await?;
/// let sent = producer.send(Message::text("one espresso").with_reply_to(&replies)).await?;
///
/// // Elsewhere, with an anonymous producer:
/// let replier = session.create_anonymous_producer().await?;
/// # let order = waiter.receive_timeout(Duration::from_secs(5)).await?.expect("an order");
/// if let (Some(reply_to), Some(id)) = (order.reply_to(), order.message_id()) {
///     replier.send_to(reply_to, Message::text("at once").with_correlation_id(id)).await?;
/// }
///
/// let reply = inbox.receive_timeout(Duration::from_secs(5)).await?.expect("a reply");
/// assert_eq!(reply.correlation_id(), sent.message_id().map(MessageId::text).as_deref());
/// # connection.close().await
/// # }
/// # tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap().block_on(example()).unwrap();
/// ```
///
/// # In logs
/// `Debug` shows the kind of the body and its length (in bytes, entries or values), the names of the properties and the
/// headers that the application set; not the body nor the properties' values, which are the business of others. So do
/// [`Received`] and [`Envelope`]. [`Message::body`] and [`Message::properties`] show all they hold.
#[derive(Clone)]
pub struct Message(Arc<Content>);

impl Message {
    /// A message without a body. JMS: `createMessage`.
    pub fn empty() -> Self {
        static EMPTY: LazyLock<Arc<Content>> = LazyLock::new(Arc::default);
        Self(Arc::clone(&EMPTY))
    }

    /// A message with any body.
    pub fn new(body: Body) -> Self {
        Self(Arc::new(Content::new(body)))
    }

    /// A text message; a `String` or `ByteString` is taken without a copy. JMS: `createTextMessage`.
    pub fn text(text: impl Into<ByteString>) -> Self {
        Self::new(Body::Text(text.into()))
    }

    /// A bytes message; `Bytes` and `Vec<u8>` are taken without a copy. JMS: `createBytesMessage`.
    pub fn bytes(bytes: impl Into<Bytes>) -> Self {
        Self::new(Body::Bytes(bytes.into()))
    }

    /// A map message. JMS: `createMapMessage`.
    pub fn map(map: Map) -> Self {
        Self::new(Body::Map(map))
    }

    /// A stream message. JMS: `createStreamMessage`.
    pub fn stream(stream: Stream) -> Self {
        Self::new(Body::Stream(stream))
    }

    /// The body.
    pub fn body(&self) -> &Body {
        &self.0.body
    }

    /// The kind of message, by its body and content type.
    pub fn kind(&self) -> BodyKind {
        match &self.0.body {
            Body::Empty => BodyKind::Empty,
            Body::Text(_) => BodyKind::Text,
            Body::Bytes(_) if self.content_type() == Some(OBJECT_CONTENT_TYPE) => BodyKind::Object,
            Body::Bytes(_) => BodyKind::Bytes,
            Body::Map(_) => BodyKind::Map,
            Body::Stream(_) => BodyKind::Stream,
        }
    }

    /// The text of a text message.
    pub fn as_text(&self) -> Option<&str> {
        match &self.0.body {
            Body::Text(text) => Some(text),
            _ => None,
        }
    }

    /// The bytes of a bytes message (or of an object message's serialised form).
    pub fn as_bytes(&self) -> Option<&Bytes> {
        match &self.0.body {
            Body::Bytes(bytes) => Some(bytes),
            _ => None,
        }
    }

    /// The map of a map message.
    pub fn as_map(&self) -> Option<&Map> {
        match &self.0.body {
            Body::Map(map) => Some(map),
            _ => None,
        }
    }

    /// The values of a stream message.
    pub fn as_stream(&self) -> Option<&Stream> {
        match &self.0.body {
            Body::Stream(stream) => Some(stream),
            _ => None,
        }
    }

    /// The same message with another body; headers and properties stay. JMS: `clearBody` and the body's setters.
    #[must_use]
    pub fn with_body(mut self, body: Body) -> Self {
        self.content_mut().body = body;
        self
    }

    /// What this message answers or belongs to. JMS: `JMSCorrelationID`.
    pub fn correlation_id(&self) -> Option<&str> {
        self.0.extras().correlation_id.as_deref()
    }

    /// Sets the correlation id; an empty one is kept apart from none.
    #[must_use]
    pub fn with_correlation_id(mut self, id: impl Into<ByteString>) -> Self {
        self.extras_mut().correlation_id = Some(id.into());
        self
    }

    /// Removes the correlation id.
    #[must_use]
    pub fn without_correlation_id(mut self) -> Self {
        self.extras_mut().correlation_id = None;
        self
    }

    /// Where a reply is expected. JMS: `JMSReplyTo`.
    pub fn reply_to(&self) -> Option<&Address> {
        self.0.extras().reply_to.as_ref()
    }

    /// Sets where a reply is expected.
    #[must_use]
    pub fn with_reply_to(mut self, destination: &dyn Destination) -> Self {
        self.extras_mut().reply_to = Some(destination.address().clone());
        self
    }

    /// Removes the reply-to.
    #[must_use]
    pub fn without_reply_to(mut self) -> Self {
        self.extras_mut().reply_to = None;
        self
    }

    /// The application's name for this sort of message. JMS: `JMSType`.
    pub fn message_type(&self) -> Option<&str> {
        self.0.extras().message_type.as_deref()
    }

    /// Sets the message type.
    #[must_use]
    pub fn with_message_type(mut self, name: impl Into<ByteString>) -> Self {
        self.extras_mut().message_type = Some(name.into());
        self
    }

    /// Removes the message type.
    #[must_use]
    pub fn without_message_type(mut self) -> Self {
        self.extras_mut().message_type = None;
        self
    }

    /// The media type of the body, where one was given. No JMS term; AMQP and MQTT have the field.
    pub fn content_type(&self) -> Option<&str> {
        self.0.extras().content_type.as_deref()
    }

    /// Sets the media type of the body.
    #[must_use]
    pub fn with_content_type(mut self, media_type: impl Into<ByteString>) -> Self {
        self.extras_mut().content_type = Some(media_type.into());
        self
    }

    /// Removes the media type.
    #[must_use]
    pub fn without_content_type(mut self) -> Self {
        self.extras_mut().content_type = None;
        self
    }

    /// The application properties, with JMS's conversions.
    pub fn properties(&self) -> &Properties {
        &self.0.extras().properties
    }

    /// One property's value.
    pub fn property(&self, name: &str) -> Option<&PropertyValue> {
        self.0.extras().properties.get(name)
    }

    /// Sets one property.
    ///
    /// # Errors
    /// [`ErrorKind::InvalidArgument`](crate::ErrorKind::InvalidArgument) when the name is not a selector identifier,
    /// is a reserved word, or starts with `JMS` (only `JMSXGroupID`, a text, and `JMSXGroupSeq`, an `i32`, are the
    /// application's to set); [`ErrorKind::MessageFormat`](crate::ErrorKind::MessageFormat) when one of these two is
    /// given a value of another type.
    pub fn with_property(mut self, name: impl Into<String>, value: impl Into<PropertyValue>) -> Result<Self> {
        self.extras_mut().properties.set(name, value)?;
        Ok(self)
    }

    /// Replaces all properties. JMS: `clearProperties`, with none.
    #[must_use]
    pub fn with_properties(mut self, properties: Properties) -> Self {
        self.extras_mut().properties = properties;
        self
    }

    fn content_mut(&mut self) -> &mut Content {
        Arc::make_mut(&mut self.0)
    }

    fn extras_mut(&mut self) -> &mut Extras {
        self.content_mut().extras_mut()
    }
}

impl Default for Message {
    fn default() -> Self {
        Self::empty()
    }
}

/// By what they hold, even of one that is shared: a number that is none differs from itself.
impl PartialEq for Message {
    fn eq(&self, other: &Self) -> bool {
        *self.0 == *other.0
    }
}
