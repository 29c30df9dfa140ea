//! Two that want the same durable subscription, on a real Mosquitto, in both versions: the later one has it, and the other is told.
#![cfg(target_os = "linux")]

#[path = "common/client.rs"]
mod client;
mod common;

use anymq::{ConnectOptions, ConsumerOptions, ErrorKind, Topic};
use anymq_conformance::broker::MosquittoOptions;
use client::{LIMIT, connect_to, send, session};

#[tokio::test]
async fn the_later_of_two_has_a_durable_subscription() {
    let Some(broker) = common::mosquitto_with("mqtt_taken_over", MosquittoOptions::default()).await else {
        return;
    };
    for version in ["version=5", "version=3.1.1"] {
        let url = format!("{}?client-id=till-1&{version}", broker.mqtt_url());
        let prices = Topic::new("prices").unwrap();
        let first = connect_to(&url, ConnectOptions::new()).await.unwrap();
        let earlier = session(&first).await;
        let earlier = earlier
            .create_durable_consumer(&prices, "audit", ConsumerOptions::new())
            .await
            .unwrap();
        let second = connect_to(&url, ConnectOptions::new()).await.unwrap();
        let later_session = session(&second).await;
        let later = later_session
            .create_durable_consumer(&prices, "audit", ConsumerOptions::new())
            .await
            .unwrap();
        let end = tokio::time::timeout(LIMIT, earlier.receive()).await.expect("it ends");
        assert_eq!(end.unwrap_err().kind(), ErrorKind::IllegalState, "{version}");
        // Nobody takes it back, and both connections live on.
        let sender = session(&first).await;
        send(&sender, "topic:prices", "7").await.unwrap();
        let received = later.receive_timeout(LIMIT).await.unwrap().expect("a message");
        assert_eq!(received.as_text(), Some("7"));
        later.close().await.unwrap();
        later_session.unsubscribe("audit").await.unwrap();
        first.close().await.unwrap();
        second.close().await.unwrap();
    }
}
