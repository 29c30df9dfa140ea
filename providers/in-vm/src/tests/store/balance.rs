//! Whatever becomes of a message, the store hears of its end once. The recorder checks each call.

use super::*;
use crate::{Overflow, QueueLimit};

#[test]
fn every_way_out_is_told() {
    let store = Arc::new(Recorder::default());
    let hand = Arc::new(Hand::default());
    let limit = QueueLimit::messages(NonZeroUsize::new(5).unwrap()).with_overflow(Overflow::DropOldest);
    let builder = InVmBroker::builder().with_clock(hand.clone()).with_queue_limit(limit);
    let broker = builder.with_store(store.clone()).unwrap().build();
    let connection = connect(&broker);
    let (sending, receiving) = (session(&connection), session(&connection));
    let at = |millis| Some(Timestamp::from_millis(millis));
    // Overflow, of a queue and then of the dead letters.
    send(&sending, "queue:q", &["1", "2", "3", "4", "5", "6", "7"]);
    assert_eq!(store.len(), 7);
    // Expiry, while it waits, is delayed, or is next to be delivered.
    send_envelope(&sending, "queue:r", "a", |headers| headers.expiration = at(5));
    send_envelope(&sending, "queue:r", "b", |headers| {
        (headers.delivery_time, headers.expiration) = (at(5), at(5));
    });
    send_envelope(&sending, "queue:r", "c", |headers| headers.delivery_time = at(6));
    hand.set(5);
    broker.run_due();
    assert_eq!(store.len(), 8);
    send_envelope(&sending, "queue:r", "d", |headers| headers.expiration = at(7));
    hand.set(7);
    let it = subscribe(&receiving, 1, "queue:r", 10);
    broker.run_due();
    let got = it.inbox.take();
    assert_eq!(texts(&got), ["c"]);
    // Rejection, there and of a dead letter.
    settle(&receiving, &got, REJECT);
    close(&it);
    let dead = subscribe(&receiving, 2, "queue:DLQ", 10);
    let letters = dead.inbox.take();
    assert_eq!(texts(&letters), ["1", "2", "c"]);
    settle(&receiving, &letters[..1], REJECT);
    assert_eq!(store.len(), 7);
    // Closing gives back what is not settled.
    now(receiving.close(DEADLINE)).unwrap();
    let receiving = session(&connection);
    let again = consume(&receiving, 1, "queue:DLQ");
    assert!(again.iter().all(|letter| letter.redelivered) && again.len() == 2);
    consume(&receiving, 2, "queue:q");
    assert_eq!(store.len(), 0);
}

#[test]
fn acknowledgements_in_passing_are_told_when_the_queue_looks() {
    let store = Arc::new(Recorder::default());
    let broker = broker(&store);
    let connection = connect(&broker);
    let session = session(&connection);
    let it = subscribe(&session, 1, "queue:q", 4);
    send(&session, "queue:q", &["a", "b", "c", "d"]);
    let got = it.inbox.take();
    for delivery in &got[..3] {
        assert!(it.subscription.accept(delivery));
    }
    it.subscription.grant_credit(1);
    assert_eq!(store.len(), 1);
    // The last one is told at once.
    assert!(it.subscription.accept(&got[3]));
    assert_eq!(store.len(), 0);
    send(&session, "queue:q", &["e", "f"]);
    assert!(it.subscription.accept(&it.inbox.take()[0]));
    assert_eq!(broker.destinations()[0].ready, 1);
    assert_eq!(store.len(), 1);
}

#[test]
fn a_dead_letter_moves_in_one_call() {
    let store = Arc::new(Recorder::default());
    let broker = broker(&store);
    let connection = connect(&broker);
    let session = session(&connection);
    let it = subscribe(&session, 1, "queue:q", 1);
    send(&session, "queue:q", &["a"]);
    store.calls();
    settle(&session, &it.inbox.take(), REJECT);
    let calls = store.calls();
    assert!(matches!(&calls[..], [call] if matches!(&call[..], [Change::Remove { .. }, Change::Add(_)])));
}

