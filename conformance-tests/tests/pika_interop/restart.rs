//! A restart of the broker: what is persistent is there afterwards, for both sides.

use anymq::{AckMode, DeliveryMode, Message, SendOptions};
use serde_json::json;

use crate::peer::Publish;
use crate::stage::{Stage, connect, consumer, next, producer, queue};

const KEPT: &str = "interop.kept";

pub(crate) async fn spares_what_is_persistent(mut stage: Stage) {
    let sender = producer(&stage.session, &queue(KEPT)).await;
    let passing = SendOptions::new().with_delivery_mode(DeliveryMode::NonPersistent);
    sender.send(Message::text("ours 1")).await.unwrap();
    sender.send_with(Message::text("ours, passing"), passing).await.unwrap();
    sender.send(Message::text("ours 2")).await.unwrap();
    for (body, mode) in [(&b"theirs"[..], 2), (b"theirs, passing", 1)] {
        let publish = Publish::to(KEPT, body).fields(json!({"delivery_mode": mode}));
        stage.peer.publish(publish).await;
    }
    assert_eq!(stage.peer.count(KEPT).await, 5);
    stage.connection.close().await.unwrap();

    stage.rabbit.restart().await.unwrap();
    stage.peer.connect(&stage.rabbit).await;
    assert_eq!(stage.peer.count(KEPT).await, 3);
    let first = stage.peer.take(KEPT).await;
    assert_eq!((first.body.as_slice(), first.redelivered), (&b"ours 1"[..], false));
    assert_eq!(first.fields["delivery_mode"], 2);

    let connection = connect(&stage.rabbit).await;
    let session = connection.create_session(AckMode::Auto).await.unwrap();
    let inbox = consumer(&session, &queue(KEPT)).await;
    for body in ["ours 2", "theirs"] {
        let received = next(&inbox).await;
        let bytes = received.as_text().map(str::as_bytes);
        assert_eq!(bytes.or(received.as_bytes().map(AsRef::as_ref)), Some(body.as_bytes()));
        assert_eq!(received.delivery_mode(), DeliveryMode::Persistent);
    }
    connection.close().await.unwrap();
    assert_eq!(stage.peer.count(KEPT).await, 0);
}
