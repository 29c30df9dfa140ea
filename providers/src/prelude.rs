//! What nearly every application needs: `use anymq::prelude::*;`.
//!
//! The traits with their extensions, the values they take and give, and [`Duration`]. [`Map`](crate::Map), [`Stream`](crate::Stream) and
//! [`Value`](crate::Value) are left out, because other crates' preludes have the same names.

pub use std::time::Duration;

pub use anymq_api::{
    AckMode, Address, Body, BodyKind, BoxError, Browser, Capability, CompletionListener, ConnectOptions, Connection,
    ConnectionFactory, Consumer, ConsumerExt, ConsumerOptions, DeliveryMode, Destination, DestinationKind, Error,
    ErrorKind, Event, Events, Message, MessageId, MessageListener, Priority, Producer, ProducerExt, Properties,
    PropertyValue, Queue, Received, Result, Retry, SendOptions, SendReceipt, Session, SessionExt, Support,
    TemporaryQueue, TemporaryTopic, Timestamp, Topic,
};
