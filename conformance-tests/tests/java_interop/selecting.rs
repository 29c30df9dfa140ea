//! Selectors and priorities.

use std::num::NonZeroU32;

use anymq::{ConsumerOptions, Message, Priority, SendOptions};
use serde_json::json;

use crate::stage::{Stage, next, queue};

/// Java sees our properties as texts.
pub(crate) async fn java_selects(stage: &mut Stage) {
    let name = "interop.java.selects";
    let producer = stage.session.create_producer(&queue(name)).await.unwrap();
    for color in ["red", "blue"] {
        let message = Message::text(color).with_property("color", color).unwrap();
        producer.send(message).await.unwrap();
    }
    stage
        .peer
        .consume(name, &format!("queue:{name}"), Some("color = 'blue'"))
        .await;
    assert_eq!(stage.peer.receive(name).await["body"], "blue");
    stage.peer.close(name).await;
    stage.peer.consume(name, &format!("queue:{name}"), None).await;
    assert_eq!(stage.peer.receive(name).await["body"], "red");
    stage.peer.close(name).await;
}

/// The broker knows of which types Java's properties are.
pub(crate) async fn we_select(stage: &mut Stage) {
    let name = "interop.we.select";
    for (text, table, size) in [("a", 7, "small"), ("b", 8, "large"), ("c", 9, "small")] {
        let properties = json!({"table": ["i32", table], "size": ["string", size], "hot": ["bool", table == 9]});
        let what = json!({"kind": "text", "body": text, "properties": properties});
        stage.peer.send(&format!("queue:{name}"), what).await;
    }
    for (selector, text) in [
        ("table > 7 AND size = 'small'", "c"),
        ("table = 8 AND NOT hot", "b"),
        ("JMSMessageID LIKE 'ID:%' AND JMSTimestamp > 0", "a"),
    ] {
        let options = ConsumerOptions::new().with_selector(selector);
        let consumer = stage.session.create_consumer_with(&queue(name), options).await.unwrap();
        assert_eq!(next(&consumer).await.as_text(), Some(text), "{selector}");
        consumer.close().await.unwrap();
    }
}

pub(crate) async fn priorities_overtake(stage: &mut Stage) {
    let levels = [4, 9, 0, 5];
    let (to_java, to_us) = ("interop.priority.out", "interop.priority.in");
    let producer = stage.session.create_producer(&queue(to_java)).await.unwrap();
    for level in levels {
        let options = SendOptions::new().with_priority(Priority::new(level).unwrap());
        producer
            .send_with(Message::text(level.to_string()), options)
            .await
            .unwrap();
        let what = json!({"kind": "text", "body": level.to_string(), "priority": level});
        stage.peer.send(&format!("queue:{to_us}"), what).await;
    }
    stage.peer.consume(to_java, &format!("queue:{to_java}"), None).await;
    let options = ConsumerOptions::new().with_prefetch(NonZeroU32::MIN);
    let consumer = stage
        .session
        .create_consumer_with(&queue(to_us), options)
        .await
        .unwrap();
    for level in ["9", "5", "4", "0"] {
        assert_eq!(stage.peer.receive(to_java).await["body"], level);
        assert_eq!(next(&consumer).await.as_text(), Some(level));
    }
    stage.peer.close(to_java).await;
    consumer.close().await.unwrap();
}
