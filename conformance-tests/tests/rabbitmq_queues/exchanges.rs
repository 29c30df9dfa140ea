//! Exchanges that others have made.

use std::{sync::Arc, time::Duration};

use anymq::{AckMode, Connection, ErrorKind, Message, SendOptions};
use anymq_conformance::broker::RabbitMq;

use crate::client::{LIMIT, at, connect, consume, expect_refusal, receive_all, send};

/// The tutorials of `RabbitMQ` about publish/subscribe, routing and topics, and headers.
pub(crate) async fn exchanges_of_others_can_be_joined(rabbit: &RabbitMq, connection: &Arc<dyn Connection>) {
    let session = connection.create_session(AckMode::Auto).await.unwrap();
    let logs = "topic:logs?exchange=logs&declare=fanout";
    let all = consume(&session, logs).await;
    send(&session, logs, "to all").await.unwrap();
    assert_eq!(receive_all(&all).await, ["to all"]);

    let errors = consume(&session, "topic:error?exchange=direct_logs&declare=direct").await;
    for severity in ["info", "error"] {
        let address = format!("topic:{severity}?exchange=direct_logs");
        send(&session, &address, severity).await.unwrap();
    }
    assert_eq!(receive_all(&errors).await, ["error"]);

    // A queue that lasts, and a subscription.
    let kept = consume(&session, "queue:kept?exchange=amq.topic&routing-key=eu.%23").await;
    let words = consume(&session, "topic:x?exchange=amq.topic&routing-key=*.paris").await;
    for key in ["eu.paris", "eu.fr.lyon", "us.paris"] {
        let address = format!("topic:{key}?exchange=amq.topic");
        send(&session, &address, key).await.unwrap();
    }
    assert_eq!(receive_all(&kept).await, ["eu.paris", "eu.fr.lyon"]);
    assert_eq!(receive_all(&words).await, ["eu.paris", "us.paris"]);

    let reports = consume(
        &session,
        "topic:x?exchange=amq.headers&header.kind=report&header.urgent=yes",
    )
    .await;
    let producer = session
        .create_producer(&at("topic:x?exchange=amq.headers"))
        .await
        .unwrap();
    for urgent in ["no", "yes"] {
        let report = Message::text(urgent).with_property("kind", "report").unwrap();
        producer
            .send(report.with_property("urgent", urgent).unwrap())
            .await
            .unwrap();
    }
    assert_eq!(receive_all(&reports).await, ["yes"]);

    let later = SendOptions::new().with_delay(Duration::from_millis(200));
    let producer = session
        .create_producer(&at("topic:eu.nice?exchange=amq.topic"))
        .await
        .unwrap();
    producer.send_with(Message::text("later"), later).await.unwrap();
    let delayed = kept.receive_timeout(LIMIT).await.unwrap().unwrap();
    assert_eq!(delayed.as_text(), Some("later"));

    let missing = "topic:x?exchange=missing";
    let sent = send(&session, missing, "a").await;
    expect_refusal(sent, ErrorKind::InvalidDestination, "exchange=missing");
    let made = session.create_consumer(&at(missing)).await;
    expect_refusal(made, ErrorKind::InvalidDestination, "exchange=missing");
    let other = "topic:x?exchange=amq.topic&declare=fanout";
    let fresh = connect(rabbit).await;
    let session = fresh.create_session(AckMode::Auto).await.unwrap();
    let made = session.create_consumer(&at(other)).await;
    expect_refusal(made, ErrorKind::InvalidDestination, "declare=fanout");
    send(&session, "queue:still", "a").await.unwrap();
    fresh.close().await.unwrap();
}
