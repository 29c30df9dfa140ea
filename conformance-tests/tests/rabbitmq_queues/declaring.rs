//! Queues that are what their addresses ask for.

use std::sync::Arc;

use anymq::{AckMode, ErrorKind, Message, Priority, SendOptions, Session};
use anymq_conformance::broker::RabbitMq;

use crate::client::{at, connect, consume, expect_refusal, receive, receive_all, send};

pub(crate) async fn a_queue_has_what_was_asked_for(rabbit: &RabbitMq, session: &Arc<dyn Session>) {
    let asked = "queue:asked?kind=quorum&max-length=7&overflow=reject-publish&delivery-limit=2";
    send(session, asked, "a").await.unwrap();
    assert_eq!(receive(&consume(session, asked).await).await.as_deref(), Some("a"));
    // Of one that exists, nothing is asked.
    assert_eq!(receive(&consume(session, "queue:asked").await).await, None);
    assert_eq!(receive(&consume(session, "queue:asked?passive=true").await).await, None);
    let listed = rabbit.ctl(&["list_queues", "name", "type", "arguments"]).await.unwrap();
    let line = listed.lines().find(|line| line.starts_with("asked\t")).unwrap();
    for told in ["quorum", "x-max-length", "7", "reject-publish", "x-delivery-limit"] {
        assert!(line.contains(told), "{line}");
    }
}

pub(crate) async fn a_full_queue_says_so(session: &Arc<dyn Session>) {
    let full = "queue:full?max-length=1&overflow=reject-publish";
    send(session, full, "a").await.unwrap();
    expect_refusal(
        send(session, full, "b").await,
        ErrorKind::ResourceAllocation,
        "queue:full",
    );
    let dropping = "queue:dropping?max-length=1&overflow=drop-head";
    for text in ["a", "b"] {
        send(session, dropping, text).await.unwrap();
    }
    assert_eq!(receive_all(&consume(session, full).await).await, ["a"]);
    assert_eq!(receive_all(&consume(session, dropping).await).await, ["b"]);
}

pub(crate) async fn priorities_come_first(session: &Arc<dyn Session>) {
    let address = at("queue:ranked?max-priority=9");
    let producer = session.create_producer(&address).await.unwrap();
    for level in [4, 0, 9, 5, 9] {
        let options = SendOptions::new().with_priority(Priority::new(level).unwrap());
        producer
            .send_with(Message::text(level.to_string()), options)
            .await
            .unwrap();
    }
    let expected = ["9", "9", "5", "4", "0"];
    let browser = session.create_browser(&address, None).await.unwrap();
    let mut shown = Vec::new();
    while let Some(message) = browser.next().await.unwrap() {
        shown.push(message.as_text().unwrap_or_default().to_owned());
    }
    assert_eq!(shown, expected);
    assert_eq!(receive_all(&consume(session, "queue:ranked").await).await, expected);
}

pub(crate) async fn one_consumer_is_active(rabbit: &RabbitMq, session: &Arc<dyn Session>) {
    let single = "queue:single?single-active-consumer=true";
    let first = consume(session, single).await;
    send(session, single, "a").await.unwrap();
    assert_eq!(receive(&first).await.as_deref(), Some("a"));
    let other = connect(rabbit).await;
    let session_2 = other.create_session(AckMode::Auto).await.unwrap();
    let second = consume(&session_2, single).await;
    send(session, single, "b").await.unwrap();
    assert_eq!(receive(&second).await, None);
    first.close().await.unwrap();
    assert_eq!(receive(&second).await.as_deref(), Some("b"));
    other.close().await.unwrap();
}
