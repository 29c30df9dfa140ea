//! What a browser shows, and leaves.

use std::sync::Arc;

use anymq::{Capability, ErrorKind, Message, Session};

use crate::client::{LIMIT, at, consume, expect_refusal, receive, receive_all, send};

pub(crate) async fn a_quorum_queue_cannot_be_looked_at(session: &Arc<dyn Session>) {
    let refused = ErrorKind::Unsupported {
        capability: Capability::Browser,
    };
    let quorum = "queue:counting?kind=quorum";
    send(session, quorum, "a").await.unwrap();
    for address in [quorum, "queue:counting"] {
        let browser = session.create_browser(&at(address), None).await;
        expect_refusal(browser.map(drop), refused, "queue:counting");
    }
    assert_eq!(receive_all(&consume(session, quorum).await).await, ["a"]);
}

/// More than a browser reads ahead: it holds what it has read until it ends, here in the midst of its scan.
pub(crate) async fn a_scan_of_a_long_queue_gives_it_back(session: &Arc<dyn Session>) {
    const LONG: usize = 1_001;
    let address = at("queue:long");
    let producer = session.create_producer(&address).await.unwrap();
    for number in 0..LONG {
        producer.send(Message::text(number.to_string())).await.unwrap();
    }
    let whole = session.create_browser(&address, None).await.unwrap();
    let mut count = 0;
    while whole.next().await.unwrap().is_some() {
        count += 1;
    }
    assert_eq!(count, LONG);
    let broken_off = session.create_browser(&address, None).await.unwrap();
    let first = broken_off.next().await.unwrap().unwrap();
    assert_eq!(first.as_text(), Some("0"));
    drop((first, broken_off));
    let consumer = consume(session, "queue:long").await;
    let mut got = Vec::new();
    while got.len() < LONG {
        let received = consumer.receive_timeout(LIMIT).await.unwrap().unwrap();
        got.push(received.as_text().unwrap_or_default().parse::<usize>().unwrap());
    }
    // The one that was not fetched may have come before the others were back.
    got.sort_unstable();
    assert!(got.into_iter().eq(0..LONG));
    assert_eq!(receive(&consumer).await, None);
}
