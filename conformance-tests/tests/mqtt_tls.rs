//! `mqtts` against a real Mosquitto, in both versions: what connects, what is refused and how. It asks for certificates of
//! clients only where it requires them.
#![cfg(target_os = "linux")]

mod common;
#[path = "common/tls.rs"]
mod tls;

use anymq::{ErrorKind, Topic};
use anymq_conformance::broker::{Mosquitto, MosquittoOptions, MosquittoUser};
use tls::{Files, certificate, refused, trust};

const VERSIONS: [&str; 2] = ["version=5", "version=3.1.1&envelope=jms"];

/// `None` without an installation.
async fn broker(files: &Files, client_certificate_required: bool) -> Option<Mosquitto> {
    let all = vec!["#".to_owned()];
    let till = MosquittoUser {
        name: "till".to_owned(),
        password: "hunter2".to_owned(),
        read: all.clone(),
        write: all,
    };
    let options = MosquittoOptions::default()
        .with_user(till)
        .with_tls(files.broker(client_certificate_required));
    common::mosquitto_with("mqtt_tls", options).await
}

async fn a_message_goes_there_and_back(url: &str) {
    tls::a_message_goes_there_and_back(url, &Topic::new("through/tls").unwrap()).await;
}

async fn refused_for_security(url: &str) {
    let error = refused(url).await;
    assert_eq!(error.kind(), ErrorKind::Security, "{url}: {error:?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn brokers_and_clients_are_known_by_their_certificates() {
    let files = Files::new();
    let Some(mut broker) = broker(&files, false).await else {
        return;
    };
    for version in VERSIONS {
        what_is_in_order_connects(&broker, &files, version).await;
        what_is_not_is_refused(&broker, &files, version).await;
    }
    files.expire();
    broker.restart().await.unwrap();
    let (port, trusted) = (broker.tls_port().unwrap(), files.trust());
    for version in VERSIONS {
        refused_for_security(&format!("mqtts://till:hunter2@localhost:{port}?{trusted}&{version}")).await;
    }
}

async fn what_is_in_order_connects(broker: &Mosquitto, files: &Files, version: &str) {
    let (port, trusted) = (broker.tls_port().unwrap(), files.trust());
    for url in [
        format!("mqtts://till:hunter2@localhost:{port}?{trusted}&{version}"),
        format!("mqtts://till:hunter2@127.0.0.1:{port}?{trusted}&{version}"),
        format!("mqtts://till:hunter2@127.0.0.1:{port}?{trusted}&server-name=localhost&{version}"),
    ] {
        a_message_goes_there_and_back(&url).await;
    }
}

async fn what_is_not_is_refused(broker: &Mosquitto, files: &Files, version: &str) {
    let (port, trusted) = (broker.tls_port().unwrap(), files.trust());
    let other = files.other();
    for (login, options) in [
        ("till:hunter2", trust(&other)),
        ("till:hunter2", format!("{trusted}&server-name=broker.example")),
        ("till:wrong", trusted.clone()),
    ] {
        refused_for_security(&format!("mqtts://{login}@localhost:{port}?{options}&{version}")).await;
    }
    // What is said in the wrong way ends the connection, on both ports: Mosquitto hangs up.
    let plain = broker.port();
    for url in [
        format!("mqtts://till:hunter2@localhost:{plain}?{trusted}&{version}"),
        format!("mqtt://till:hunter2@localhost:{port}?{version}"),
    ] {
        let error = refused(&url).await;
        assert_eq!(error.kind(), ErrorKind::ConnectionLost, "{url}: {error:?}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn who_wants_certificates_of_clients_is_heard() {
    let files = Files::new();
    let Some(broker) = broker(&files, true).await else {
        return;
    };
    let (port, trusted) = (broker.tls_port().unwrap(), files.trust());
    let own = certificate(&files.client);
    let stranger = certificate(&files.other().client("stranger"));
    for version in VERSIONS {
        let url = format!("mqtts://till:hunter2@localhost:{port}?{trusted}&{version}");
        a_message_goes_there_and_back(&format!("{url}&{own}")).await;
        // Its answer races with the end of the socket.
        for _ in 0..10 {
            refused_for_security(&url).await;
            refused_for_security(&format!("{url}&{stranger}")).await;
        }
    }
}
