use super::*;

const UNKNOWN: Option<ErrorKind> = Some(ErrorKind::InvalidDestination);

#[test]
fn only_a_created_one_can_be_used() {
    for name in ["temp-queue:x", "temp-topic:x"] {
        let connection = connect(&InVmBroker::new());
        let session = session(&connection);
        assert_eq!(kind(now(session.send(envelope(name, "a")))), UNKNOWN);
        assert_eq!(kind(try_subscribe(&session, 1, name)), UNKNOWN);
        assert_eq!(kind(now(connection.delete_temporary(&address(name)))), UNKNOWN);
        now(connection.create_temporary(&address(name))).unwrap();
        let it = subscribe(&session, 1, name, 5);
        send(&session, name, &["b"]);
        assert_eq!(texts(&it.inbox.take()), ["b"]);
        let twice = now(connection.create_temporary(&address(name)));
        assert_eq!(kind(twice), Some(ErrorKind::IllegalState));
    }
}

#[test]
fn a_plain_one_cannot_be_created_or_deleted_as_temporary() {
    let connection = connect(&InVmBroker::new());
    send(&session(&connection), "queue:q", &["a"]);
    assert_eq!(kind(now(connection.create_temporary(&address("queue:q")))), UNKNOWN);
    assert_eq!(kind(now(connection.delete_temporary(&address("queue:q")))), UNKNOWN);
}

#[test]
fn it_stays_without_consumers_until_it_is_deleted() {
    for name in ["temp-queue:x", "temp-topic:x"] {
        let broker = InVmBroker::new();
        let connection = connect(&broker);
        now(connection.create_temporary(&address(name))).unwrap();
        let session = session(&connection);
        now(subscribe(&session, 1, name, 5).subscription.close()).unwrap();
        assert_eq!(broker.stats().temporary_destinations, 1);
        send(&session, name, &["a"]);
        now(connection.delete_temporary(&address(name))).unwrap();
        assert_eq!(kind(now(session.send(envelope(name, "b")))), UNKNOWN);
        let stats = broker.stats();
        assert_eq!((stats.temporary_destinations, stats.ready), (0, 0));
    }
}

#[test]
fn it_ends_with_its_connection() {
    let broker = InVmBroker::new();
    let (owner, other) = (connect(&broker), connect(&broker));
    let sender = session(&other);
    for name in ["temp-queue:x", "temp-topic:x"] {
        now(owner.create_temporary(&address(name))).unwrap();
        send(&sender, name, &["a"]);
    }
    other.abandon();
    assert_eq!(broker.stats().temporary_destinations, 2);
    owner.abandon();
    assert_nothing_left(&broker);
}

#[test]
fn consumers_of_a_deleted_one_are_told() {
    for name in ["temp-queue:x", "temp-topic:x"] {
        let broker = InVmBroker::new();
        let connection = connect(&broker);
        let session = session(&connection);
        now(connection.create_temporary(&address(name))).unwrap();
        let it = subscribe(&session, 1, name, 5);
        send(&session, name, &["a", "b"]);
        let got = it.inbox.take();
        now(connection.delete_temporary(&address(name))).unwrap();
        assert_eq!(it.inbox.ends().len(), 1);
        settle(&session, &got[..1], Outcome::Accept);
        settle(&session, &got[1..], Outcome::Release { attempts: 1 });
        assert!(it.inbox.take().is_empty());
        now(it.subscription.close()).unwrap();
        let stats = broker.stats();
        assert_eq!((stats.consumers, stats.unsettled, stats.ready), (0, 0, 0));
    }
}

#[test]
fn a_batch_fails_for_what_is_unknown_and_only_for_that() {
    let broker = InVmBroker::new();
    let connection = connect(&broker);
    let session = session(&connection);
    let to = ["queue:q", "temp-queue:x", "temp-queue:x", "queue:q"];
    let batch = to.map(|name| envelope(name, "a")).into();
    assert_eq!(kind(now(session.send_batch(batch))), UNKNOWN);
    assert_eq!(broker.stats().ready, 2);
}
