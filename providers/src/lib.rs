//! JMS-style messaging for Rust with pluggable providers.
//!
//! An application is written once, against a small set of traits with the semantics of Jakarta Messaging; the provider
//! is chosen by URL ([`connection_factory`]) or by configuration ([`Directory`]).
//!
//! ```
//! # #[cfg(feature = "in-vm")]
//! # async fn example() -> anymq::Result<()> {
//! use anymq::prelude::*;
//!
//! let factory = anymq::connection_factory("vm://shop")?;
//! let connection = factory.create_connection().await?;
//! let session = connection.create_session(AckMode::Auto).await?;
//! let orders = Queue::new("orders")?;
//! let consumer = session.create_consumer(&orders).await?;
//! let producer = session.create_producer(&orders).await?;
//! connection.start().await?;
//!
//! producer.send(Message::text("one espresso").with_property("table", 7)?).await?;
//! let order = consumer.receive_timeout(Duration::from_secs(5)).await?;
//! assert_eq!(order.as_ref().and_then(|order| order.as_text()), Some("one espresso"));
//! connection.close().await
//! # }
//! # #[cfg(feature = "in-vm")]
//! # tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap().block_on(example()).unwrap();
//! ```
//!
//! # Providers
//!
//! | URL | cargo feature | |
//! |---|---|---|
//! | `vm://name` | `in-vm` (default) | the reference broker, inside the process |
//! | `amqp://user:password@host:port/vhost` | `amqp` | AMQP 0-9-1, for RabbitMQ |
//! | `stomp://user:password@host:port` | `stomp` | STOMP, for ActiveMQ and RabbitMQ |
//! | `mqtt://user:password@host:port` | `mqtt` | MQTT 5 and 3.1.1, for Mosquitto: topics only |
//!
//! `failover:(url,url)?option=value` names several brokers that stand in for each other, and makes lost links again; a
//! plain URL does so with `?reconnect=forever`.
//!
//! A third party's provider implements [`spi::Provider`] and is added to a [`Registry`].

mod connection_url;
mod directory;
pub mod prelude;
mod registry;
mod suggest;

// The contract, whole: an application depends on this crate alone.
pub use anymq_api::*;
/// The in-VM broker, to embed one with choices or to look into it.
#[cfg(feature = "in-vm")]
pub use anymq_in_vm as in_vm;
pub use directory::{Directory, DirectoryBuilder};
pub use registry::Registry;

use std::sync::Arc;

/// A connection factory for a broker's URL, made by one of the built-in providers. Nothing is connected yet.
///
/// The form of a URL is told by [`spi::BrokerUrl`], and that of a list of them by [`spi::FailoverUrl`]. Every provider
/// knows the options `client-id`, `prefetch`,
/// `connect-timeout`, `request-timeout`, `close-timeout`, and for the [`RedeliveryPolicy`] `max-deliveries`,
/// `redelivery-delay`, `redelivery-multiplier` and `redelivery-max-delay`, and for the [`ReconnectPolicy`] `reconnect`
/// (`off`, `forever`, or a number of rounds), `reconnect-delay`, `reconnect-multiplier` and `reconnect-max-delay`; durations are written `5s` or `250ms`.
/// `password-file` names the file with the password of the URL's user, which is read whenever a connection is made.
///
/// # Errors
/// [`ErrorKind::Configuration`] for a URL that is malformed, of an unknown scheme or of a provider whose cargo feature
/// is off, and for options that are unknown or have bad values. No error shows a password.
///
/// ```
/// # #[cfg(feature = "in-vm")]
/// # async fn example() -> anymq::Result<()> {
/// use anymq::prelude::*;
///
/// let factory = anymq::connection_factory("vm://shop?client-id=till-1&close-timeout=5s")?;
/// let connection = factory.create_connection().await?;
/// assert_eq!(connection.client_id()?.as_deref(), Some("till-1"));
/// connection.close().await?;
///
/// let error = anymq::connection_factory("vm://shop?client_id=till-1").unwrap_err();
/// assert_eq!(error.kind(), ErrorKind::Configuration);
/// # Ok(())
/// # }
/// # #[cfg(feature = "in-vm")]
/// # tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap().block_on(example()).unwrap();
/// ```
pub fn connection_factory(url: &str) -> Result<Arc<dyn ConnectionFactory>> {
    Registry::builtin().connection_factory(url)
}
