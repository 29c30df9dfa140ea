//! What answers where TLS is looked for, and which files are no good. Certificates that a broker shows are tried with a
//! real one, by the conformance suite.

use std::{fs, path::Path, time::Duration};

use anymq_api::{ErrorKind, Result, Retry, spi::UrlOptions};
use tempfile::TempDir;
use tokio::{
    io::{AsyncReadExt as _, AsyncWriteExt as _},
    net::{TcpListener, TcpStream},
};

use crate::TlsOptions;

const LIMIT: Duration = Duration::from_secs(10);

/// A folder with a certificate, its key, and files that are none.
fn files() -> TempDir {
    let folder = tempfile::tempdir().unwrap();
    let write = |name: &str, content: &str| fs::write(folder.path().join(name), content).unwrap();
    for name in ["own", "other"] {
        let made = rcgen::generate_simple_self_signed(["localhost".to_owned()]).unwrap();
        write(&format!("{name}.pem"), &made.cert.pem());
        write(&format!("{name}.key"), &made.signing_key.serialize_pem());
    }
    write("empty.pem", "");
    write("text.pem", "hunter2");
    write(
        "broken.pem",
        "-----BEGIN CERTIFICATE-----\nhunter2!\n-----END CERTIFICATE-----\n",
    );
    write(
        "broken.key",
        "-----BEGIN PRIVATE KEY-----\nhunter2!\n-----END PRIVATE KEY-----\n",
    );
    write(
        "no-certificate.pem",
        "-----BEGIN CERTIFICATE-----\naHVudGVyMg==\n-----END CERTIFICATE-----\n",
    );
    write(
        "no-key.key",
        "-----BEGIN PRIVATE KEY-----\naHVudGVyMg==\n-----END PRIVATE KEY-----\n",
    );
    folder
}

fn options(folder: &Path, given: &[(&str, &str)]) -> TlsOptions {
    let path = |(name, file): &(&str, &str)| {
        let path = folder.join(file);
        ((*name).to_owned(), path.to_str().unwrap().to_owned())
    };
    TlsOptions::take(&mut UrlOptions::from_pairs(given.iter().map(path))).unwrap()
}

#[tokio::test]
async fn files_that_are_no_good_are_named_and_not_shown() {
    let folder = files();
    for (given, named) in [
        (&[("ca", "missing.pem")][..], "missing.pem"),
        (&[("ca", ".")], "regular file"),
        (&[("ca", "empty.pem")], "empty.pem"),
        (&[("ca", "text.pem")], "text.pem"),
        (&[("ca", "broken.pem")], "broken.pem"),
        (&[("ca", "own.key")], "own.key"),
        (&[("ca", "no-certificate.pem")], "no-certificate.pem"),
        (&[("client-cert", "own.pem"), ("client-key", "own.pem")], "own.pem"),
        (
            &[("client-cert", "own.pem"), ("client-key", "broken.key")],
            "broken.key",
        ),
        (
            &[("client-cert", "own.pem"), ("client-key", "no-key.key")],
            "no-key.key",
        ),
        (&[("client-cert", "own.pem"), ("client-key", "other.key")], "other.key"),
        (&[("client-cert", "text.pem"), ("client-key", "own.key")], "text.pem"),
        (
            &[("client-cert", "no-certificate.pem"), ("client-key", "own.key")],
            "no-certificate.pem",
        ),
    ] {
        let with_ca = [&[("ca", "own.pem")], given].concat();
        let given = if given[0].0 == "ca" { given } else { &with_ca };
        let refused = options(folder.path(), given).connector("localhost").await.unwrap_err();
        assert_eq!(refused.kind(), ErrorKind::Configuration, "{given:?}");
        let shown = format!("{refused} {refused:?} {refused:#?}");
        assert!(shown.contains(named), "{given:?}: {shown}");
        assert!(!shown.contains("hunter2") && !shown.contains("BEGIN"), "{shown}");
    }
}

#[tokio::test]
async fn what_is_said_of_names_is_checked() {
    let folder = files();
    let options = options(folder.path(), &[("ca", "own.pem")]);
    for host in ["localhost", "127.0.0.1", "::1"] {
        options.connector(host).await.unwrap();
    }
    let refused = options.connector("bücher.example").await.unwrap_err();
    assert_eq!(refused.kind(), ErrorKind::Configuration);
    for (name, value) in [
        ("server-name", "a b"),
        ("server-name", ""),
        ("ca", ""),
        ("client-key", "x"),
    ] {
        let refused = TlsOptions::take(&mut UrlOptions::from_pairs([(name, value)])).unwrap_err();
        assert_eq!(refused.kind(), ErrorKind::Configuration);
    }
}

