//! Names and topics.

use std::time::Duration;

use anymq::{Address, Message};

use crate::paho::Paper;
use crate::stage::{Stage, body, consumer, next, topic};

const SHORT: Duration = Duration::from_millis(500);

/// Names, and the topics that other clients see.
const NAMES: [(&str, &str); 6] = [
    ("prices", "prices"),
    ("sensors/kitchen/temperature", "sensors/kitchen/temperature"),
    ("/begins/and/ends/", "/begins/and/ends/"),
    ("c++/#1", "c%2B%2B/%231"),
    ("$prices", "%24prices"),
    ("100% größe", "100% größe"),
];

pub(crate) async fn have_one_name(stage: &mut Stage) {
    for (name, theirs) in NAMES {
        stage.paho.subscribe(theirs).await;
        let inbox = consumer(&stage.session, &topic(name)).await;
        let producer = stage.session.create_producer(&topic(name)).await.unwrap();
        producer.send(Message::text(name)).await.unwrap();
        assert_eq!(next(&inbox).await.as_text(), Some(name));
        assert_eq!(stage.paho.receive().await.topic, theirs);
        stage.paho.publish(Paper::new(theirs, b"paho")).await;
        assert_eq!(next(&inbox).await.destination(), &topic(name));
        inbox.close().await.unwrap();
        // It has subscribed to it, too.
        assert_eq!(stage.paho.receive_plain().await.body, b"paho");
    }
}

pub(crate) async fn are_found_by_filters(stage: &mut Stage) {
    let filter: Address = "topic:filtered/%2B/temperature?filter=true".parse().unwrap();
    let inbox = consumer(&stage.session, &filter).await;
    for place in ["kitchen", "hall"] {
        let name = format!("filtered/{place}/temperature");
        stage.paho.publish(Paper::new("filtered/temperature", b"no")).await;
        stage.paho.publish(Paper::new(&name, b"21")).await;
        assert_eq!(next(&inbox).await.destination(), &topic(&name));
    }
    inbox.close().await.unwrap();
}

/// What is retained is old; what is published so while somebody listens is new.
pub(crate) async fn keep_nothing_for_later_consumers(stage: &mut Stage) {
    let name = "interop/retained";
    stage.paho.publish(Paper::new(name, b"old").retained()).await;
    let inbox = consumer(&stage.session, &topic(name)).await;
    assert!(inbox.receive_timeout(SHORT).await.unwrap().is_none());
    stage.paho.publish(Paper::new(name, b"new").retained()).await;
    let received = next(&inbox).await;
    assert_eq!(body(&received), b"new");
    assert!(!received.redelivered());
    inbox.close().await.unwrap();
    // Nothing is retained any more.
    stage.paho.publish(Paper::new(name, b"").retained()).await;
}
