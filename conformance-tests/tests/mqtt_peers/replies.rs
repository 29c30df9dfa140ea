//! Requests and replies, with paho on either side.

use anymq::{Message, SendOptions};
use serde_json::json;

use crate::paho::Paper;
use crate::stage::{IN, Stage, consumer, next};

/// To a temporary queue and to a temporary topic: for paho each is a topic.
pub(crate) async fn paho_answers(stage: &mut Stage) {
    let queue = stage.session.create_temporary_queue().await.unwrap();
    let inbox = consumer(&stage.session, &queue).await;
    let request = Message::text("espresso?")
        .with_reply_to(&queue)
        .with_correlation_id("7");
    let (_, request) = stage.send_to_paho(request, SendOptions::new()).await;
    stage.paho.publish(answer(&request)).await;
    let reply = next(&inbox).await;
    assert_eq!(reply.as_text(), Some("1.20"));
    assert_eq!(reply.correlation_id(), Some("7"));

    let topic = stage.session.create_temporary_topic().await.unwrap();
    let inbox = consumer(&stage.session, &topic).await;
    let request = Message::text("latte?").with_reply_to(&topic).with_correlation_id("8");
    let (_, request) = stage.send_to_paho(request, SendOptions::new()).await;
    stage.paho.publish(answer(&request)).await;
    assert_eq!(next(&inbox).await.correlation_id(), Some("8"));
}

/// As any responder does it.
fn answer(request: &Paper) -> Paper {
    let reply_to = request.properties["reply-to"].as_str().unwrap();
    let properties = json!({"correlation": request.properties["correlation"], "content-type": "text/plain"});
    Paper::new(reply_to, b"1.20").properties(properties)
}

/// Correlation data may be any bytes, and go back as what they were.
pub(crate) async fn paho_asks(stage: &mut Stage) {
    let replies = "interop/replies/paho";
    stage.paho.subscribe(replies).await;
    for correlation in [&b"question 1"[..], b"\x00\xff", b""] {
        let correlation = crate::common::hex(correlation);
        let properties = json!({"reply-to": replies, "correlation": correlation, "content-type": "text/plain"});
        let request = stage
            .send_to_us(Paper::new(IN, b"espresso?").properties(properties))
            .await;
        let reply = Message::text("1.20").with_correlation_id(request.correlation_id().unwrap());
        let answering = stage.session.create_anonymous_producer().await.unwrap();
        answering.send_to(request.reply_to().unwrap(), reply).await.unwrap();
        answering.close().await.unwrap();

        let reply = stage.paho.receive().await;
        assert_eq!((&*reply.topic, &*reply.body), (replies, &b"1.20"[..]));
        assert_eq!(reply.properties["correlation"], correlation);
    }
}
