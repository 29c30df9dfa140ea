use bytes::Bytes;

use super::*;

#[test]
fn every_subscription_gets_what_is_sent_while_it_exists() {
    let broker = InVmBroker::new();
    let connection = connect(&broker);
    let (one, two) = (session(&connection), session(&connection));
    send(&one, "topic:t", &["before"]);
    let a = subscribe(&one, 1, "topic:t", 10);
    send(&one, "topic:t", &["1"]);
    let b = subscribe(&two, 1, "topic:t", 1);
    send(&two, "topic:t", &["2", "3"]);
    let got = a.inbox.take();
    assert_eq!(texts(&got), ["1", "2", "3"]);
    let other = b.inbox.take();
    assert_eq!(texts(&other), ["2"]);
    assert!(got[1].envelope.is_same(&other[0].envelope));
    assert_eq!((broker.stats().subscriptions, broker.stats().ready), (2, 1));
}

#[test]
fn a_topic_nobody_subscribes_to_is_not_kept() {
    let broker = InVmBroker::new();
    let connection = connect(&broker);
    let session = session(&connection);
    send(&session, "topic:t", &["a"]);
    assert_eq!(broker.stats().topics, 0);
    let it = subscribe(&session, 1, "topic:t", 1);
    send(&session, "topic:t", &["b", "c"]);
    now(it.subscription.close()).unwrap();
    let stats = broker.stats();
    assert_eq!(
        (stats.topics, stats.subscriptions, stats.ready, stats.unsettled),
        (0, 0, 0, 1)
    );
    send(&session, "topic:t", &["d"]);
    let next = subscribe(&session, 2, "topic:t", 9);
    send(&session, "topic:t", &["e"]);
    assert_eq!(texts(&next.inbox.take()), ["e"]);
}

#[test]
fn a_release_goes_back_to_its_own_subscription_or_nowhere() {
    let broker = InVmBroker::new();
    let connection = connect(&broker);
    let session = session(&connection);
    let a = subscribe(&session, 1, "topic:t", 1);
    let b = subscribe(&session, 2, "topic:t", 1);
    send(&session, "topic:t", &["x"]);
    let got = a.inbox.take();
    assert_eq!(b.inbox.take().len(), 1);
    b.subscription.grant_credit(5);
    settle(&session, &got, Outcome::Release { attempts: 1 });
    a.subscription.grant_credit(1);
    let again = a.inbox.take();
    assert_eq!((texts(&again), again[0].count), (vec!["x"], 2));
    now(a.subscription.close()).unwrap();
    settle(&session, &again, Outcome::Release { attempts: 1 });
    assert!(a.inbox.take().is_empty() && b.inbox.take().is_empty());
    assert_eq!((broker.stats().ready, broker.stats().unsettled), (0, 1));
}

/// A body that shows whether it still exists.
pub(super) struct Owner(pub(super) Arc<Vec<u8>>);

impl AsRef<[u8]> for Owner {
    fn as_ref(&self) -> &[u8] {
        &self.0
    }
}

#[test]
fn what_has_nowhere_to_return_to_is_freed_at_once() {
    let broker = InVmBroker::new();
    let connection = connect(&broker);
    let session = session(&connection);
    let it = subscribe(&session, 1, "topic:t", 2);
    let probes = [(); 3].map(|()| Arc::new(vec![0; 9]));
    for probe in &probes {
        let body = Message::bytes(Bytes::from_owner(Owner(Arc::clone(probe))));
        now(session.send(envelope("topic:t", "").with_message(|_| body))).unwrap();
    }
    let got = it.inbox.take();
    now(it.subscription.close()).unwrap();
    settle(&session, &got[..1], Outcome::Release { attempts: 1 });
    drop(got);
    // The third was never delivered.
    assert_eq!(probes.map(|probe| Arc::strong_count(&probe)), [1, 2, 1]);
}

#[test]
fn a_queue_and_a_topic_of_one_name_are_two() {
    let broker = InVmBroker::new();
    let connection = connect(&broker);
    let session = session(&connection);
    let topic = subscribe(&session, 1, "topic:x", 9);
    let queue = subscribe(&session, 2, "queue:x", 9);
    send(&session, "topic:x", &["t"]);
    send(&session, "queue:x", &["q"]);
    assert_eq!(texts(&topic.inbox.take()), ["t"]);
    assert_eq!(texts(&queue.inbox.take()), ["q"]);
}
