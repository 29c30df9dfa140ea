//! What nearly every application needs: `use anymq::prelude::*;`.
//!
//! The traits with their extensions, the values they take and give, [`Directory`], and [`Arc`], [`Duration`] and [`async_trait`], which go with them.
//! [`Map`](crate::Map), [`Stream`](crate::Stream) and
//! [`Value`](crate::Value) are left out, because other crates' preludes have the same names.

pub use std::{sync::Arc, time::Duration};

pub use anymq_api::{
    AckMode, Address, Body, BodyKind, BoxError, Browser, Capabilities, Capability, CompletionListener, ConnectOptions,
    Connection, ConnectionFactory, ConnectionMetaData, Consumer, ConsumerExt, ConsumerOptions, Credentials,
    DeliveryMode, Destination, DestinationKind, DrainReport, Error, ErrorKind, Event, Events, Health, Limits, Message,
    MessageId, MessageListener, Priority, Producer, ProducerExt, Properties, PropertyValue, Queue, Received,
    ReconnectPolicy, ReconnectRounds, RedeliveryPolicy, Result, Retry, Selector, SendOptions, SendReceipt, Session,
    SessionExt, Support, TemporaryQueue, TemporaryTopic, Timestamp, Topic, async_trait,
};

pub use crate::Directory;
