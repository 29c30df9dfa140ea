//! Texts and bytes, with each QoS.

use anymq::{AckMode, DeliveryMode, Message, SendOptions};

use crate::paho::Paper;
use crate::stage::{IN, OUT, Stage, connect, topic};

const TEXTS: [&str; 3] = ["", "an espresso", "größe: a\\b\r\n日本 😀"];

fn all_bytes() -> Vec<u8> {
    (0..=255).collect()
}

pub(crate) async fn ours(stage: &mut Stage) {
    for (mode, qos) in [(DeliveryMode::NonPersistent, 0), (DeliveryMode::Persistent, 1)] {
        let options = || SendOptions::new().with_delivery_mode(mode);
        for text in TEXTS {
            let (_, got) = stage.send_to_paho(Message::text(text), options()).await;
            assert_eq!(got.body, text.as_bytes());
            assert_eq!((&*got.topic, got.qos, got.retain), (OUT, qos, false));
            assert_eq!(got.properties["content-type"], "text/plain");
        }
        let (_, got) = stage.send_to_paho(Message::bytes(all_bytes()), options()).await;
        assert_eq!(got.body, all_bytes());
        assert_eq!(got.properties["content-type"], "application/octet-stream");
    }
    ours_exactly_once(stage).await;
}

/// By option.
async fn ours_exactly_once(stage: &mut Stage) {
    let connection = connect(&stage.broker, stage.version, "&qos=2").await;
    let session = connection.create_session(AckMode::Auto).await.unwrap();
    let producer = session.create_producer(&topic(OUT)).await.unwrap();
    for text in TEXTS {
        producer.send(Message::text(text)).await.unwrap();
        let got = stage.paho.receive().await;
        assert_eq!((got.body.as_slice(), got.qos), (text.as_bytes(), 2));
    }
    connection.close().await.unwrap();
}

pub(crate) async fn theirs(stage: &mut Stage) {
    for qos in 0..=2 {
        let properties = serde_json::json!({"content-type": "text/plain"});
        for text in TEXTS {
            let paper = Paper::new(IN, text.as_bytes()).qos(qos).properties(properties.clone());
            let received = stage.send_to_us(paper).await;
            assert_eq!(received.as_text(), Some(text), "{received:?}");
            let mode = match qos {
                0 => DeliveryMode::NonPersistent,
                _ => DeliveryMode::Persistent,
            };
            assert_eq!(received.delivery_mode(), mode);
            assert!(!received.redelivered());
            assert_eq!(received.destination(), &topic(IN));
        }
        let received = stage.send_to_us(Paper::new(IN, &all_bytes()).qos(qos)).await;
        assert_eq!(received.as_bytes().map(|bytes| bytes.to_vec()), Some(all_bytes()));
    }
}
