//! A bound for all queues together.

use std::num::NonZeroUsize;

use anymq_api::Timestamp;

use super::{
    limit::{messages, poll},
    time::Hand,
    *,
};
use crate::{BrokerLimit, Overflow};

const FULL: Option<ErrorKind> = Some(ErrorKind::ResourceAllocation);

fn at_most(count: usize) -> BrokerLimit {
    BrokerLimit::messages(NonZeroUsize::new(count).unwrap())
}

fn bounded(limit: BrokerLimit) -> InVmBroker {
    InVmBroker::builder().with_limit(limit).build()
}

#[test]
fn whoever_fills_the_broker_waits_until_any_queue_has_given_a_quarter_back() {
    let broker = bounded(at_most(8));
    let connection = connect(&broker);
    let [filling, other, receiving] = [(); 3].map(|()| session(&connection));
    for index in 0..7 {
        send(&filling, &format!("queue:q{}", index % 3), &["a"]);
    }
    assert!(poll(&mut filling.ready()).is_ready() && !broker.stats().full);
    send(&filling, "queue:new", &["a"]);
    assert!(broker.stats().full);
    // Who has not sent since may send one more, anywhere.
    assert!(poll(&mut other.ready()).is_ready());
    send(&other, "topic:nobody", &["a"]);
    let mut waiting = [filling.ready(), other.ready()];
    assert!(waiting.iter_mut().all(|ready| poll(ready).is_pending()));
    let first = subscribe(&receiving, 1, "queue:q1", 1);
    assert_eq!(first.inbox.take().len(), 1);
    assert!(waiting.iter_mut().all(|ready| poll(ready).is_pending()));
    let second = subscribe(&receiving, 2, "queue:q2", 1);
    assert_eq!(second.inbox.take().len(), 1);
    assert!(waiting.iter_mut().all(|ready| poll(ready).is_ready()));
    assert!(poll(&mut filling.ready()).is_ready() && !broker.stats().full);
}

#[test]
fn a_full_broker_refuses_everywhere_until_there_is_room() {
    let broker = bounded(at_most(3).refusing());
    let connection = connect(&broker);
    let (sending, transacting) = (session(&connection), transacted(&connection));
    for to in ["queue:a", "queue:b", "queue:c"] {
        send(&sending, to, &["x"]);
    }
    for to in ["queue:a", "queue:d", "topic:t"] {
        let outcome = now(sending.send(envelope(to, "y")));
        assert_eq!(kind(outcome), FULL, "{to}");
        assert_eq!(kind(now(transacting.send(envelope(to, "y")))), FULL, "{to}");
    }
    let batch = vec![envelope("queue:a", "y"), envelope("queue:b", "y")];
    assert_eq!(kind(now(sending.send_batch(batch))), FULL);
    assert_eq!((broker.stats().ready, broker.stats().refused), (3, 8));
    let it = subscribe(&sending, 1, "queue:b", 1);
    send(&sending, "queue:a", &["z"]);
    assert_eq!(texts(&it.inbox.take()), ["x"]);
    assert_eq!(kind(now(sending.send(envelope("queue:d", "y")))), FULL);
}

#[test]
fn a_transaction_counts_when_it_is_committed() {
    let broker = bounded(at_most(2));
    let connection = connect(&broker);
    let (sending, receiving) = (transacted(&connection), session(&connection));
    for to in ["queue:a", "queue:b", "queue:c"] {
        send(&sending, to, &["x"]);
    }
    assert!(poll(&mut sending.ready()).is_ready());
    now(sending.commit(&[])).unwrap();
    let mut ready = sending.ready();
    assert!(poll(&mut ready).is_pending());
    let _both = ["queue:a", "queue:b"].map(|from| subscribe(&receiving, u32::from(from.ends_with('b')), from, 1));
    assert!(poll(&mut ready).is_ready());
}

