//! Who is let in with TLS.

use std::io;
use std::path::Path;
use std::process::Stdio;

use anymq_conformance::broker::{ActiveMq, ActiveMqOptions, BrokerError, BrokerTls};
use anymq_conformance::stomp::{StompClient, StompFrame};
use tempfile::TempDir;
use tokio::process::{Child, Command};

use crate::TEST;
use crate::authority::{Authority, Signed};
use crate::common;
use crate::common::traces::assert_nothing_is_left;
use crate::peer::{send, within};

/// A broker with TLS, and what its clients need.
struct Stage {
    broker: ActiveMq,
    _folder: TempDir,
    ca: Authority,
    client: Signed,
    /// Of an authority that the broker does not know.
    stranger: Signed,
}

impl Stage {
    /// `None` without an installation.
    async fn set(client_certificate_required: bool) -> Option<Self> {
        let folder = tempfile::tempdir().unwrap();
        let (ca, other) = (
            Authority::new(folder.path(), "ca"),
            Authority::new(folder.path(), "other"),
        );
        let tls = files(&ca, client_certificate_required);
        let broker = common::active_with(TEST, ActiveMqOptions::default().with_tls(tls)).await?;
        Some(Self {
            broker,
            client: ca.client("till"),
            stranger: other.client("stranger"),
            ca,
            _folder: folder,
        })
    }

    /// Sends a message, as a client with this certificate.
    async fn put(&self, certificate: Option<&Signed>) -> io::Result<()> {
        let mut tunnel = self.tunnel(certificate);
        let stream = tokio::io::join(tunnel.stdout.take().unwrap(), tunnel.stdin.take().unwrap());
        let connect = StompFrame::connect("guest", "guest");
        let mut client = within(StompClient::open(stream, &connect)).await?;
        within(client.confirmed(send("/queue/tls", "through TLS"))).await
    }

    /// A TLS client of another make, which passes on what it reads.
    fn tunnel(&self, certificate: Option<&Signed>) -> Child {
        let mut command = Command::new("openssl");
        command
            .args([
                "s_client",
                "-quiet",
                "-verify_return_error",
                "-verify_hostname",
                "localhost",
            ])
            .args(["-connect", &format!("127.0.0.1:{}", self.broker.tls_port().unwrap())])
            .args([Path::new("-CAfile"), &self.ca.certificate]);
        if let Some(signed) = certificate {
            command.args([Path::new("-cert"), &signed.certificate, Path::new("-key"), &signed.key]);
        }
        command
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .kill_on_drop(true)
            .spawn()
            .unwrap()
    }
}

fn files(ca: &Authority, client_certificate_required: bool) -> BrokerTls {
    let server = ca.server("server", false);
    BrokerTls {
        ca: ca.certificate.clone(),
        certificate: server.certificate,
        key: server.key,
        client_certificate_required,
    }
}

#[tokio::test]
async fn tls_goes_without_a_certificate_of_the_client() {
    let Some(mut stage) = Stage::set(false).await else {
        return;
    };
    stage.put(None).await.unwrap();
    stage.put(Some(&stage.client)).await.unwrap();
    stage.broker.restart().await.unwrap();
    stage.put(None).await.unwrap();
    let held = stage.broker.holdings().await.unwrap();
    assert_eq!(held.destination("queue://tls").map(|queue| queue.messages), Some(3));
}

#[tokio::test]
async fn a_certificate_of_the_client_can_be_required() {
    let Some(stage) = Stage::set(true).await else {
        return;
    };
    stage.put(Some(&stage.client)).await.unwrap();
    stage.put(None).await.unwrap_err();
    stage.put(Some(&stage.stranger)).await.unwrap_err();
    let directory = stage.broker.directory().to_owned();
    drop(stage);
    assert_nothing_is_left(&directory).await;
}

#[tokio::test]
async fn files_that_are_no_certificates_start_nothing() {
    let folder = tempfile::tempdir().unwrap();
    let tls = files(&Authority::new(folder.path(), "ca"), false);
    std::fs::write(&tls.key, "no key").unwrap();
    match ActiveMq::start(ActiveMqOptions::default().with_tls(tls)).await {
        Err(BrokerError::NotInstalled { what, .. }) => common::not_run(TEST, &what),
        Err(BrokerError::Control { .. }) => {}
        other => panic!("{other:?}"),
    }
}
