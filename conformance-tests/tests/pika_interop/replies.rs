//! Requests and replies, with pika on either side.

use anymq::{DestinationKind, Message, SendOptions};
use serde_json::json;

use crate::peer::Publish;
use crate::stage::{IN, Stage, consumer, next};

/// It finds the field `reply_to`, and names the request by its id.
pub(crate) async fn pika_answers(stage: &mut Stage) {
    let replies = stage.session.create_temporary_queue().await.unwrap();
    let inbox = consumer(&stage.session, &replies).await;
    let request = Message::text("espresso?").with_reply_to(&replies);
    let (asked, request) = stage.send_to_pika(request, SendOptions::new()).await;

    let reply_to = request.fields["reply_to"].as_str().unwrap();
    let fields = json!({"correlation_id": request.fields["message_id"], "content_type": "text/plain"});
    stage.peer.publish(Publish::to(reply_to, b"1.20").fields(fields)).await;

    let reply = next(&inbox).await;
    assert_eq!(reply.as_text(), Some("1.20"));
    assert_eq!(reply.correlation_id(), Some(&*asked.message_id().unwrap().text()));
}

/// As in RabbitMQ's tutorial 6: a queue that the broker named, and a correlation id that comes back.
pub(crate) async fn pika_asks(stage: &mut Stage) {
    let queue = stage.peer.own_queue().await;
    assert!(queue.starts_with("amq."), "{queue}");
    let fields = json!({"reply_to": queue, "correlation_id": "question 1", "content_type": "text/plain"});
    let request = stage.send_to_us(Publish::to(IN, b"espresso?").fields(fields)).await;

    let reply_to = request.reply_to().unwrap();
    assert_eq!(reply_to.kind(), DestinationKind::TemporaryQueue);
    let reply = Message::text("1.20").with_correlation_id(request.correlation_id().unwrap());
    let replier = stage.session.create_anonymous_producer().await.unwrap();
    replier.send_to(reply_to, reply).await.unwrap();

    let reply = stage.peer.take(&queue).await;
    assert_eq!(reply.body, b"1.20");
    assert_eq!(reply.fields["correlation_id"], "question 1");
}
