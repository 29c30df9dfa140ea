//! Without a word of the version, the newest is spoken that the broker speaks, and what it lacks is declared.
#![cfg(target_os = "linux")]

mod common;

use std::time::Duration;

use anymq::{AckMode, Capability, ErrorKind, Message, Topic};
use anymq_conformance::broker::{ActiveMqOptions, MosquittoOptions, Plugin, RabbitMqOptions};

const TEST: &str = "mqtt_versions";
const LIMIT: Duration = Duration::from_secs(20);

/// A message goes there and back; whether properties are carried.
async fn carries_properties(port: u16, options: &str) -> bool {
    let url = format!("mqtt://guest:guest@127.0.0.1:{port}{options}");
    let factory = anymq::connection_factory(&url).unwrap();
    let connection = factory.create_connection().await.unwrap();
    connection.start().await.unwrap();
    let session = connection.create_session(AckMode::Auto).await.unwrap();
    // A dot, as RabbitMQ gives back another separator.
    let topic = Topic::new("prices.eu").unwrap();
    let consumer = session.create_consumer(&topic).await.unwrap();
    let producer = session.create_producer(&topic).await.unwrap();
    producer.send(Message::text("plain")).await.unwrap();
    let received = consumer.receive_timeout(LIMIT).await.unwrap().unwrap();
    assert_eq!(received.as_text(), Some("plain"));

    let carries = connection.capabilities().unwrap().supports(Capability::Properties);
    let sent = producer
        .send(Message::text("more").with_property("table", 7).unwrap())
        .await;
    if carries {
        sent.unwrap();
        let received = consumer.receive_timeout(LIMIT).await.unwrap().unwrap();
        assert_eq!(received.properties().i32("table").unwrap(), 7);
    } else {
        let capability = Capability::Properties;
        assert_eq!(sent.unwrap_err().kind(), ErrorKind::Unsupported { capability });
    }
    connection.close().await.unwrap();
    carries
}

/// Whose password is wrong is told so, whatever was tried before.
async fn refuses_strangers(port: u16) {
    let factory = anymq::connection_factory(&format!("mqtt://guest:wrong@127.0.0.1:{port}")).unwrap();
    let error = factory.create_connection().await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Security, "{error:?}");
}

/// One that speaks 3.1.1 only.
async fn the_older_version_is_found(port: u16) {
    assert!(!carries_properties(port, "").await);
    assert!(carries_properties(port, "?envelope=jms").await);
    refuses_strangers(port).await;
    let newest = anymq::connection_factory(&format!("mqtt://guest:guest@127.0.0.1:{port}?version=5")).unwrap();
    assert!(newest.create_connection().await.is_err());
}

#[tokio::test]
async fn on_rabbitmq_it_is_the_older_one() {
    let options = RabbitMqOptions::default().with_plugin(Plugin::Mqtt);
    let Some(broker) = common::rabbit_with(TEST, options).await else {
        return;
    };
    the_older_version_is_found(broker.plugin_port(Plugin::Mqtt).unwrap()).await;
}

#[tokio::test]
async fn on_activemq_it_is_the_older_one() {
    let Some(broker) = common::active_with(TEST, ActiveMqOptions::default().with_mqtt()).await else {
        return;
    };
    the_older_version_is_found(broker.mqtt_port().unwrap()).await;
}

#[tokio::test]
async fn on_mosquitto_it_is_the_newest_unless_the_other_is_chosen() {
    let Some(broker) = common::mosquitto_with(TEST, MosquittoOptions::default()).await else {
        return;
    };
    assert!(carries_properties(broker.port(), "").await);
    assert!(carries_properties(broker.port(), "?envelope=jms").await);
    assert!(!carries_properties(broker.port(), "?version=3.1.1").await);
    refuses_strangers(broker.port()).await;
}
