//! The files, ports and environment of one node.

use std::env;
use std::ffi::OsString;
use std::fs::{self, Permissions};
use std::io;
use std::net::SocketAddr;
use std::num::NonZeroUsize;
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use tempfile::TempDir;
use tokio::net::TcpStream;

use super::installation::Installation;
use super::options::{Plugin, RabbitMqOptions};
use super::{handshake, tls};
use crate::broker::{BrokerError, BrokerTls, Port, ProcessSpec};

/// Any word does: only this node and its tools share it, and they are on loopback.
const COOKIE: &str = "ANYMQCOOKIE";

/// Without this the distribution port and that of the control command would listen on all interfaces.
const LOOPBACK: &str = "-kernel inet_dist_use_interface {127,0,0,1}";

/// Erlang would start a name server in the background, which nobody ends; ours is there already.
const NO_EPMD: &str = "-start_epmd false";

/// Where a control command leaves its result.
pub(super) const CTL_OUTPUT: &str = "out";

/// One node: where it keeps what, and where it listens.
#[derive(Debug)]
pub(super) struct Node {
    directory: TempDir,
    amqp: Port,
    distribution: Port,
    /// Of the name server, which the nodes of a cluster share.
    epmd: Arc<Port>,
    plugins: Vec<(Plugin, Option<Port>)>,
    max_message_size: Option<NonZeroUsize>,
    tls: Option<(Port, BrokerTls)>,
}

impl Node {
    /// Makes the directory with all files and takes the ports.
    pub(super) fn create(options: &RabbitMqOptions, epmd: Arc<Port>) -> Result<Self, BrokerError> {
        let node = Self::reserve(options, epmd).map_err(BrokerError::io("prepare RabbitMQ"))?;
        node.write_files()
            .map_err(BrokerError::io("write the configuration of RabbitMQ"))?;
        Ok(node)
    }

    fn reserve(options: &RabbitMqOptions, epmd: Arc<Port>) -> io::Result<Self> {
        let port_of = |plugin: &Plugin| plugin.has_port().then(Port::reserve).transpose();
        Ok(Self {
            directory: tempfile::Builder::new().prefix("anymq-rabbitmq-").tempdir()?,
            amqp: Port::reserve()?,
            distribution: Port::reserve()?,
            epmd,
            plugins: options
                .plugins
                .iter()
                .map(|plugin| Ok((*plugin, port_of(plugin)?)))
                .collect::<io::Result<_>>()?,
            max_message_size: options.max_message_size,
            tls: match &options.tls {
                Some(tls) => Some((Port::reserve()?, tls.clone())),
                None => None,
            },
        })
    }

    fn write_files(&self) -> io::Result<()> {
        for name in ["mnesia", "log", "gen", "schema"] {
            fs::create_dir(self.path(name))?;
        }
        let cookie = self.path(".erlang.cookie");
        fs::write(&cookie, COOKIE)?;
        // Erlang refuses a cookie that others may read.
        fs::set_permissions(&cookie, Permissions::from_mode(0o400))?;
        let names: Vec<&str> = self.plugins.iter().map(|(plugin, _)| plugin.name()).collect();
        fs::write(self.path("enabled_plugins"), format!("[{}].\n", names.join(",")))?;
        fs::write(self.path("rabbitmq.conf"), self.configuration())
    }

    fn configuration(&self) -> String {
        let mut lines = format!(
            "listeners.tcp.1 = {}\n\
             loopback_users = none\n\
             log.console = false\n\
             disk_free_limit.absolute = 50MB\n",
            self.amqp.address()
        );
        if let Some(bytes) = self.max_message_size {
            lines.extend(["max_message_size = ", &bytes.to_string(), "\n"]);
        }
        if let Some((port, files)) = &self.tls {
            let address = port.address().to_string();
            lines.extend(["listeners.ssl.1 = ", &address, "\n", &tls::settings(files)]);
        }
        for (plugin, port) in &self.plugins {
            if let Some(port) = port {
                let (key, address) = (plugin.listener(), port.address());
                lines.extend([key, " = ", &address.to_string(), "\n"]);
            }
            lines += plugin.settings();
        }
        lines
    }

    fn path(&self, name: &str) -> PathBuf {
        self.directory.path().join(name)
    }

    /// Unique on this machine, because the port is.
    pub(super) fn name(&self) -> String {
        format!("anymq{}@localhost", self.amqp.number())
    }

    pub(super) fn directory(&self) -> &Path {
        self.directory.path()
    }

