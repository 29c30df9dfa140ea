use std::{fmt::Debug, sync::Arc, time::Duration};

use async_trait::async_trait;

use super::{DriverConnection, EventSink};
use crate::{Credentials, Result};

/// What the kernel asks of a new connection, with all choices made.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct ConnectSpec {
    /// Unique within the process, for names that must not collide.
    pub connection_id: u64,
    /// The client identifier.
    pub client_id: Option<String>,
    /// User name and password; the driver's own default otherwise.
    pub credentials: Option<Credentials>,
    /// How long the attempt may take; the kernel gives up then and drops the future.
    pub connect_timeout: Duration,
    /// How long the broker may take to answer one request; the kernel watches over what it waits for itself.
    pub request_timeout: Duration,
}

impl ConnectSpec {
    /// No client identifier, no credentials, ten seconds to connect, thirty for a request.
    pub fn new(connection_id: u64) -> Self {
        Self {
            connection_id,
            client_id: None,
            credentials: None,
            connect_timeout: Duration::from_secs(10),
            request_timeout: Duration::from_secs(30),
        }
    }
}

/// One provider, aimed at one broker.
#[async_trait]
pub trait Driver: Debug + Send + Sync {
    /// The provider's name, for example `amqp`.
    fn name(&self) -> &'static str;

    /// The adapter's version, `major.minor.patch`.
    fn version(&self) -> &'static str;

    /// The broker that it is aimed at, for error texts: host and port, for example. Never a credential.
    fn target(&self) -> Option<String> {
        None
    }

    /// Connects and logs in, once, without retrying. Called by the kernel, possibly concurrently. The driver may keep
    /// `events` as long as the connection lives.
    ///
    /// # Errors
    /// Classified: `Security`, `InvalidClientId`, `ConnectionLost`, `Configuration`, …
    async fn connect(&self, spec: ConnectSpec, events: Arc<dyn EventSink>) -> Result<Arc<dyn DriverConnection>>;
}
