use super::*;
use crate::{BrokerLimit, Overflow, QueueLimit};

fn delivered(deliveries: &[Delivery]) -> Vec<(&str, bool, u32)> {
    let of = |it: &Delivery| (it.redelivered, it.count);
    let texts = texts(deliveries).into_iter();
    texts
        .zip(deliveries.iter().map(of))
        .map(|(text, (redelivered, count))| (text, redelivered, count))
        .collect()
}

#[test]
fn persistent_messages_come_back_in_order_and_others_do_not() {
    let store = Arc::new(Recorder::default());
    for ends_by_shutdown in [true, false] {
        let first = broker(&store);
        let connection = connect(&first);
        let sending = session(&connection);
        send(&sending, "queue:q", &["a", "b"]);
        send_envelope(&sending, "queue:q", "lost", |headers| {
            headers.delivery_mode = DeliveryMode::NonPersistent;
        });
        send_envelope(&sending, "queue:q", "urgent", |headers| {
            headers.priority = anymq_api::Priority::HIGHEST;
        });
        send(&sending, "queue:other", &["x"]);
        now(connection.create_temporary(&address("temp-queue:r"))).unwrap();
        send(&sending, "temp-queue:r", &["reply"]);
        if ends_by_shutdown {
            first.shutdown();
        }
        drop((sending, connection, first));

        let again = broker(&store);
        let connection = connect(&again);
        let receiving = session(&connection);
        assert_eq!((again.stats().ready, again.stats().queues), (4, 2));
        send(&receiving, "queue:q", &["c"]);
        let got = consume(&receiving, 1, "queue:q");
        let expected = ["urgent", "a", "b", "c"].map(|text| (text, false, 1));
        assert_eq!(delivered(&got), expected);
        assert_eq!(texts(&consume(&receiving, 2, "queue:other")), ["x"]);
        assert_eq!(store.len(), 0);
        again.shutdown();
    }
}

#[test]
fn what_was_acknowledged_is_gone_and_what_was_not_is_flagged() {
    let store = Arc::new(Recorder::default());
    let first = broker(&store);
    let connection = connect(&first);
    let receiving = session(&connection);
    let it = subscribe(&receiving, 1, "queue:q", 5);
    send(&receiving, "queue:q", &["a", "b", "c", "d", "e", "waits"]);
    let got = it.inbox.take();
    // In passing, which the queue sees later, and with the session.
    assert!(it.subscription.accept(&got[0]));
    settle(&receiving, &got[1..2], Outcome::Accept);
    settle(&receiving, &got[2..3], Outcome::Release { attempts: 2 });
    settle(&receiving, &got[3..4], Outcome::Release { attempts: 0 });
    first.shutdown();
    let again = broker(&store);
    let connection = connect(&again);
    let receiving = session(&connection);
    let got = consume(&receiving, 1, "queue:q");
    let expected = [("c", true, 3), ("d", false, 1), ("e", true, 2), ("waits", false, 1)];
    assert_eq!(delivered(&got), expected);
    assert_eq!(store.len(), 0);
}

#[test]
fn after_a_crash_everything_is_flagged_and_stays_so() {
    let store = Arc::new(Recorder::default());
    let crashed = broker(&store);
    let connection = connect(&crashed);
    let sending = session(&connection);
    send(&sending, "queue:q", &["a", "b"]);
    let it = subscribe(&sending, 1, "queue:q", 1);
    let got = it.inbox.take();
    assert_eq!(texts(&got), ["a"]);
    // Nobody says that it ended.
    std::mem::forget((it, sending, connection, crashed));
    broker(&store).shutdown();
    let again = broker(&store);
    let connection = connect(&again);
    let got = consume(&session(&connection), 1, "queue:q");
    assert_eq!(delivered(&got), [("a", true, 2), ("b", true, 2)]);
}

#[test]
fn delays_and_expirations_go_on() {
    let store = Arc::new(Recorder::default());
    let hand = Arc::new(Hand::default());
    let build = || {
        let builder = InVmBroker::builder().with_clock(hand.clone());
        builder.with_store(store.clone()).unwrap().build()
    };
    let at = |millis| Some(Timestamp::from_millis(millis));
    let first = build();
    let connection = connect(&first);
    let sending = session(&connection);
    send_envelope(&sending, "queue:q", "late", |headers| headers.delivery_time = at(50));
    send_envelope(&sending, "queue:q", "later", |headers| headers.delivery_time = at(90));
    send_envelope(&sending, "queue:q", "brief", |headers| headers.expiration = at(20));
    send_envelope(&sending, "queue:q", "long", |headers| headers.expiration = at(95));
    first.shutdown();
    hand.set(30);
    let again = build();
    again.run_due();
    assert_eq!((again.stats().ready, again.stats().delayed), (1, 2));
    hand.set(50);
    again.run_due();
    again.shutdown();
    hand.set(60);
    let third = build();
    assert_eq!((third.stats().ready, third.stats().delayed), (2, 1));
    hand.set(100);
    third.run_due();
    let connection = connect(&third);
    let got = consume(&session(&connection), 1, "queue:q");
    assert_eq!(texts(&got), ["late", "later"]);
    assert_eq!(store.len(), 0);
}

