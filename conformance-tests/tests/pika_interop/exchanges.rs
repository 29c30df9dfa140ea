//! RabbitMQ's tutorials 3 to 5. The adapter publishes to the default exchange and to `anymq.topic` only; from exchanges of
//! others it receives by queues that others have bound.

use anymq::{Message, Topic};

use crate::peer::Publish;
use crate::stage::{Stage, consumer, next, producer, queue};

/// Of the adapter's topics.
const TOPICS: &str = "anymq.topic";

/// A fanout exchange.
pub(crate) async fn everybody_hears_everything(stage: &mut Stage) {
    let peer = &mut stage.peer;
    peer.exchange("interop.logs", "fanout").await;
    let their_queue = peer.own_queue().await;
    peer.declare("interop.logs").await;
    for queue in [their_queue.as_str(), "interop.logs"] {
        peer.bind(queue, "interop.logs", "").await;
    }
    peer.publish(Publish::to("any", b"log").exchange("interop.logs")).await;
    assert_eq!(peer.take(&their_queue).await.body, b"log");
    let log = next(&consumer(&stage.session, &queue("interop.logs")).await).await;
    assert_eq!(log.as_bytes().unwrap(), &b"log"[..]);
}

/// A direct exchange.
pub(crate) async fn some_hear_what_they_chose(stage: &mut Stage) {
    let peer = &mut stage.peer;
    peer.exchange("interop.severities", "direct").await;
    let all = peer.own_queue().await;
    peer.declare("interop.errors").await;
    peer.bind("interop.errors", "interop.severities", "error").await;
    for severity in ["info", "error"] {
        peer.bind(&all, "interop.severities", severity).await;
    }
    for severity in ["info", "error"] {
        peer.publish(Publish::to(severity, severity.as_bytes()).exchange("interop.severities"))
            .await;
    }
    for severity in ["info", "error"] {
        assert_eq!(peer.take(&all).await.key, severity);
    }
    assert_eq!(peer.count("interop.errors").await, 1);
    let error = next(&consumer(&stage.session, &queue("interop.errors")).await).await;
    assert_eq!(error.as_bytes().unwrap(), &b"error"[..]);
}

/// A topic exchange, the adapter's own.
pub(crate) async fn topics_are_routing_keys(stage: &mut Stage) {
    let ours = consumer(&stage.session, &Topic::new("quick.orange.rabbit").unwrap()).await;
    let (orange, everything) = (stage.peer.own_queue().await, stage.peer.own_queue().await);
    stage.peer.bind(&orange, TOPICS, "*.orange.*").await;
    stage.peer.bind(&everything, TOPICS, "#").await;

    for animal in ["lazy.brown.fox", "quick.orange.rabbit", "a.*.b"] {
        let publisher = producer(&stage.session, &Topic::new(animal).unwrap()).await;
        publisher.send(Message::text(animal)).await.unwrap();
    }
    let heard = next(&ours).await;
    assert_eq!(heard.as_text(), Some("quick.orange.rabbit"));
    let heard = stage.peer.take(&orange).await;
    assert_eq!(
        (heard.exchange.as_str(), heard.key.as_str()),
        (TOPICS, "quick.orange.rabbit")
    );
    assert_eq!(heard.body, b"quick.orange.rabbit");
    for key in ["lazy.brown.fox", "quick.orange.rabbit", "a.%2A.b"] {
        assert_eq!(stage.peer.take(&everything).await.key, key);
    }
    assert_eq!(stage.peer.count(&orange).await, 0);

    let publish = Publish::to("quick.orange.rabbit", b"from pika").exchange(TOPICS);
    stage.peer.publish(publish).await;
    let heard = next(&ours).await;
    assert_eq!(heard.as_bytes().unwrap(), &b"from pika"[..]);
    assert_eq!(heard.destination(), &"topic:quick.orange.rabbit".parse().unwrap());
}
