//! What a session does past its own lock must look like what it does under it.

use super::*;

#[test]
fn a_queue_that_was_retired_and_made_again_gets_what_is_sent() {
    let broker = InVmBroker::new();
    let connection = connect(&broker);
    let (sending, receiving) = (session(&connection), session(&connection));
    for id in 0..3 {
        let it = subscribe(&receiving, id, "queue:q", 10);
        send(&sending, "queue:q", &["a", "b"]);
        let got = it.inbox.take();
        assert_eq!(texts(&got), ["a", "b"]);
        for delivery in got {
            settle(&receiving, &[delivery], Outcome::Accept);
        }
        now(it.subscription.close()).unwrap();
        assert_eq!(broker.stats().queues, 0);
    }
}

#[test]
fn every_destination_and_subscription_is_served_not_only_the_first() {
    let broker = InVmBroker::new();
    let connection = connect(&broker);
    let session = session(&connection);
    let subscribed = [(1, "queue:a"), (2, "queue:b"), (3, "topic:c")];
    let all = subscribed.map(|(id, from)| (from, subscribe(&session, id, from, 10)));
    for (from, it) in &all {
        send(&session, from, &[from]);
        let got = it.inbox.take();
        assert_eq!(texts(&got), [*from]);
        settle(&session, &got, Outcome::Accept);
        settle(&session, &got, Outcome::Accept);
    }
    assert_eq!(broker.stats().unsettled, 0);
}

#[test]
fn the_last_acknowledgement_of_a_closed_subscription_leaves_nothing() {
    let broker = InVmBroker::new();
    let connection = connect(&broker);
    let session = session(&connection);
    let it = subscribe(&session, 1, "queue:q", 10);
    send(&session, "queue:q", &["a", "b"]);
    let got = it.inbox.take();
    settle(&session, &got[..1], Outcome::Accept);
    now(it.subscription.close()).unwrap();
    settle(&session, &got[1..], Outcome::Accept);
    assert_eq!((broker.stats().queues, broker.stats().unsettled), (0, 0));
}

#[test]
fn an_ended_session_sends_and_settles_nothing_more() {
    let broker = InVmBroker::new();
    let connection = connect(&broker);
    let (ended, other) = (session(&connection), session(&connection));
    let it = subscribe(&ended, 1, "queue:q", 10);
    send(&ended, "queue:q", &["a"]);
    let got = it.inbox.take();
    ended.abandon();
    assert_eq!(
        kind(now(ended.send(envelope("queue:q", "b")))),
        Some(ErrorKind::IllegalState)
    );
    settle(&ended, &got, Outcome::Accept);
    assert_eq!(texts(&subscribe(&other, 1, "queue:q", 10).inbox.take()), ["a"]);
}