    pub(super) fn amqp(&self) -> &Port {
        &self.amqp
    }

    pub(super) fn epmd_address(&self) -> SocketAddr {
        self.epmd.address()
    }

    /// For a node that is to find this one.
    pub(super) fn shared_epmd(&self) -> Arc<Port> {
        Arc::clone(&self.epmd)
    }

    pub(super) fn plugin_port(&self, plugin: Plugin) -> Option<u16> {
        let found = self.plugins.iter().find(|(known, _)| *known == plugin);
        found?.1.as_ref().map(Port::number)
    }

    pub(super) fn tls_port(&self) -> Option<u16> {
        self.tls.as_ref().map(|(port, _)| port.number())
    }

    /// The version when every port takes clients.
    pub(super) async fn ready(&self) -> Option<String> {
        let of_plugins = self.plugins.iter().filter_map(|(_, port)| port.as_ref());
        for port in of_plugins.chain(self.tls.as_ref().map(|(port, _)| port)) {
            TcpStream::connect(port.address()).await.ok()?;
        }
        handshake::server_version(self.amqp.address()).await
    }

    /// The name server.
    pub(super) fn epmd(&self, installation: &Installation) -> ProcessSpec {
        self.environment(ProcessSpec::new(&installation.epmd, self.path("epmd.out")))
    }

    /// The broker.
    pub(super) fn server(&self, installation: &Installation) -> ProcessSpec {
        let spec = ProcessSpec::new(&installation.server, self.path("server.out"));
        self.environment(spec).scratch(self.directory())
    }

    /// A control command, with a directory for what it prints; the result is in its file [`CTL_OUTPUT`].
    pub(super) fn ctl(&self, installation: &Installation, args: &[&str]) -> io::Result<(ProcessSpec, TempDir)> {
        let directory = tempfile::Builder::new().prefix("ctl-").tempdir_in(self.directory())?;
        let spec = ProcessSpec::new(&installation.ctl, directory.path().join("err"))
            .stdout(directory.path().join(CTL_OUTPUT))
            .args(["--quiet", "--node", &self.name()])
            .args(args);
        Ok((self.environment(spec), directory))
    }

    fn environment(&self, spec: ProcessSpec) -> ProcessSpec {
        let paths = [
            ("HOME", ""),
            ("RABBITMQ_MNESIA_BASE", "mnesia"),
            ("RABBITMQ_LOG_BASE", "log"),
            ("RABBITMQ_PID_FILE", "pid"),
            ("RABBITMQ_CONFIG_FILE", "rabbitmq"),
            ("RABBITMQ_ADVANCED_CONFIG_FILE", "advanced"),
            ("RABBITMQ_CONF_ENV_FILE", "none"),
            ("RABBITMQ_ENABLED_PLUGINS_FILE", "enabled_plugins"),
            ("RABBITMQ_GENERATED_CONFIG_DIR", "gen"),
            ("RABBITMQ_SCHEMA_DIR", "schema"),
        ];
        let spec = paths
            .iter()
            .fold(without_ours(spec), |spec, (name, file)| spec.env(name, self.path(file)));
        spec.env("LC_ALL", "C.UTF-8")
            .env("ERL_EPMD_ADDRESS", "127.0.0.1")
            .env("ERL_EPMD_PORT", self.epmd.number().to_string())
            .env("RABBITMQ_NODENAME", self.name())
            .env("RABBITMQ_USE_LONGNAME", "false")
            .env("RABBITMQ_NODE_IP_ADDRESS", "127.0.0.1")
            .env("RABBITMQ_NODE_PORT", self.amqp.number().to_string())
            .env("RABBITMQ_DIST_PORT", self.distribution.number().to_string())
            .env("RABBITMQ_SERVER_ADDITIONAL_ERL_ARGS", format!("{LOOPBACK} {NO_EPMD}"))
            .env("RABBITMQ_CTL_ERL_ARGS", format!("{LOOPBACK} {NO_EPMD}"))
    }
}

/// Takes out the variables of our own environment that would change a broker's ways.
fn without_ours(spec: ProcessSpec) -> ProcessSpec {
    let foreign = |name: &OsString| {
        let name = name.to_string_lossy();
        name.starts_with("RABBITMQ_") || name.starts_with("ERL_")
    };
    env::vars_os()
        .map(|(name, _)| name)
        .filter(foreign)
        .fold(spec, ProcessSpec::env_remove)
}