/// Shakes hands with something that says these bytes when it has heard us, and hangs up.
async fn meet(answer: &'static [u8]) -> Result<()> {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    let server = tokio::spawn(async move {
        let (mut socket, _) = listener.accept().await.unwrap();
        let _ = socket.read(&mut [0; 4096]).await;
        let _ = socket.write_all(answer).await;
        let _ = socket.shutdown().await;
        // Until the client is gone, so that no reset overtakes the answer.
        let _ = socket.read_to_end(&mut Vec::new()).await;
    });
    let folder = files();
    let connector = options(folder.path(), &[("ca", "own.pem")])
        .connector("localhost")
        .await?;
    let socket = TcpStream::connect(address).await.unwrap();
    let outcome = tokio::time::timeout(LIMIT, connector.connect(socket)).await.unwrap();
    drop(outcome?);
    server.abort();
    Ok(())
}

#[tokio::test]
async fn what_is_no_safe_tls_is_refused() {
    for answer in [
        // RabbitMQ's port without TLS.
        &b"AMQP\0\0\x09\x01"[..],
        b"ERROR\nmessage:Bad CONNECT\n\n\0\n",
        b"HTTP/1.1 400 Bad Request\r\n\r\n",
        // An alert: no common version.
        b"\x15\x03\x02\0\x02\x02\x46",
        // TLS 1.1: a ServerHello of that version.
        b"\x16\x03\x02\0\x2a\x02\0\0\x26\x03\x02\
          \x01\x02\x03\x04\x05\x06\x07\x08\x09\x0a\x0b\x0c\x0d\x0e\x0f\x10\
          \x01\x02\x03\x04\x05\x06\x07\x08\x09\x0a\x0b\x0c\x0d\x0e\x0f\x10\0\0\x2f\0",
    ] {
        let refused = meet(answer).await.unwrap_err();
        assert_eq!(refused.kind(), ErrorKind::Security, "{answer:?}: {refused}");
        assert_eq!(refused.retry(), Retry::Never);
    }
}

#[tokio::test]
async fn who_hangs_up_is_gone() {
    let lost = meet(b"").await.unwrap_err();
    assert_eq!((lost.kind(), lost.retry()), (ErrorKind::ConnectionLost, Retry::Safe));
}

/// Shakes hands as the server `broker.internal`, once.
async fn serve_as_another() -> (TempDir, u16) {
    let folder = tempfile::tempdir().unwrap();
    let made = rcgen::generate_simple_self_signed(["broker.internal".to_owned()]).unwrap();
    fs::write(folder.path().join("ca.pem"), made.cert.pem()).unwrap();
    let key = made.signing_key.serialize_der().try_into().unwrap();
    let provider = std::sync::Arc::new(rustls::crypto::ring::default_provider());
    let config = rustls::ServerConfig::builder_with_provider(provider)
        .with_safe_default_protocol_versions()
        .unwrap()
        .with_no_client_auth()
        .with_single_cert(vec![made.cert.into()], key)
        .unwrap();
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let port = listener.local_addr().unwrap().port();
    tokio::spawn(async move {
        let (socket, _) = listener.accept().await.unwrap();
        let acceptor = tokio_rustls::TlsAcceptor::from(std::sync::Arc::new(config));
        // The client may refuse.
        if let Ok(mut stream) = acceptor.accept(socket).await {
            let _ = stream.shutdown().await;
        }
    });
    (folder, port)
}

/// With a broker that is reached by another name.
async fn shake_hands(server_name: Option<&str>) -> Result<()> {
    let (folder, port) = serve_as_another().await;
    let ca = folder.path().join("ca.pem").to_str().unwrap().to_owned();
    let mut given = vec![("ca".to_owned(), ca)];
    given.extend(server_name.map(|name| ("server-name".to_owned(), name.to_owned())));
    let options = TlsOptions::take(&mut UrlOptions::from_pairs(given)).unwrap();
    let connector = options.connector("localhost").await.unwrap();
    let socket = TcpStream::connect(("127.0.0.1", port)).await.unwrap();
    connector.connect(socket).await.map(drop)
}

#[tokio::test]
async fn certificates_are_verified_for_the_server_name() {
    let shaken = |name| async move { tokio::time::timeout(LIMIT, shake_hands(name)).await.unwrap() };
    shaken(Some("broker.internal")).await.unwrap();
    for name in [None, Some("localhost"), Some("broker.external")] {
        let refusal = shaken(name).await.unwrap_err();
        assert_eq!(refusal.kind(), ErrorKind::Security, "{name:?}");
    }
}
