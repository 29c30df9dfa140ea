//! A third party's provider has the same shape as ours and needs nothing private.

mod loopback;

use std::sync::Arc;

use anymq::{Registry, prelude::*};

use loopback::LoopProvider;

fn registry() -> Registry {
    let mut registry = Registry::empty();
    registry.register(Arc::new(LoopProvider::default())).unwrap();
    registry
}

#[tokio::test]
async fn it_sends_and_receives_through_the_public_traits() {
    let factory = registry().connection_factory("loop://x?greeting=hello").unwrap();
    let connection = factory.create_connection().await.unwrap();
    let metadata = connection.metadata().unwrap();
    assert_eq!((metadata.provider_name, metadata.provider_version), ("loop", "1.2.3"));
    assert_eq!(metadata.broker.as_deref(), Some("hello"));

    let session = connection.create_session(AckMode::Auto).await.unwrap();
    let orders = Queue::new("orders").unwrap();
    let consumer = session.create_consumer(&orders).await.unwrap();
    let producer = session.create_producer(&orders).await.unwrap();
    connection.start().await.unwrap();

    for text in ["one espresso", "two lattes"] {
        let message = Message::text(text).with_property("table", 7).unwrap();
        producer.send(message).await.unwrap();
    }
    for text in ["one espresso", "two lattes"] {
        let order = consumer.receive_timeout(Duration::from_secs(5)).await.unwrap().unwrap();
        assert_eq!(order.as_text(), Some(text));
        assert_eq!(order.properties().i32("table").unwrap(), 7);
        assert_eq!(order.destination(), orders.address());
    }
    assert!(consumer.try_receive().unwrap().is_none());

    connection.close().await.unwrap();
    let error = producer.send(Message::empty()).await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::IllegalState);
}

#[tokio::test]
async fn what_it_does_not_declare_is_refused() {
    let factory = registry().connection_factory("loop://x").unwrap();
    let connection = factory.create_connection().await.unwrap();
    let error = connection.create_session(AckMode::Transacted).await.unwrap_err();
    assert_eq!(error.capability(), Some(Capability::Transactions));
    connection.close().await.unwrap();
}

#[tokio::test]
async fn user_name_and_password_of_the_url_reach_the_driver() {
    let provider = LoopProvider::default();
    let mut registry = Registry::empty();
    registry.register(Arc::new(provider.clone())).unwrap();
    let factory = registry
        .connection_factory("loop://till:p%40ss@x?client-id=till-1")
        .unwrap();
    factory.create_connection().await.unwrap().close().await.unwrap();

    let connects = provider.connects();
    let credentials = connects[0].credentials.as_ref().unwrap();
    assert_eq!(
        (credentials.username(), credentials.expose_password()),
        ("till", "p@ss")
    );
    assert_eq!(connects[0].client_id.as_deref(), Some("till-1"));
}

#[test]
fn wrong_urls_are_refused_without_a_password() {
    for (url, expected) in [
        (
            "loop://u:hunter2@x?greting=hi",
            "unknown option `greting`; did you mean `greeting`?",
        ),
        ("loop://u:hunter2@x?prefetch=0", "`0` is no number"),
        ("loop://u:hunter2@", "a name is missing"),
        ("lop://u:hunter2@x", "did you mean `loop`?"),
    ] {
        let error = registry().connection_factory(url).unwrap_err();
        assert_eq!(error.kind(), ErrorKind::Configuration, "{error}");
        let shown = format!("{error} {error:?}");
        assert!(shown.contains(expected) && !shown.contains("hunter2"), "{shown}");
    }
}

#[test]
fn its_scheme_is_registered_once_and_beside_the_built_in_ones() {
    let mut registry = Registry::builtin();
    registry.register(Arc::new(LoopProvider::default())).unwrap();
    assert!(registry.schemes().any(|scheme| scheme == "loop"));
    let error = registry.register(Arc::new(LoopProvider::default())).unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Configuration);
}
