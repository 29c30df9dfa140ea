//! `stomps` against a real `ActiveMQ`: what connects, what is refused and how.
#![cfg(target_os = "linux")]

mod common;
#[path = "common/tls.rs"]
mod tls;

use anymq::{ErrorKind, Queue};
use anymq_conformance::broker::{ActiveMq, ActiveMqOptions, ActiveMqUser};
use tls::{Files, certificate, refused, trust};

/// `None` without an installation.
async fn broker(files: &Files, client_certificate_required: bool) -> Option<ActiveMq> {
    let all = vec![">".to_owned()];
    let till = ActiveMqUser {
        name: "till".to_owned(),
        password: "hunter2".to_owned(),
        read: all.clone(),
        write: all.clone(),
        admin: all,
    };
    let options = ActiveMqOptions::default()
        .with_user(till)
        .with_tls(files.broker(client_certificate_required));
    common::active_with("stomp_tls", options).await
}

async fn a_message_goes_there_and_back(url: &str) {
    tls::a_message_goes_there_and_back(url, &Queue::new("through-tls").unwrap()).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn brokers_and_clients_are_known_by_their_certificates() {
    let files = Files::new();
    let Some(broker) = broker(&files, false).await else {
        return;
    };
    let (port, trusted, own) = (broker.tls_port().unwrap(), files.trust(), certificate(&files.client));
    for url in [
        format!("stomps://till:hunter2@localhost:{port}?{trusted}"),
        format!("stomps://till:hunter2@127.0.0.1:{port}?{trusted}&{own}"),
        format!("stomps://till:hunter2@127.0.0.1:{port}?{trusted}&server-name=localhost"),
    ] {
        a_message_goes_there_and_back(&url).await;
    }
    let other = files.other();
    let stranger = certificate(&other.client("stranger"));
    for (login, options) in [
        ("till:hunter2", trust(&other)),
        ("till:hunter2", format!("{trusted}&server-name=broker.example")),
        ("till:hunter2", format!("{trusted}&{stranger}")),
        ("till:wrong", trusted.clone()),
    ] {
        let url = format!("stomps://{login}@localhost:{port}?{options}");
        let error = refused(&url).await;
        assert_eq!(error.kind(), ErrorKind::Security, "{url}: {error:?}");
    }
    // The broker takes the greeting for the begin of a frame, and waits for the rest.
    let plain = broker.port();
    let error = refused(&format!(
        "stomps://till:hunter2@localhost:{plain}?{trusted}&connect-timeout=1s"
    ))
    .await;
    assert_eq!(error.kind(), ErrorKind::Timeout, "{error:?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn who_wants_certificates_of_clients_is_heard() {
    let files = Files::new();
    let Some(broker) = broker(&files, true).await else {
        return;
    };
    let (port, trusted) = (broker.tls_port().unwrap(), files.trust());
    let own = certificate(&files.client);
    a_message_goes_there_and_back(&format!("stomps://till:hunter2@localhost:{port}?{trusted}&{own}")).await;
    // Its answer races with the end of the socket.
    for _ in 0..20 {
        let error = refused(&format!("stomps://till:hunter2@localhost:{port}?{trusted}")).await;
        assert_eq!(error.kind(), ErrorKind::Security, "{error:?}");
    }
}