#[test]
fn an_ended_subscription_takes_its_messages_along_and_temporary_ones_are_never_told() {
    let store = Arc::new(Recorder::default());
    let broker = broker(&store);
    let connection = connect(&broker);
    let session = session(&connection);
    close(&subscribe_with(&session, durable(1, "topic:t")).unwrap());
    send(&session, "topic:t", &["a", "b"]);
    assert_eq!((store.len(), store.subscriptions()), (2, 1));
    now(connection.unsubscribe(Some("till"), "s")).unwrap();
    assert_eq!((store.len(), store.subscriptions()), (0, 0));
    store.calls();
    for topic in ["temp-queue:q", "temp-topic:t"] {
        now(connection.create_temporary(&address(topic))).unwrap();
    }
    let _plain = subscribe(&session, 2, "topic:t", 1);
    close(&subscribe_with(&session, durable(3, "temp-topic:t")).unwrap());
    for to in ["temp-queue:q", "temp-topic:t", "topic:t"] {
        send(&session, to, &["a", "b"]);
    }
    now(connection.delete_temporary(&address("temp-queue:q"))).unwrap();
    now(connection.delete_temporary(&address("temp-topic:t"))).unwrap();
    let told = store.calls();
    let added = |change: &Change| matches!(change, Change::Add(_) | Change::Subscribe(_));
    assert!(!told.iter().flatten().any(added));
}

#[test]
fn threads_that_send_across_queues_neither_stop_each_other_nor_lose_anything() {
    const EACH: usize = 200;
    let store = Arc::new(Recorder::default());
    let broker = broker(&store);
    let connection = connect(&broker);
    let receiving = session(&connection);
    close(&subscribe_with(&receiving, durable(1, "topic:t")).unwrap());
    let destinations = ["queue:a", "topic:t", "queue:b"];
    std::thread::scope(|scope| {
        for number in 0..3 {
            let session = transacted(&connection);
            scope.spawn(move || {
                for round in 0..EACH {
                    for offset in 0..destinations.len() {
                        let to = destinations[(number + offset) % destinations.len()];
                        send(&session, to, &[&format!("{number}-{round}")]);
                    }
                    now(session.commit(&[])).unwrap();
                }
            });
        }
        let consuming = session(&connection);
        scope.spawn(move || {
            // Queues come, empty and go again meanwhile.
            for id in 0..EACH {
                consume(&consuming, u32::try_from(id).unwrap(), "queue:a");
            }
        });
    });
    consume(&receiving, 2, "queue:a");
    for from in ["queue:b", "topic:t"] {
        let it = match from {
            "topic:t" => subscribe_with(&receiving, durable(4, from)).unwrap(),
            _ => subscribe(&receiving, 3, from, 1000),
        };
        it.subscription.grant_credit(1000);
        let got = it.inbox.take();
        for number in 0..3 {
            let prefix = format!("{number}-");
            let of = texts(&got).into_iter().filter(|text| text.starts_with(&prefix));
            let expected = (0..EACH).map(|round| format!("{number}-{round}"));
            assert!(of.eq(expected), "{from}");
        }
        settle(&receiving, &got, Outcome::Accept);
    }
    assert_eq!(store.len(), 0);
}

#[test]
fn a_shutdown_in_between_keeps_what_was_sent_and_nothing_else() {
    for round in 0..20 {
        let store = Arc::new(Recorder::default());
        let first = broker(&store);
        let connection = connect(&first);
        let subscriber = session(&connection);
        close(&subscribe_with(&subscriber, durable(1, "topic:t")).unwrap());
        let sessions = [session(&connection), session(&connection)];
        let sent: usize = std::thread::scope(|scope| {
            let senders = sessions.each_ref().map(|session| {
                scope.spawn(move || {
                    let texts = (0..500).map(|number| number.to_string());
                    let kept = texts.map_while(|text| now(session.send(envelope("topic:t", &text))).ok());
                    kept.count()
                })
            });
            while store.len() < 10 * round {
                std::thread::yield_now();
            }
            first.shutdown();
            senders.map(|sender| sender.join().unwrap()).iter().sum()
        });
        assert_eq!(broker(&store).stats().ready, sent);
    }
}