#[test]
fn durable_subscriptions_come_back_with_all_they_had() {
    let store = Arc::new(Recorder::default());
    let first = broker(&store);
    let connection = connect_as(&first.driver(), Some("till")).unwrap();
    let consuming = session(&connection);
    let mut spec = durable(1, "topic:t");
    spec.selector = Some("color = 'red'".to_owned());
    spec.no_local = true;
    close(&subscribe_with(&consuming, spec.clone()).unwrap());
    let mut shared = SubscribeSpec::new(SubscriptionId(2), address("topic:t"), 100);
    shared.kind = SubscriptionKind::SharedDurable { name: "all".to_owned() };
    close(&subscribe_with(&consuming, shared.clone()).unwrap());
    let _brief = subscribe(&consuming, 3, "topic:t", 0);
    let publish = |broker: &InVmBroker, text: &str| {
        let connection = connect(broker);
        let session = session(&connection);
        send_with(&session, "topic:t", &format!("{text}-red"), ("color", "red"));
        send_with(&session, "topic:t", &format!("{text}-blue"), ("color", "blue"));
    };
    publish(&first, "1");
    send_with(&consuming, "topic:t", "own", ("color", "red"));
    first.shutdown();

    let again = broker(&store);
    assert_eq!(
        (again.stats().durable_subscriptions, again.stats().subscriptions),
        (2, 2)
    );
    publish(&again, "2");
    let connection = connect_as(&again.driver(), Some("till")).unwrap();
    let consuming = session(&connection);
    send_with(&consuming, "topic:t", "own2", ("color", "red"));
    for (spec, expected) in [
        (spec, vec!["1-red", "2-red"]),
        (shared, vec!["1-red", "1-blue", "own", "2-red", "2-blue", "own2"]),
    ] {
        let it = subscribe_with(&consuming, spec).unwrap();
        let got = it.inbox.take();
        assert_eq!(texts(&got), expected);
        settle(&consuming, &got, Outcome::Accept);
        close(&it);
    }
    now(connection.unsubscribe(Some("till"), "s")).unwrap();
    assert_eq!((store.len(), store.subscriptions()), (0, 1));
}

#[test]
fn limits_hold_for_what_comes_back() {
    let store = Arc::new(Recorder::default());
    let first = broker(&store);
    let connection = connect(&first);
    send(&session(&connection), "queue:q", &["a", "b", "c"]);
    first.shutdown();
    let two = NonZeroUsize::new(2).unwrap();
    let builder = InVmBroker::builder().with_limit(BrokerLimit::messages(two).refusing());
    let full = builder.with_store(store.clone()).unwrap().build();
    let connection = connect(&full);
    let outcome = now(session(&connection).send(envelope("queue:other", "x")));
    assert_eq!(kind(outcome), Some(ErrorKind::ResourceAllocation));
    full.shutdown();
    // A dead letter from before keeps its place.
    let between = broker(&store);
    let connection = connect(&between);
    send(&session(&connection), "queue:DLQ", &["old"]);
    between.shutdown();
    let limit = QueueLimit::messages(two).with_overflow(Overflow::DropOldest);
    let builder = InVmBroker::builder().with_queue_limit(limit);
    let dropping = builder.with_store(store.clone()).unwrap().build();
    let connection = connect(&dropping);
    let receiving = session(&connection);
    assert_eq!(texts(&consume(&receiving, 1, "queue:DLQ")), ["old", "a"]);
    assert_eq!(texts(&consume(&receiving, 2, "queue:q")), ["b", "c"]);
    assert_eq!(store.len(), 0);
}

#[test]
fn groups_stay_together_after_a_restart() {
    let store = Arc::new(MemoryStore::default());
    let build = || InVmBroker::builder().with_store(store.clone()).unwrap().build();
    let first = build();
    let connection = connect(&first);
    let sending = session(&connection);
    for text in ["1", "2", "3"] {
        send_with(&sending, "queue:q", text, ("JMSXGroupID", "g"));
    }
    first.shutdown();
    let again = build();
    let connection = connect(&again);
    let receiving = session(&connection);
    let [a, b] = [1, 2].map(|id| subscribe(&receiving, id, "queue:q", 0));
    a.subscription.grant_credit(1);
    b.subscription.grant_credit(10);
    a.subscription.grant_credit(10);
    assert_eq!(texts(&a.inbox.take()), ["1", "2", "3"]);
    assert!(b.inbox.take().is_empty());
}
