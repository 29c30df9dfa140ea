//! `amqps` against a real `RabbitMQ`: what connects, what is refused and how, and that a frozen broker is found.
#![cfg(target_os = "linux")]

mod common;
#[path = "common/tls.rs"]
mod tls;

use std::{
    fs,
    net::SocketAddr,
    time::{Duration, Instant},
};

use anymq::{ErrorKind, Event, Queue};
use anymq_conformance::{
    broker::{Plugin, RabbitMq, RabbitMqOptions},
    link::{Direction, Link as _, TcpProxy},
};
use tls::{Files, LIMIT, connect, refused, shown};
use tokio::{
    io::AsyncReadExt as _,
    net::{TcpListener, TcpStream},
};

/// A broker with TLS, and what its clients need.
struct Stage {
    rabbit: RabbitMq,
    files: Files,
}

impl Stage {
    /// `None` without an installation.
    async fn set(client_certificate_required: bool) -> Option<Self> {
        let files = Files::new();
        let options = RabbitMqOptions::default()
            .with_plugin(Plugin::ExternalLogin)
            .with_tls(files.broker(client_certificate_required));
        let rabbit = common::rabbit_with("amqp_tls", options).await?;
        Some(Self { rabbit, files })
    }

    fn port(&self) -> u16 {
        self.rabbit.tls_port().unwrap()
    }

    fn trust(&self) -> String {
        self.files.trust()
    }

    fn certificate(&self) -> String {
        tls::certificate(&self.files.client)
    }
}

