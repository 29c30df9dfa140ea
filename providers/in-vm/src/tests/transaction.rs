use super::*;

#[test]
fn sends_show_at_commit_in_order() {
    let broker = InVmBroker::new();
    let connection = connect(&broker);
    let (sender, receiver) = (transacted(&connection), session(&connection));
    let it = subscribe(&receiver, 1, "queue:q", 10);
    send(&sender, "queue:q", &["a", "b"]);
    send(&sender, "queue:other", &["x"]);
    now(sender.send_batch(vec![envelope("queue:q", "c")])).unwrap();
    assert!(it.inbox.take().is_empty());
    now(sender.commit(&[])).unwrap();
    assert_eq!(texts(&it.inbox.take()), ["a", "b", "c"]);
    assert_eq!(broker.stats().ready, 1);
    now(sender.commit(&[])).unwrap();
    assert!(it.inbox.take().is_empty());
}

#[test]
fn rollback_drops_the_sends_and_leaves_the_deliveries() {
    let broker = InVmBroker::new();
    let connection = connect(&broker);
    let session = transacted(&connection);
    let it = subscribe(&session, 1, "queue:q", 10);
    send(&session, "queue:q", &["a"]);
    now(session.commit(&[])).unwrap();
    let got = it.inbox.take();
    send(&session, "queue:q", &["b"]);
    now(session.rollback()).unwrap();
    now(session.commit(&tokens(&got))).unwrap();
    assert!(it.inbox.take().is_empty());
    assert_eq!((broker.stats().ready, broker.stats().unsettled), (0, 0));
}

#[test]
fn commit_accepts_across_subscriptions_closed_ones_included() {
    let broker = InVmBroker::new();
    let connection = connect(&broker);
    let (session, plain) = (transacted(&connection), session(&connection));
    let a = subscribe(&session, 1, "queue:a", 10);
    let b = subscribe(&session, 2, "queue:b", 10);
    send(&plain, "queue:a", &["1", "2"]);
    send(&plain, "queue:b", &["3"]);
    let mut got = a.inbox.take();
    got.insert(1, b.inbox.take().remove(0));
    now(a.subscription.close()).unwrap();
    now(session.commit(&tokens(&got))).unwrap();
    assert_eq!(broker.stats().unsettled, 0);
    assert_eq!(broker.stats().queues, 1);
}

#[test]
fn closing_undoes_the_open_transaction() {
    let broker = InVmBroker::new();
    let connection = connect(&broker);
    let session = transacted(&connection);
    send(&session, "queue:q", &["a"]);
    now(session.close(DEADLINE)).unwrap();
    assert_eq!(broker.stats().ready, 0);
    assert_eq!(kind(now(session.commit(&[]))), Some(ErrorKind::IllegalState));
}

#[test]
fn a_commit_that_cannot_send_does_nothing_and_says_so() {
    let broker = InVmBroker::new();
    let connection = connect(&broker);
    let session = transacted(&connection);
    let it = subscribe(&session, 1, "queue:q", 10);
    send(&session, "queue:q", &["a"]);
    now(session.commit(&[])).unwrap();
    let got = it.inbox.take();
    now(connection.create_temporary(&address("temp-queue:r"))).unwrap();
    send(&session, "queue:q", &["b"]);
    send(&session, "temp-queue:r", &["reply"]);
    now(connection.delete_temporary(&address("temp-queue:r"))).unwrap();
    let outcome = now(session.commit(&tokens(&got)));
    assert_eq!(kind(outcome), Some(ErrorKind::TransactionRolledBack));
    assert_eq!((broker.stats().ready, broker.stats().unsettled), (0, 1));
    now(session.commit(&tokens(&got))).unwrap();
    assert!(it.inbox.take().is_empty());
}

#[test]
fn a_session_without_transactions_has_none_to_end() {
    let connection = connect(&InVmBroker::new());
    let session = session(&connection);
    assert_eq!(kind(now(session.commit(&[]))), Some(ErrorKind::IllegalState));
    assert_eq!(kind(now(session.rollback())), Some(ErrorKind::IllegalState));
}
