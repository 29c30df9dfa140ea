//! Mosquitto.

mod instance;
mod options;

use std::path::Path;
use std::time::Duration;

use super::BrokerError;
use super::programs::existing;
use super::server::Server;
use instance::Instance;
pub use options::{MosquittoOptions, MosquittoUser};

const NAME: &str = "Mosquitto";

/// The user who may do everything, and the password.
const ADMINISTRATOR: &str = "guest";

/// A Mosquitto of our own on loopback ports, with its own configuration and data. Dropping it ends the process at once
/// and removes the data.
#[derive(Debug)]
pub struct Mosquitto {
    // Fields are dropped in this order: the broker before the directory.
    server: Server,
    instance: Instance,
    start_limit: Duration,
    writes_each_change: bool,
}

impl Mosquitto {
    /// Starts a broker and waits until it takes clients on all its ports.
    ///
    /// # Errors
    ///
    /// [`BrokerError::NotInstalled`] when the machine has no Mosquitto; [`BrokerError::Exited`] or
    /// [`BrokerError::TimedOut`], with the last lines of its log, when it does not come up.
    ///
    /// # Cancel safety
    ///
    /// What was started ends when the future is dropped.
    pub async fn start(options: MosquittoOptions) -> Result<Self, BrokerError> {
        existing(NAME, &options.program)?;
        let mut broker = Self {
            server: Server::down(NAME),
            start_limit: options.start_limit,
            writes_each_change: options.writes_each_change,
            instance: Instance::create(&options).await?,
        };
        broker.boot().await?;
        Ok(broker)
    }

    /// The URL of its port, with a user who may do everything. It stays the same over restarts.
    pub fn mqtt_url(&self) -> String {
        format!("mqtt://{ADMINISTRATOR}:{ADMINISTRATOR}@127.0.0.1:{}", self.port())
    }

    /// Its port.
    pub fn port(&self) -> u16 {
        self.instance.port().number()
    }

    /// The port with TLS, if one was asked for.
    pub fn tls_port(&self) -> Option<u16> {
        self.instance.tls_port()
    }

    /// The directory that holds its configuration, data and log.
    pub fn directory(&self) -> &Path {
        self.instance.directory()
    }

    /// Stops the broker in good order. Its data stay for [`restart`](Self::restart).
    ///
    /// # Errors
    ///
    /// [`BrokerError::NotRunning`] after an earlier stop or kill; [`BrokerError::TimedOut`] when it had to be killed.
    ///
    /// # Cancel safety
    ///
    /// The broker ends in any case, by SIGKILL when the future is dropped.
    pub async fn stop(&mut self) -> Result<(), BrokerError> {
        self.server.stop().await
    }

    /// Crashes the broker: SIGKILL, nothing is written down, no connection is closed in good order. It comes back with what
    /// it had last written: see [`MosquittoOptions::writes_each_change`]. With that option it acknowledges a message a
    /// moment before it writes it down, and answers nobody in between; so the crash comes after another answer, because what
    /// this broker may lose in that moment is nothing that a client could prevent.
    ///
    /// # Errors
    ///
    /// [`BrokerError::NotRunning`] after an earlier stop or kill.
    ///
    /// # Cancel safety
    ///
    /// The broker ends in any case.
    pub async fn kill(&mut self) -> Result<(), BrokerError> {
        if self.server.is_up() && self.writes_each_change {
            // One that does not answer is killed all the same.
            let _ = tokio::time::timeout(self.start_limit, self.instance.ready()).await;
        }
        self.server.kill().await
    }

    /// Starts the broker again with the same ports and data; stops it first when it runs.
    ///
    /// # Errors
    ///
    /// As [`start`](Self::start) and [`stop`](Self::stop).
    ///
    /// # Cancel safety
    ///
    /// The broker is down when the future is dropped; another restart is possible.
    pub async fn restart(&mut self) -> Result<(), BrokerError> {
        if self.server.is_up() {
            self.stop().await?;
        }
        self.boot().await
    }

    async fn boot(&mut self) -> Result<(), BrokerError> {
        let spec = self.instance.server();
        let ready = || self.instance.ready();
        self.server.boot(&spec, self.start_limit, ready).await
    }
}
