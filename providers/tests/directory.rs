//! Connections and destinations by name, used through the public traits.

mod loopback;

use std::sync::Arc;

use anymq::{Directory, Registry, prelude::*};

use loopback::LoopProvider;

const TOML: &str = r#"
    [connections.shop]
    url = "loop://till:${LOOP_PASSWORD}@x?greeting=hello"
    client-id = "till-1"
    connect-timeout = "2s"

    [destinations]
    orders = "queue:orders.v1"
    prices = "topic:prices.eu"
"#;

fn directory(provider: &LoopProvider) -> Directory {
    let mut registry = Registry::empty();
    registry.register(Arc::new(provider.clone())).unwrap();
    let builder = Directory::builder().toml(TOML).registry(registry);
    let environment = [
        ("LOOP_PASSWORD", "p@s:s/w?r#d"),
        ("ANYMQ_CONNECTION_SHOP_REQUEST_TIMEOUT", "3s"),
    ];
    builder.environment(environment).build().unwrap()
}

#[tokio::test]
async fn an_application_knows_names_only() {
    let directory = directory(&LoopProvider::default());
    let connection = directory
        .connection_factory("shop")
        .unwrap()
        .create_connection()
        .await
        .unwrap();
    assert_eq!(connection.client_id().unwrap().as_deref(), Some("till-1"));
    assert_eq!(connection.metadata().unwrap().broker.as_deref(), Some("hello"));

    let session = connection.create_session(AckMode::Client).await.unwrap();
    let orders = directory.destination("orders").unwrap();
    let consumer = session.create_consumer(&orders).await.unwrap();
    let producer = session.create_producer(&orders).await.unwrap();
    connection.start().await.unwrap();
    producer.send(Message::text("one espresso")).await.unwrap();
    let order = consumer.receive_timeout(Duration::from_secs(5)).await.unwrap().unwrap();
    assert_eq!(order.destination().name(), "orders.v1");
    order.acknowledge().await.unwrap();
    connection.close().await.unwrap();
}

#[tokio::test]
async fn every_layer_reaches_the_driver() {
    let provider = LoopProvider::default();
    let options = ConnectOptions::new().with_client_id("till-2");
    let factory = directory(&provider).connection_factory_with("shop", options).unwrap();
    factory.create_connection().await.unwrap().close().await.unwrap();

    let connects = provider.connects();
    assert_eq!(connects[0].client_id.as_deref(), Some("till-2"));
    assert_eq!(connects[0].connect_timeout, Duration::from_secs(2));
    assert_eq!(connects[0].request_timeout, Duration::from_secs(3));
    let credentials = connects[0].credentials.as_ref().unwrap();
    assert_eq!(
        (credentials.username(), credentials.expose_password()),
        ("till", "p@s:s/w?r#d")
    );
}

#[test]
fn a_queue_is_no_topic() {
    let directory = directory(&LoopProvider::default());
    assert_eq!(directory.queue("orders").unwrap().name(), "orders.v1");
    assert_eq!(directory.topic("prices").unwrap().name(), "prices.eu");
    let error = directory.queue("prices").unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Configuration);
}
