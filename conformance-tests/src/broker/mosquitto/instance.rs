//! The files and ports of one broker.

use std::fmt::Write as _;
use std::fs;
use std::io;
use std::path::{Path, PathBuf};
use std::process::Stdio;

use tempfile::TempDir;
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpStream;

use super::options::MosquittoOptions;
use super::{ADMINISTRATOR, BrokerError};
use crate::broker::{BrokerTls, Port, ProcessSpec};

/// What turns plain passwords into what the broker reads.
const PASSWORDS: &str = "/usr/bin/mosquitto_passwd";

/// CONNECT of MQTT 3.1.1 with a clean session, as nobody. The broker answers it even where it lets nobody in.
const GREETING: &[u8] = b"\x10\x0e\x00\x04MQTT\x04\x02\x00\x0a\x00\x02hi";

/// One broker: where it keeps what, and where it listens.
#[derive(Debug)]
pub(super) struct Instance {
    directory: TempDir,
    port: Port,
    tls: Option<(Port, BrokerTls)>,
    program: PathBuf,
}

impl Instance {
    /// Makes the directory with all files and takes the ports.
    pub(super) async fn create(options: &MosquittoOptions) -> Result<Self, BrokerError> {
        let instance = Self::reserve(options).map_err(BrokerError::io("prepare Mosquitto"))?;
        let written = instance.write_files(options).await;
        written.map_err(BrokerError::io("write the configuration of Mosquitto"))?;
        Ok(instance)
    }

    fn reserve(options: &MosquittoOptions) -> io::Result<Self> {
        Ok(Self {
            directory: tempfile::Builder::new().prefix("anymq-mosquitto-").tempdir()?,
            port: Port::reserve()?,
            tls: match &options.tls {
                Some(tls) => Some((Port::reserve()?, tls.clone())),
                None => None,
            },
            program: options.program.clone(),
        })
    }

    async fn write_files(&self, options: &MosquittoOptions) -> io::Result<()> {
        fs::create_dir(self.path("data"))?;
        fs::write(self.path("acl"), rights(options))?;
        fs::write(self.path("mosquitto.conf"), self.configuration(options))?;
        let mut passwords = format!("{ADMINISTRATOR}:{ADMINISTRATOR}\n");
        for user in &options.users {
            // Infallible.
            let _ = writeln!(passwords, "{}:{}", user.name, user.password);
        }
        fs::write(self.path("passwords"), passwords)?;
        let hashing = tokio::process::Command::new(PASSWORDS)
            .arg("-U")
            .arg(self.path("passwords"))
            .stdin(Stdio::null())
            .kill_on_drop(true)
            .output()
            .await?;
        if hashing.status.success() {
            Ok(())
        } else {
            Err(io::Error::other(String::from_utf8_lossy(&hashing.stderr).into_owned()))
        }
    }

    /// The limits are out of the way of what is tested: the broker would drop messages beyond them.
    fn configuration(&self, options: &MosquittoOptions) -> String {
        let mut text = String::new();
        if let Some((port, tls)) = &self.tls {
            text += &listener(port);
            for (option, path) in [
                ("cafile", &tls.ca),
                ("certfile", &tls.certificate),
                ("keyfile", &tls.key),
            ] {
                // Infallible, as all of these.
                let _ = writeln!(text, "{option} {}", path.display());
            }
            let _ = writeln!(text, "require_certificate {}", tls.client_certificate_required);
        }
        // They are opened in this order, so whoever finds the last one open finds all.
        text += &listener(&self.port);
        let interval = if options.writes_each_change { 1 } else { 1800 };
        let _ = write!(
            text,
            "allow_anonymous false\n\
             password_file {passwords}\n\
             acl_file {acl}\n\
             set_tcp_nodelay true\n\
             persistence true\n\
             persistence_location {data}/\n\
             autosave_on_changes {on_changes}\n\
             autosave_interval {interval}\n\
             max_queued_messages 0\n\
             max_queued_bytes 0\n\
             max_inflight_messages 100\n\
             log_dest stderr\n\
             user root\n",
            passwords = self.path("passwords").display(),
            acl = self.path("acl").display(),
            data = self.path("data").display(),
            on_changes = options.writes_each_change,
        );
        if let Some(bytes) = options.max_packet_size {
            let _ = writeln!(text, "max_packet_size {bytes}");
        }
        text
    }

    pub(super) fn path(&self, name: &str) -> PathBuf {
        self.directory.path().join(name)
    }

    pub(super) fn directory(&self) -> &Path {
        self.directory.path()
    }

    pub(super) fn port(&self) -> &Port {
        &self.port
    }

    pub(super) fn tls_port(&self) -> Option<u16> {
        self.tls.as_ref().map(|(port, _)| port.number())
    }

    /// Whether it answers clients.
    pub(super) async fn ready(&self) -> Option<()> {
        let mut stream = TcpStream::connect(self.port.address()).await.ok()?;
        stream.write_all(GREETING).await.ok()?;
        let mut answer = [0; 4];
        stream.read_exact(&mut answer).await.ok()?;
        (answer[0] == 0x20).then_some(())
    }

    /// The broker.
    pub(super) fn server(&self) -> ProcessSpec {
        ProcessSpec::new(&self.program, self.path("server.out"))
            .scratch(self.directory())
            .env("HOME", self.directory())
            .args([Path::new("-c"), &self.path("mosquitto.conf")])
    }
}

fn listener(port: &Port) -> String {
    format!("listener {} 127.0.0.1\n", port.number())
}

/// What may be done by whom; `$` at the beginning is not among `#`.
fn rights(options: &MosquittoOptions) -> String {
    let mut text = format!("user {ADMINISTRATOR}\ntopic readwrite #\ntopic read $SYS/#\n");
    for user in &options.users {
        let _ = writeln!(text, "user {}", user.name);
        for (right, filters) in [("read", &user.read), ("write", &user.write)] {
            for filter in filters {
                let _ = writeln!(text, "topic {right} {filter}");
            }
        }
    }
    text
}
