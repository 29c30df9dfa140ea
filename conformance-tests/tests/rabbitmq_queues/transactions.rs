//! What a commit says of messages that the broker did not take.

use std::{sync::Arc, time::Instant};

use anymq::{AckMode, Connection, ErrorKind};

use crate::client::{LIMIT, PAUSE, consume, receive, receive_all, send, session};

const FULL: &str = "queue:full-quorum?kind=quorum&max-length=1&overflow=reject-publish";

/// The broker itself answers such a commit with Ok, and the message is lost.
pub(crate) async fn a_commit_to_a_full_quorum_queue_is_undone(connection: &Arc<dyn Connection>) {
    let plain = session(connection).await;
    // It takes a few more than it should before it says so.
    let mut taken = Vec::new();
    let refusal = loop {
        let text = taken.len().to_string();
        match send(&plain, FULL, &text).await {
            Ok(()) => taken.push(text),
            Err(error) => break error,
        }
        assert!(taken.len() < 10_000, "it is never full");
    };
    assert_eq!(refusal.kind(), ErrorKind::ResourceAllocation);

    let transacted = connection.create_session(AckMode::Transacted).await.unwrap();
    send(&transacted, "queue:spared", "undone").await.unwrap();
    send(&transacted, FULL, "undone").await.unwrap();
    let undone = transacted.commit().await.unwrap_err();
    assert_eq!(undone.kind(), ErrorKind::TransactionRolledBack, "{undone}");
    assert_eq!(receive_all(&consume(&plain, FULL).await).await, taken);
    assert_eq!(receive(&consume(&plain, "queue:spared").await).await, None);

    // The broker needs a moment to say that there is room again.
    let deadline = Instant::now() + LIMIT;
    loop {
        send(&transacted, FULL, "done").await.unwrap();
        match transacted.commit().await {
            Ok(()) => break,
            Err(error) => assert!(Instant::now() < deadline, "{error}"),
        }
        tokio::time::sleep(PAUSE).await;
    }
    assert_eq!(receive_all(&consume(&plain, FULL).await).await, ["done"]);
}

pub(crate) async fn a_rollback_takes_back_what_was_for_a_quorum_queue(connection: &Arc<dyn Connection>) {
    let transacted = connection.create_session(AckMode::Transacted).await.unwrap();
    let queue = "queue:undecided?kind=quorum";
    send(&transacted, queue, "undone").await.unwrap();
    transacted.rollback().await.unwrap();
    send(&transacted, queue, "first").await.unwrap();
    send(&transacted, queue, "second").await.unwrap();
    let consumer = consume(&transacted, queue).await;
    assert_eq!(receive(&consumer).await, None);
    transacted.commit().await.unwrap();
    assert_eq!(receive_all(&consumer).await, ["first", "second"]);
    transacted.commit().await.unwrap();
}
