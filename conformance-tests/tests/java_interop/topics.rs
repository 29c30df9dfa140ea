//! Durable subscriptions, and a topic that several consumers share by way of queues.

use anymq::{ConsumerOptions, Message, Topic};
use serde_json::json;

use crate::stage::{Stage, next, queue};

const TOPIC: &str = "interop.prices";

pub(crate) async fn a_durable_subscription_of_java_s(stage: &mut Stage) {
    let consume = json!({"do": "consume", "name": "ledger", "from": format!("topic:{TOPIC}"), "durable": true});
    stage.peer.order(consume.clone()).await;
    stage.peer.close("ledger").await;
    let topic = Topic::new(TOPIC).unwrap();
    let producer = stage.session.create_producer(&topic).await.unwrap();
    producer.send(Message::text("kept for Java")).await.unwrap();
    stage.peer.order(consume).await;
    assert_eq!(stage.peer.receive("ledger").await["body"], "kept for Java");
    stage.peer.close("ledger").await;
    stage.peer.order(json!({"do": "unsubscribe", "name": "ledger"})).await;
}

pub(crate) async fn a_durable_subscription_of_ours(stage: &mut Stage) {
    let topic = Topic::new(TOPIC).unwrap();
    let subscribe = || {
        stage
            .session
            .create_durable_consumer(&topic, "books", ConsumerOptions::new())
    };
    subscribe().await.unwrap().close().await.unwrap();
    let what = json!({"kind": "text", "body": "kept for us"});
    stage.peer.send(&format!("topic:{TOPIC}"), what).await;
    let consumer = subscribe().await.unwrap();
    assert_eq!(next(&consumer).await.as_text(), Some("kept for us"));
    consumer.close().await.unwrap();
    stage.session.unsubscribe("books").await.unwrap();
}

/// What ActiveMQ has for shared subscriptions: queues that get what is published to topics of a certain name.
pub(crate) async fn a_virtual_topic_is_shared(stage: &mut Stage) {
    let topic = Topic::new("VirtualTopic.orders").unwrap();
    let shared = "Consumer.kitchen.VirtualTopic.orders";
    let ordinary = stage.session.create_consumer(&topic).await.unwrap();
    stage.peer.consume(shared, &format!("queue:{shared}"), None).await;
    let ours = stage.session.create_consumer(&queue(shared)).await.unwrap();
    let producer = stage.session.create_producer(&topic).await.unwrap();
    for text in ["one", "two"] {
        producer.send(Message::text(text)).await.unwrap();
    }
    let (java_s, own) = (stage.peer.receive(shared).await, next(&ours).await);
    let mut texts = [java_s["body"].as_str(), own.as_text()];
    texts.sort_unstable();
    assert_eq!(texts, [Some("one"), Some("two")]);
    for text in ["one", "two"] {
        assert_eq!(next(&ordinary).await.as_text(), Some(text));
    }
    stage.peer.close(shared).await;
}
