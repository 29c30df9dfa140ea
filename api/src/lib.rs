//! The contract of `anymq`: JMS-style messaging for Rust with pluggable providers.
//!
//! Three rings: the [traits](crate::Connection) that applications use; the [`kernel`], which implements them once over
//! a small provider interface; and that interface, the [`spi`], which providers implement. Applications depend on the
//! crate `anymq`, which re-exports this one; providers depend on this crate alone.

mod capability;
mod clock;
mod destination;
mod error;
mod event;
mod ext;
pub mod kernel;
mod message;
mod options;
mod selector;
pub mod spi;
mod traits;

/// Makes `async fn` possible in implementations of [`MessageListener`], [`CompletionListener`] and the other traits:
/// `#[async_trait] impl MessageListener for …`. From the crate of the same name, so that applications need not name it.
pub use async_trait::async_trait;
pub use capability::{Capabilities, Capability, Limits, Support};
pub use clock::{Clock, SystemClock};
pub use destination::{Address, DestinationKind, Queue, TemporaryDestination, TemporaryQueue, TemporaryTopic, Topic};
pub use error::{BoxError, Error, ErrorKind, Result, Retry};
pub use event::{ConnectionMetaData, DrainReport, Event, Events, Health};
pub use ext::{Confirmation, ConsumerExt, ListenerOutcome, Messages, ProducerExt, SessionExt};
pub use message::{
    Acknowledge, Body, BodyKind, BytesReader, BytesWriter, DeliveryInfo, DeliveryMode, Entries, Envelope, FromBody,
    Headers, Map, Message, MessageId, MessageIdText, OBJECT_CONTENT_TYPE, ObjectLimits, Priority, Properties,
    PropertyValue, Received, SendReceipt, Stream, StreamReader, StreamWriter, Timestamp, Value,
};
pub use options::{
    AckMode, ConnectOptions, ConsumerOptions, Credentials, ReconnectPolicy, ReconnectRounds, RedeliveryPolicy,
    SendOptions,
};
pub use selector::Selector;
pub use traits::{
    Browser, CompletionListener, Connection, ConnectionFactory, Consumer, Context, Destination, MessageListener,
    Producer, Session, XaSession,
};
