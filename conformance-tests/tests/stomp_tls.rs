//! `stomps` against a real `ActiveMQ`: what connects, what is refused and how.
#![cfg(target_os = "linux")]

#[path = "common/authority.rs"]
mod authority;
mod common;

use std::{path::Path, sync::Arc, time::Duration};

use anymq::{AckMode, Connection, Error, ErrorKind, Message, Queue, Result};
use anymq_conformance::broker::{ActiveMq, ActiveMqOptions, BrokerTls};
use authority::{Authority, Signed};
use tempfile::TempDir;

const LIMIT: Duration = Duration::from_secs(60);

/// A broker with TLS, and what its clients need.
struct Stage {
    broker: ActiveMq,
    folder: TempDir,
    ca: Authority,
    client: Signed,
}

impl Stage {
    /// `None` without an installation.
    async fn set(client_certificate_required: bool) -> Option<Self> {
        let folder = tempfile::tempdir().unwrap();
        let ca = Authority::new(folder.path(), "ca");
        let server = ca.server("server", false);
        let tls = BrokerTls {
            ca: ca.certificate.clone(),
            certificate: server.certificate,
            key: server.key,
            client_certificate_required,
        };
        let broker = common::active_with("stomp_tls", ActiveMqOptions::default().with_tls(tls)).await?;
        Some(Self {
            broker,
            client: ca.client("till"),
            ca,
            folder,
        })
    }

    fn port(&self) -> u16 {
        self.broker.tls_port().unwrap()
    }

    fn trust(&self) -> String {
        format!("ca={}", shown(&self.ca.certificate))
    }
}

fn shown(path: &Path) -> &str {
    path.to_str().unwrap()
}

fn certificate(signed: &Signed) -> String {
    let (certificate, key) = (shown(&signed.certificate), shown(&signed.key));
    format!("client-cert={certificate}&client-key={key}")
}

/// Takes no longer than the time to connect, whatever comes of it.
async fn connect(url: &str) -> Result<Arc<dyn Connection>> {
    let factory = anymq::connection_factory(url)?;
    let connecting = tokio::time::timeout(LIMIT, factory.create_connection());
    let connection = connecting.await.unwrap()?;
    connection.start().await?;
    Ok(connection)
}

async fn refused(url: &str) -> Error {
    let refused = connect(url).await.expect_err(url);
    let shown = format!("{refused} {refused:?} {refused:#?}");
    assert!(!shown.contains("hunter2") && !shown.contains("BEGIN"), "{shown}");
    refused
}

async fn a_message_goes_there_and_back(url: &str) {
    let connection = connect(url).await.unwrap_or_else(|error| panic!("{url}: {error:?}"));
    let queue = Queue::new("through-tls").unwrap();
    let session = connection.create_session(AckMode::Auto).await.unwrap();
    let consumer = session.create_consumer(&queue).await.unwrap();
    let producer = session.create_producer(&queue).await.unwrap();
    for length in [3, 1_000_000] {
        producer.send(Message::bytes(vec![7; length])).await.unwrap();
        let received = consumer.receive_timeout(LIMIT).await.unwrap().unwrap();
        assert_eq!(received.as_bytes().map(bytes::Bytes::len), Some(length));
    }
    connection.close().await.unwrap();
}

#[tokio::test(flavor = "multi_thread")]
async fn brokers_and_clients_are_known_by_their_certificates() {
    let Some(stage) = Stage::set(false).await else {
        return;
    };
    let (port, trust, own) = (stage.port(), stage.trust(), certificate(&stage.client));
    for url in [
        format!("stomps://guest:guest@localhost:{port}?{trust}"),
        format!("stomps://guest:guest@127.0.0.1:{port}?{trust}&{own}"),
        format!("stomps://guest:guest@127.0.0.1:{port}?{trust}&server-name=localhost"),
    ] {
        a_message_goes_there_and_back(&url).await;
    }
    let other = Authority::new(stage.folder.path(), "other");
    let stranger = certificate(&other.client("stranger"));
    let plain = stage.broker.port();
    for url in [
        format!(
            "stomps://guest:hunter2@localhost:{port}?ca={}",
            shown(&other.certificate)
        ),
        format!("stomps://guest:hunter2@localhost:{port}?{trust}&server-name=broker.example"),
        format!("stomps://guest:hunter2@localhost:{port}?{trust}&{stranger}"),
        format!("stomps://guest:hunter2@localhost:{port}?{trust}"),
    ] {
        let error = refused(&url).await;
        assert_eq!(error.kind(), ErrorKind::Security, "{url}: {error:?}");
    }
    // The broker takes the greeting for the begin of a frame, and waits for the rest.
    let error = refused(&format!(
        "stomps://guest:hunter2@localhost:{plain}?{trust}&connect-timeout=1s"
    ))
    .await;
    assert_eq!(error.kind(), ErrorKind::Timeout, "{error:?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn who_wants_certificates_of_clients_is_heard() {
    let Some(stage) = Stage::set(true).await else {
        return;
    };
    let (port, trust, own) = (stage.port(), stage.trust(), certificate(&stage.client));
    a_message_goes_there_and_back(&format!("stomps://guest:guest@localhost:{port}?{trust}&{own}")).await;
    // Its answer races with the end of the socket.
    for _ in 0..20 {
        let error = refused(&format!("stomps://guest:guest@localhost:{port}?{trust}")).await;
        assert_eq!(error.kind(), ErrorKind::Security, "{error:?}");
    }
}