#[test]
fn each_subscription_and_delayed_messages_count_and_a_deletion_gives_room() {
    let hand = Arc::new(Hand::default());
    let builder = InVmBroker::builder().with_clock(hand.clone());
    let broker = builder.with_limit(at_most(4).refusing()).build();
    let connection = connect(&broker);
    let (sending, receiving) = (session(&connection), session(&connection));
    let subscribed = [1, 2].map(|id| subscribe(&receiving, id, "topic:t", 0));
    now(connection.create_temporary(&address("temp-queue:r"))).unwrap();
    send(&sending, "topic:t", &["a"]);
    send(&sending, "temp-queue:r", &["b"]);
    let later = |headers: &mut Headers| headers.delivery_time = Some(Timestamp::from_millis(10));
    send_envelope(&sending, "queue:q", "c", later);
    let refused = || kind(now(sending.send(envelope("queue:q", "d")))) == FULL;
    assert!(refused());
    hand.set(10);
    broker.run_due();
    assert!(refused());
    now(connection.delete_temporary(&address("temp-queue:r"))).unwrap();
    assert!(!refused() && refused());
    now(subscribed[0].subscription.close()).unwrap();
    assert!(!refused() && refused());
}

#[test]
fn what_comes_back_counts_again() {
    let broker = bounded(at_most(2).refusing());
    let connection = connect(&broker);
    let (sending, receiving) = (session(&connection), session(&connection));
    let it = subscribe(&receiving, 1, "queue:q", 2);
    send(&sending, "queue:q", &["a", "b", "c"]);
    assert_eq!(it.inbox.take().len(), 2);
    now(receiving.close(DEADLINE)).unwrap();
    assert!(broker.stats().full && broker.stats().ready == 3);
    assert_eq!(kind(now(sending.send(envelope("queue:other", "d")))), FULL);
}

#[test]
fn bytes_are_bounded_over_all_queues() {
    let broker = bounded(BrokerLimit::bytes(NonZeroUsize::new(10).unwrap()).refusing());
    let connection = connect(&broker);
    let session = session(&connection);
    send(&session, "queue:a", &["123456"]);
    send(&session, "queue:b", &["7890"]);
    assert_eq!(kind(now(session.send(envelope("queue:c", "")))), FULL);
    let it = subscribe(&session, 1, "queue:a", 1);
    assert_eq!(texts(&it.inbox.take()), ["123456"]);
    send(&session, "queue:c", &["123456"]);
}

#[test]
fn dead_letters_are_neither_refused_nor_lost_and_count() {
    let broker = bounded(at_most(1).refusing());
    let connection = connect(&broker);
    let session = session(&connection);
    let it = subscribe(&session, 1, "queue:q", 10);
    send(&session, "queue:q", &["a", "b", "c"]);
    settle(&session, &it.inbox.take(), REJECT);
    assert_eq!((broker.stats().ready, broker.stats().full), (3, true));
    assert_eq!(kind(now(session.send(envelope("queue:q", "d")))), FULL);
    let dead = subscribe(&session, 2, "queue:DLQ", 10);
    assert_eq!(texts(&dead.inbox.take()), ["a", "b", "c"]);
    send(&session, "queue:q", &["d"]);
}

#[test]
fn a_limit_of_queues_and_one_of_the_broker_hold_together() {
    let builder = InVmBroker::builder().with_queue_limit(messages(2));
    let broker = builder.with_limit(at_most(3)).build();
    let connection = connect(&broker);
    let (sending, receiving) = (session(&connection), session(&connection));
    send(&sending, "queue:a", &["1"]);
    send(&sending, "queue:b", &["1", "2"]);
    let mut ready = sending.ready();
    assert!(poll(&mut ready).is_pending());
    // The broker has room, the queue that was filled has not.
    let a = subscribe(&receiving, 1, "queue:a", 1);
    assert_eq!(a.inbox.take().len(), 1);
    assert!(poll(&mut ready).is_pending() && !broker.stats().full);
    let b = subscribe(&receiving, 2, "queue:b", 1);
    assert_eq!(b.inbox.take().len(), 1);
    assert!(poll(&mut ready).is_ready());

    let dropping = InVmBroker::builder().with_queue_limit(messages(1).with_overflow(Overflow::DropOldest));
    let broker = dropping.with_limit(at_most(4).refusing()).build();
    let connection = connect(&broker);
    let session = session(&connection);
    send(&session, "queue:a", &["1", "2"]);
    let stats = broker.stats();
    assert_eq!((stats.ready, stats.full), (2, false));
}

#[test]
fn who_waits_for_the_broker_is_told_of_the_end() {
    let broker = bounded(at_most(1));
    let connection = connect(&broker);
    let session = session(&connection);
    send(&session, "queue:q", &["a"]);
    let mut ready = session.ready();
    assert!(poll(&mut ready).is_pending());
    broker.shutdown();
    assert!(poll(&mut ready).is_ready());
    assert!(!broker.stats().full);
}
