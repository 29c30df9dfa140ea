//! The files, ports and environment of one broker.

use std::fs;
use std::io;
use std::path::{Path, PathBuf};

use tempfile::TempDir;

use super::configuration::{self, LOGGING};
use super::installation::Installation;
use super::options::ActiveMqOptions;
use super::{ADMINISTRATOR, BrokerError};
use crate::broker::{BrokerTls, Port, ProcessSpec};
use crate::stomp::StompClient;

/// How Java runs it. The quick compiler alone, and the simple collector, halve the time that a start takes.
const JAVA: [&str; 10] = [
    "-Xms64m",
    "-Xmx512m",
    "-XX:+UseSerialGC",
    "-XX:TieredStopAtLevel=1",
    // It would write to /tmp.
    "-XX:-UsePerfData",
    "-Djava.net.preferIPv4Stack=true",
    "--add-opens=java.base/java.lang=ALL-UNNAMED",
    // For what turns maps into JSON.
    "--add-opens=java.base/java.util=ALL-UNNAMED",
    "-Dfile.encoding=UTF-8",
    "-Duser.timezone=UTC",
];

/// Variables of our own environment that would change Java's ways.
const FOREIGN: [&str; 4] = ["CLASSPATH", "JAVA_TOOL_OPTIONS", "JDK_JAVA_OPTIONS", "_JAVA_OPTIONS"];

/// One broker: where it keeps what, and where it listens.
#[derive(Debug)]
pub(super) struct Instance {
    directory: TempDir,
    stomp: Port,
    openwire: Port,
    mqtt: Option<Port>,
    tls: Option<(Port, BrokerTls)>,
}

impl Instance {
    /// Makes the directory with all files and takes the ports.
    pub(super) fn create(options: &ActiveMqOptions) -> Result<Self, BrokerError> {
        let instance = Self::reserve(options).map_err(BrokerError::io("prepare ActiveMQ"))?;
        instance
            .write_files(options)
            .map_err(BrokerError::io("write the configuration of ActiveMQ"))?;
        Ok(instance)
    }

    fn reserve(options: &ActiveMqOptions) -> io::Result<Self> {
        Ok(Self {
            directory: tempfile::Builder::new().prefix("anymq-activemq-").tempdir()?,
            stomp: Port::reserve()?,
            openwire: Port::reserve()?,
            mqtt: options.mqtt.then(Port::reserve).transpose()?,
            tls: match &options.tls {
                Some(tls) => Some((Port::reserve()?, tls.clone())),
                None => None,
            },
        })
    }

    fn write_files(&self, options: &ActiveMqOptions) -> io::Result<()> {
        for name in ["data", "tmp"] {
            fs::create_dir(self.path(name))?;
        }
        fs::write(self.path("log4j.properties"), LOGGING)?;
        fs::write(self.path("activemq.xml"), configuration::of(self, options))
    }

    pub(super) fn path(&self, name: &str) -> PathBuf {
        self.directory.path().join(name)
    }

    /// Unique on this machine, because the port is.
    pub(super) fn name(&self) -> String {
        format!("anymq{}", self.stomp.number())
    }

    pub(super) fn directory(&self) -> &Path {
        self.directory.path()
    }

    pub(super) fn stomp(&self) -> &Port {
        &self.stomp
    }

    pub(super) fn openwire(&self) -> &Port {
        &self.openwire
    }

    pub(super) fn mqtt(&self) -> Option<&Port> {
        self.mqtt.as_ref()
    }

    pub(super) fn tls(&self) -> Option<&(Port, BrokerTls)> {
        self.tls.as_ref()
    }

    /// The version when the STOMP port, which is opened last, takes clients.
    pub(super) async fn ready(&self) -> Option<String> {
        let client = StompClient::connect(self.stomp.address(), ADMINISTRATOR, ADMINISTRATOR);
        let client = client.await.ok()?;
        let server = client.greeting().header("server")?;
        server.strip_prefix("ActiveMQ/").map(str::to_owned)
    }

    /// The broker.
    pub(super) fn server(&self, installation: &Installation) -> ProcessSpec {
        let places = [
            ("java.io.tmpdir", self.path("tmp")),
            ("activemq.home", installation.home().to_owned()),
            ("activemq.base", self.directory().to_owned()),
            ("activemq.conf", self.directory().to_owned()),
            ("activemq.data", self.path("data")),
        ];
        let class_path = format!("{}:{}", self.directory().display(), installation.class_path());
        let spec = ProcessSpec::new(&installation.java, self.path("server.out"))
            .scratch(self.directory())
            .env("HOME", self.directory())
            .env("LC_ALL", "C.UTF-8")
            .args(JAVA)
            .args([format!("-XX:ErrorFile={}", self.path("crash.log").display())])
            .args(places.map(|(name, path)| format!("-D{name}={}", path.display())))
            .args(["-classpath", &class_path])
            .args(["org.apache.activemq.console.Main", "start", "xbean:activemq.xml"]);
        FOREIGN.into_iter().fold(spec, ProcessSpec::env_remove)
    }
}
