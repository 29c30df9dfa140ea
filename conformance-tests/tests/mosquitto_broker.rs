//! A real Mosquitto is started, crashed, started again and stopped, and nothing of it is left; and it does what its options
//! say.
#![cfg(target_os = "linux")]

mod common;

use std::num::NonZeroUsize;

use anymq_conformance::broker::{BrokerError, Mosquitto, MosquittoOptions, MosquittoUser};
use common::mosquitto_client;
use common::traces::{answers, assert_nothing_is_left, processes_of};

const TEST: &str = "mosquitto_broker";

/// Publishes to a topic, kept there, as `mosquitto_pub` does; whether the broker has taken it.
async fn publishes(broker: &Mosquitto, user: (&str, &str), topic: &str, text: &str) -> bool {
    let options = ["-V", "5", "-q", "1", "-r", "-t", topic, "-m", text];
    let status = mosquitto_client("mosquitto_pub", broker, user)
        .args(options)
        .status()
        .await
        .unwrap();
    status.success()
}

/// What is kept at a topic.
async fn kept(broker: &Mosquitto, user: (&str, &str), topic: &str) -> String {
    let options = ["-V", "5", "-q", "1", "-C", "1", "-W", "2", "-t", topic];
    let output = mosquitto_client("mosquitto_sub", broker, user)
        .args(options)
        .output()
        .await
        .unwrap();
    String::from_utf8_lossy(&output.stdout).trim().to_owned()
}

const ADMINISTRATOR: (&str, &str) = ("guest", "guest");

#[tokio::test]
async fn a_broker_lives_crashes_and_ends_without_a_trace() {
    let options = MosquittoOptions::default();
    let Some(mut broker) = common::mosquitto_with(TEST, options).await else {
        return;
    };
    let (directory, port) = (broker.directory().to_owned(), broker.port());
    assert!(answers(port));
    assert_eq!(broker.mqtt_url(), format!("mqtt://guest:guest@127.0.0.1:{port}"));
    assert!(!processes_of(&directory).is_empty());

    // What is kept outlives a stop in good order.
    assert!(publishes(&broker, ADMINISTRATOR, "kept", "before").await);
    broker.restart().await.unwrap();
    assert_eq!(broker.port(), port);
    assert_eq!(kept(&broker, ADMINISTRATOR, "kept").await, "before");

    broker.kill().await.unwrap();
    assert!(!answers(port));
    let again = broker.kill().await.unwrap_err();
    assert!(matches!(again, BrokerError::NotRunning { .. }), "{again}");

    broker.restart().await.unwrap();
    assert_eq!(kept(&broker, ADMINISTRATOR, "kept").await, "before");
    broker.stop().await.unwrap();
    assert!(!answers(port));
    drop(broker);
    assert_nothing_is_left(&directory).await;
}

#[tokio::test]
async fn two_brokers_stand_side_by_side_and_end_with_their_values() {
    let Some(first) = common::mosquitto_with(TEST, MosquittoOptions::default()).await else {
        return;
    };
    let second = Mosquitto::start(MosquittoOptions::default()).await.unwrap();
    assert_ne!(first.port(), second.port());
    let directories = [first.directory().to_owned(), second.directory().to_owned()];
    drop(first);
    assert!(answers(second.port()));
    drop(second);
    for directory in &directories {
        assert_nothing_is_left(directory).await;
    }
}

#[tokio::test]
async fn users_do_what_they_may() {
    let clerk = ("clerk", "secret");
    let options = MosquittoOptions::default().with_user(MosquittoUser {
        name: clerk.0.to_owned(),
        password: clerk.1.to_owned(),
        read: vec!["orders/#".to_owned()],
        write: vec!["orders/#".to_owned()],
    });
    let Some(broker) = common::mosquitto_with(TEST, options).await else {
        return;
    };
    assert!(publishes(&broker, clerk, "orders/1", "espresso").await);
    assert!(publishes(&broker, ADMINISTRATOR, "prices/1", "two").await);
    assert_eq!(kept(&broker, clerk, "orders/1").await, "espresso");
    assert_eq!(kept(&broker, clerk, "prices/1").await, "");
    assert!(!publishes(&broker, ("clerk", "wrong"), "orders/1", "mocha").await);
}

#[tokio::test]
async fn packets_are_no_larger_than_it_says() {
    let limit = NonZeroUsize::new(2000).unwrap();
    let options = MosquittoOptions::default().with_max_packet_size(limit);
    let Some(broker) = common::mosquitto_with(TEST, options).await else {
        return;
    };
    assert!(publishes(&broker, ADMINISTRATOR, "a", &"x".repeat(1900)).await);
    // Its client is told the limit, and does not send it; it makes no failure of that.
    publishes(&broker, ADMINISTRATOR, "b", &"x".repeat(2100)).await;
    assert_eq!(kept(&broker, ADMINISTRATOR, "a").await.len(), 1900);
    assert_eq!(kept(&broker, ADMINISTRATOR, "b").await, "");
}
