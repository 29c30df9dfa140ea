//! ActiveMQ Classic.

mod configuration;
mod holdings;
mod installation;
mod instance;
mod keystores;
mod options;

use std::path::Path;
use std::time::Duration;

use super::BrokerError;
use super::ports::Port;
use super::server::Server;
pub use holdings::{ActiveMqDestination, ActiveMqHoldings};
use installation::Installation;
use instance::Instance;
pub use options::{ActiveMqOptions, ActiveMqUser};

const NAME: &str = "ActiveMQ";

/// The user who may do everything, and the password.
const ADMINISTRATOR: &str = "guest";

/// How long the broker may take to say what it holds.
const HOLDINGS_LIMIT: Duration = Duration::from_secs(30);

/// An ActiveMQ broker of our own on loopback ports, with its own configuration and data.
///
/// Queues deliver by priority, delays work, and what fails goes to the queue `ActiveMQ.DLQ`. Dropping it ends the process
/// at once and removes the data.
#[derive(Debug)]
pub struct ActiveMq {
    // Fields are dropped in this order: the broker before the directory.
    server: Server,
    installation: Installation,
    instance: Instance,
    version: String,
    start_limit: Duration,
}

impl ActiveMq {
    /// Starts a broker and waits until it takes clients on all its ports.
    ///
    /// # Errors
    ///
    /// [`BrokerError::NotInstalled`] when the machine has no ActiveMQ or no Java; [`BrokerError::Control`] when the files
    /// for TLS are not what they should be; [`BrokerError::Exited`] or [`BrokerError::TimedOut`], with the last lines of
    /// its log, when it does not come up.
    ///
    /// # Cancel safety
    ///
    /// What was started ends when the future is dropped.
    pub async fn start(options: ActiveMqOptions) -> Result<Self, BrokerError> {
        let mut broker = Self {
            server: Server::down(NAME),
            installation: Installation::find(&options)?,
            start_limit: options.start_limit,
            instance: Instance::create(&options)?,
            version: String::new(),
        };
        broker.boot().await?;
        Ok(broker)
    }

    /// The URL of the STOMP port, with a user who may do everything. It stays the same over restarts.
    pub fn stomp_url(&self) -> String {
        format!("stomp://{ADMINISTRATOR}:{ADMINISTRATOR}@127.0.0.1:{}", self.port())
    }

    /// The URL of the OpenWire port, for the JMS client of ActiveMQ. It stays the same over restarts.
    pub fn openwire_url(&self) -> String {
        format!("tcp://127.0.0.1:{}", self.openwire_port())
    }

    /// The STOMP port.
    pub fn port(&self) -> u16 {
        self.instance.stomp().number()
    }

    /// The OpenWire port.
    pub fn openwire_port(&self) -> u16 {
        self.instance.openwire().number()
    }

    /// The port for MQTT, if one was asked for.
    pub fn mqtt_port(&self) -> Option<u16> {
        self.instance.mqtt().map(Port::number)
    }

    /// The STOMP port with TLS, if one was asked for.
    pub fn tls_port(&self) -> Option<u16> {
        self.instance.tls().map(|(port, _)| port.number())
    }

    /// The version, as the running broker says it to clients, such as `5.17.2`.
    pub fn version(&self) -> &str {
        &self.version
    }

    /// The directory that holds its configuration, data and logs, and that its process has as `HOME`.
    pub fn directory(&self) -> &Path {
        self.instance.directory()
    }

    /// The class path of the broker, on which its JMS client is too.
    pub fn class_path(&self) -> &str {
        self.installation.class_path()
    }

    /// What the broker holds.
    ///
    /// # Errors
    ///
    /// [`BrokerError::Io`] when it does not tell, as while it is down.
    ///
    /// # Cancel safety
    ///
    /// Safe; asking changes nothing.
    pub async fn holdings(&self) -> Result<ActiveMqHoldings, BrokerError> {
        let asking = ActiveMqHoldings::ask(self.instance.stomp().address());
        let answer = tokio::time::timeout(HOLDINGS_LIMIT, asking).await;
        answer
            .unwrap_or_else(|elapsed| Err(elapsed.into()))
            .map_err(BrokerError::io("ask ActiveMQ what it holds"))
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

    /// Crashes the broker: SIGKILL, nothing is flushed, no connection is closed in good order.
    ///
    /// # Errors
    ///
    /// [`BrokerError::NotRunning`] after an earlier stop or kill.
    ///
    /// # Cancel safety
    ///
    /// The broker ends in any case.
    pub async fn kill(&mut self) -> Result<(), BrokerError> {
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
        if let Some((_, tls)) = self.instance.tls() {
            keystores::write(&self.installation, self.directory(), tls).await?;
        }
        let spec = self.instance.server(&self.installation);
        let ready = || self.instance.ready();
        self.version = self.server.boot(&spec, self.start_limit, ready).await?;
        Ok(())
    }
}
