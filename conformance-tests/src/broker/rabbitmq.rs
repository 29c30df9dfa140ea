//! `RabbitMQ`: one node, or several in a cluster.

mod cluster;
mod handshake;
mod installation;
mod node;
mod options;
mod tls;

use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use tokio::net::TcpStream;

use super::server::Server;
use super::{BrokerError, GuardedProcess, Port};
pub use cluster::RabbitMqCluster;
use installation::Installation;
use node::{CTL_OUTPUT, Node};
pub use options::{Plugin, RabbitMqOptions};

const NAME: &str = "RabbitMQ";
const EPMD_LIMIT: Duration = Duration::from_secs(20);
const CTL_LIMIT: Duration = Duration::from_secs(120);

/// A `RabbitMQ` broker of our own on loopback ports, with its own name server, data and cookie.
///
/// Dropping it ends both processes at once and removes the data.
#[derive(Debug)]
pub struct RabbitMq {
    // Fields are dropped in this order: the broker before the name server that it would miss, the directory last.
    server: Server,
    epmd: Arc<GuardedProcess>,
    installation: Installation,
    node: Node,
    version: String,
    start_limit: Duration,
}

impl RabbitMq {
    /// Starts a broker and waits until it takes clients on all its ports.
    ///
    /// # Errors
    ///
    /// [`BrokerError::NotInstalled`] when the machine has no `RabbitMQ`; [`BrokerError::Exited`] or
    /// [`BrokerError::TimedOut`], with the last lines of its log, when it does not come up.
    ///
    /// # Cancel safety
    ///
    /// What was started ends when the future is dropped.
    pub async fn start(options: RabbitMqOptions) -> Result<Self, BrokerError> {
        let mut rabbit = Self::prepare(&options).await?;
        rabbit.boot().await?;
        Ok(rabbit)
    }

    /// A node that is not started yet, beside its name server, which is.
    async fn prepare(options: &RabbitMqOptions) -> Result<Self, BrokerError> {
        let installation = Installation::find(options)?;
        let port = Port::reserve().map_err(BrokerError::io("take a port for the name server"))?;
        let node = Node::create(options, Arc::new(port))?;
        let epmd = GuardedProcess::spawn(&node.epmd(&installation))?;
        wait_for_epmd(&epmd, &node).await?;
        Ok(Self {
            server: Server::down(NAME),
            epmd: Arc::new(epmd),
            installation,
            node,
            version: String::new(),
            start_limit: options.start_limit,
        })
    }

    /// Another node, not started yet, with the same name server.
    fn prepare_beside(&self, options: &RabbitMqOptions) -> Result<Self, BrokerError> {
        Ok(Self {
            server: Server::down(NAME),
            epmd: Arc::clone(&self.epmd),
            installation: Installation::find(options)?,
            node: Node::create(options, self.node.shared_epmd())?,
            version: String::new(),
            start_limit: options.start_limit,
        })
    }

    /// The URL for clients: user guest, virtual host `/`. It stays the same over restarts.
    pub fn amqp_url(&self) -> String {
        format!("amqp://guest:guest@127.0.0.1:{}/%2f", self.port())
    }

    /// What it is called among its nodes, such as `anymq40001@localhost`.
    pub fn name(&self) -> String {
        self.node.name()
    }

    /// The AMQP 0-9-1 port.
    pub fn port(&self) -> u16 {
        self.node.amqp().number()
    }

    /// The port of a plugin that has one and was asked for.
    pub fn plugin_port(&self, plugin: Plugin) -> Option<u16> {
        self.node.plugin_port(plugin)
    }

    /// The AMQP 0-9-1 port with TLS, if one was asked for.
    pub fn tls_port(&self) -> Option<u16> {
        self.node.tls_port()
    }

    /// The version, as the running broker says it to clients, such as `3.10.8`.
    pub fn version(&self) -> &str {
        &self.version
    }

    /// The directory that holds its configuration, data and logs, and that every process of it has as `HOME`.
    pub fn directory(&self) -> &Path {
        self.node.directory()
    }

    /// Runs `rabbitmqctl --quiet` with these arguments against this node and gives its standard output.
    ///
    /// # Errors
    ///
    /// [`BrokerError::Control`] when the command fails, as it does while the broker is down.
    ///
    /// # Cancel safety
    ///
    /// The command is killed when the future is dropped; what it did until then stays done.
    pub async fn ctl(&self, args: &[&str]) -> Result<String, BrokerError> {
        let prepared = self.node.ctl(&self.installation, args);
        let (spec, directory) = prepared.map_err(BrokerError::io("prepare rabbitmqctl"))?;
        let process = GuardedProcess::spawn(&spec)?;
        let status = process.wait(CTL_LIMIT).await?;
        let output = std::fs::read_to_string(directory.path().join(CTL_OUTPUT))
            .map_err(BrokerError::io("read what rabbitmqctl printed"))?;
        if status == 0 {
            return Ok(output);
        }
        Err(BrokerError::Control {
            command: format!("rabbitmqctl {}", args.join(" ")),
            status,
            output: output + &process.log_tail(),
        })
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
        let spec = self.node.server(&self.installation);
        let ready = || self.node.ready();
        self.version = self.server.boot(&spec, self.start_limit, ready).await?;
        Ok(())
    }

    /// Waits until it takes clients.
    async fn become_ready(&mut self) -> Result<(), BrokerError> {
        let ready = || self.node.ready();
        self.version = self.server.ready_again(self.start_limit, ready).await?;
        Ok(())
    }
}

async fn wait_for_epmd(epmd: &GuardedProcess, node: &Node) -> Result<(), BrokerError> {
    let listens = async || TcpStream::connect(node.epmd_address()).await.ok();
    epmd.until("listen", EPMD_LIMIT, listens).await.map(drop)
}

fn not_running() -> BrokerError {
    BrokerError::NotRunning { what: NAME.to_owned() }
}
