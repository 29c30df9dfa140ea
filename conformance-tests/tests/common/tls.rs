//! What tests of brokers with TLS share.
#![allow(dead_code, reason = "no test uses all of it")]

mod authority;

use std::{path::Path, sync::Arc, time::Duration};

use anymq::{AckMode, Connection, Destination, Error, Message, Result};
use anymq_conformance::broker::BrokerTls;
use tempfile::TempDir;

pub(crate) use authority::{Authority, Signed};

pub(crate) const LIMIT: Duration = Duration::from_secs(60);

/// The files of a broker and of its clients.
pub(crate) struct Files {
    pub(crate) folder: TempDir,
    pub(crate) ca: Authority,
    pub(crate) server: Signed,
    /// Of the user `till`.
    pub(crate) client: Signed,
}

impl Files {
    pub(crate) fn new() -> Self {
        let folder = tempfile::tempdir().unwrap();
        let ca = Authority::new(folder.path(), "ca");
        Self {
            server: ca.server("server", false),
            client: ca.client("till"),
            ca,
            folder,
        }
    }

    /// What the broker reads of them.
    pub(crate) fn broker(&self, client_certificate_required: bool) -> BrokerTls {
        BrokerTls {
            ca: self.ca.certificate.clone(),
            certificate: self.server.certificate.clone(),
            key: self.server.key.clone(),
            client_certificate_required,
        }
    }

    /// An authority that nobody knows.
    pub(crate) fn other(&self) -> Authority {
        Authority::new(self.folder.path(), "other")
    }

    /// Gives the broker a certificate that has expired, which it has to read yet.
    pub(crate) fn expire(&self) {
        let expired = self.ca.server("expired", true);
        std::fs::copy(expired.certificate, &self.server.certificate).unwrap();
        std::fs::copy(expired.key, &self.server.key).unwrap();
    }

    pub(crate) fn trust(&self) -> String {
        trust(&self.ca)
    }
}

/// The options of a URL that trusts an authority.
pub(crate) fn trust(authority: &Authority) -> String {
    format!("ca={}", shown(&authority.certificate))
}

/// The options of a URL that shows a certificate.
pub(crate) fn certificate(signed: &Signed) -> String {
    let (certificate, key) = (shown(&signed.certificate), shown(&signed.key));
    format!("client-cert={certificate}&client-key={key}")
}

pub(crate) fn shown(path: &Path) -> &str {
    path.to_str().unwrap()
}

/// Takes no longer than the time to connect, whatever comes of it.
pub(crate) async fn connect(url: &str) -> Result<Arc<dyn Connection>> {
    let factory = anymq::connection_factory(url)?;
    let connecting = tokio::time::timeout(LIMIT, factory.create_connection());
    let connection = connecting.await.unwrap()?;
    connection.start().await?;
    Ok(connection)
}

/// Why there is no connection, which says nothing that is nobody's business.
pub(crate) async fn refused(url: &str) -> Error {
    let refused = connect(url).await.expect_err(url);
    let shown = format!("{refused} {refused:?} {refused:#?}");
    assert!(!shown.contains("hunter2") && !shown.contains("BEGIN"), "{shown}");
    refused
}

/// Connects, and lets a small and a large message pass by way of this destination.
pub(crate) async fn a_message_goes_there_and_back(url: &str, by: &dyn Destination) {
    let connection = connect(url).await.unwrap_or_else(|error| panic!("{url}: {error:?}"));
    let session = connection.create_session(AckMode::Auto).await.unwrap();
    let consumer = session.create_consumer(by).await.unwrap();
    let producer = session.create_producer(by).await.unwrap();
    for length in [3, 1_000_000] {
        producer.send(Message::bytes(vec![7; length])).await.unwrap();
        let received = consumer.receive_timeout(LIMIT).await.unwrap().unwrap();
        assert_eq!(received.as_bytes().map(bytes::Bytes::len), Some(length));
    }
    connection.close().await.unwrap();
}