async fn a_message_goes_there_and_back(url: &str) {
    tls::a_message_goes_there_and_back(url, &Queue::new("through-tls").unwrap()).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn brokers_and_clients_are_known_by_their_certificates() {
    let Some(stage) = Stage::set(false).await else {
        return;
    };
    stage.rabbit.ctl(&["add_user", "till", "hunter2"]).await.unwrap();
    let all = ["set_permissions", "till", ".*", ".*", ".*"];
    stage.rabbit.ctl(&all).await.unwrap();
    what_is_in_order_connects(&stage).await;
    a_certificate_is_a_login(&stage).await;
    a_frozen_broker_is_found(&stage).await;
    what_is_not_in_order_is_refused(&stage).await;
    an_expired_certificate_is_refused(&stage).await;
}

async fn what_is_in_order_connects(stage: &Stage) {
    let (port, trust, certificate) = (stage.port(), stage.trust(), stage.certificate());
    let file = stage.files.folder.path().join("password");
    fs::write(&file, "hunter2\n").unwrap();
    let file = shown(&file);
    for url in [
        format!("amqps://guest:guest@localhost:{port}?{trust}"),
        format!("amqps://127.0.0.1:{port}?{trust}&{certificate}"),
        format!("amqps://127.0.0.1:{port}?{trust}&server-name=localhost"),
        format!("amqps://till@localhost:{port}?{trust}&password-file={file}"),
        format!("amqp://till@localhost:{}?password-file={file}", stage.rabbit.port()),
    ] {
        a_message_goes_there_and_back(&url).await;
        // The greeting is overheard within TLS.
        let connection = connect(&url).await.unwrap();
        let broker = connection.metadata().unwrap();
        assert!(format!("{broker:?}").contains("RabbitMQ 3"), "{broker:?}");
        connection.close().await.unwrap();
    }
    fs::write(file, "another").unwrap();
    let error = refused(&format!("amqps://till@localhost:{port}?{trust}&password-file={file}")).await;
    assert_eq!(error.kind(), ErrorKind::Security, "{error}");
    fs::remove_file(file).unwrap();
    let error = refused(&format!("amqps://till@localhost:{port}?{trust}&password-file={file}")).await;
    assert_eq!(error.kind(), ErrorKind::Configuration, "{error}");
    assert!(error.to_string().contains(file), "{error}");
}

async fn a_certificate_is_a_login(stage: &Stage) {
    let (port, trust) = (stage.port(), stage.trust());
    let login = format!("amqps://localhost:{port}?{trust}&{}&auth=external", stage.certificate());
    a_message_goes_there_and_back(&login).await;
    let connection = connect(&login).await.unwrap();
    let users = stage.rabbit.ctl(&["list_connections", "user"]).await.unwrap();
    assert!(users.contains("till"), "{users}");
    connection.close().await.unwrap();

    let files = tls::certificate(&stage.files.ca.client("nobody"));
    let error = refused(&format!("amqps://localhost:{port}?{trust}&{files}&auth=external")).await;
    assert_eq!(error.kind(), ErrorKind::Security, "{error}");

    // As without the plugin.
    let mechanisms = |list: &str| format!("application:set_env(rabbit, auth_mechanisms, {list}).");
    stage.rabbit.ctl(&["eval", &mechanisms("['PLAIN']")]).await.unwrap();
    let error = refused(&login).await;
    assert_eq!(error.kind(), ErrorKind::Security, "{error:?}");
    assert!(error.to_string().contains("no EXTERNAL login"), "{error}");
    let both = mechanisms("['PLAIN', 'EXTERNAL']");
    stage.rabbit.ctl(&["eval", &both]).await.unwrap();
}

/// With and without TLS.
async fn a_frozen_broker_is_found(stage: &Stage) {
    let trust = stage.trust();
    for (scheme, port, options) in [
        ("amqp", stage.rabbit.port(), "heartbeat=1s".to_owned()),
        ("amqps", stage.port(), format!("heartbeat=1s&{trust}")),
    ] {
        let proxy = TcpProxy::before(SocketAddr::from(([127, 0, 0, 1], port))).unwrap();
        let connection = connect(&format!("{scheme}://{}?{options}", proxy.address()))
            .await
            .unwrap();
        let mut events = connection.events().unwrap();
        // Beats keep it alive meanwhile.
        let early = tokio::time::timeout(Duration::from_secs(4), events.next()).await;
        assert!(early.is_err(), "{scheme}: {early:?}");
        proxy.stall(Direction::ToClient);
        let begun = Instant::now();
        let event = tokio::time::timeout(LIMIT, events.next()).await.unwrap();
        let lost = matches!(&event, Some(Event::ConnectionLost { error }) if error.kind() == ErrorKind::ConnectionLost);
        assert!(lost, "{scheme}: {event:?}");
        assert!(begun.elapsed() < Duration::from_secs(15), "{:?}", begun.elapsed());
        tokio::time::timeout(LIMIT, connection.close()).await.unwrap().unwrap();
    }
}

async fn what_is_not_in_order_is_refused(stage: &Stage) {
    let (port, trust) = (stage.port(), stage.trust());
    let other = stage.files.other();
    let stranger = tls::certificate(&other.client("stranger"));
    let plain = stage.rabbit.port();
    for (url, words) in [
        (
            format!("amqps://till:hunter2@localhost:{port}?{}", tls::trust(&other)),
            "unknown authority",
        ),
        // The system does not know ours, either; or has none at all.
        (format!("amqps://till:hunter2@localhost:{port}"), ""),
        (
            format!("amqps://till:hunter2@localhost:{port}?{trust}&server-name=broker.example"),
            "another name",
        ),
        (
            format!("amqps://till:hunter2@localhost:{port}?{trust}&{stranger}"),
            "client certificate",
        ),
        (
            format!("amqps://till:hunter2@localhost:{plain}?{trust}"),
            "does not speak TLS",
        ),
        (format!("amqps://till:wrong@localhost:{port}?{trust}"), "refused"),
    ] {
        let error = refused(&url).await;
        let kinds = [ErrorKind::Security, ErrorKind::Configuration];
        let allowed = if words.is_empty() { &kinds[..] } else { &kinds[..1] };
        assert!(allowed.contains(&error.kind()), "{url}: {error:?}");
        assert!(error.to_string().contains(words), "{url}: {error:?}");
    }
}

/// The last one: the broker's files are exchanged.
async fn an_expired_certificate_is_refused(stage: &Stage) {
    stage.files.expire();
    let forget = ["eval", "ssl:clear_pem_cache()."];
    stage.rabbit.ctl(&forget).await.unwrap();
    let error = refused(&format!(
        "amqps://till:hunter2@localhost:{}?{}",
        stage.port(),
        stage.trust()
    ))
    .await;
    assert_eq!(error.kind(), ErrorKind::Security, "{error}");
    assert!(error.to_string().contains("has expired"), "{error}");
}

#[tokio::test(flavor = "multi_thread")]
async fn who_wants_certificates_of_clients_is_heard() {
    let Some(stage) = Stage::set(true).await else {
        return;
    };
    let (port, trust) = (stage.port(), stage.trust());
    a_message_goes_there_and_back(&format!("amqps://localhost:{port}?{trust}&{}", stage.certificate())).await;
    // Its answer races with the end of the socket.
    for _ in 0..20 {
        let error = refused(&format!("amqps://localhost:{port}?{trust}")).await;
        assert_eq!(error.kind(), ErrorKind::Security, "{error:?}");
        assert!(error.to_string().contains("client certificate"), "{error}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_silent_handshake_ends_with_the_patience_of_who_waits() {
    let files = Files::new();
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let port = listener.local_addr().unwrap().port();
    let url = format!("amqps://localhost:{port}?{}", files.trust());

    let error = refused(&format!("{url}&connect-timeout=500ms")).await;
    assert_eq!(error.kind(), ErrorKind::Timeout, "{error}");
    let (mut socket, _) = listener.accept().await.unwrap();
    ends(&mut socket).await;

    // Long before the time to connect is over.
    let patient = format!("{url}&connect-timeout=5m");
    let given_up = tokio::time::timeout(Duration::from_millis(500), connect(&patient));
    assert!(given_up.await.is_err());
    let (mut socket, _) = listener.accept().await.unwrap();
    ends(&mut socket).await;
}

/// Waits until the client has closed a socket.
async fn ends(socket: &mut TcpStream) {
    let mut heard = Vec::new();
    // A reset is an end, too.
    let _ = tokio::time::timeout(LIMIT, socket.read_to_end(&mut heard))
        .await
        .unwrap();
    assert_eq!(heard.first(), Some(&22), "a ClientHello is the first");
}
