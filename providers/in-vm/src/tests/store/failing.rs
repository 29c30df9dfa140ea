use anymq_api::{Address, Error, Result};

use super::*;
use crate::store::{QueueId, Stored, StoredMessage, StoredSubscription, SubscriptionName};

const FAILED: Option<ErrorKind> = Some(ErrorKind::ResourceAllocation);

#[test]
fn a_send_that_the_store_does_not_keep_fails_and_never_shows() {
    let store = Arc::new(Recorder::default());
    let broker = broker(&store);
    let connection = connect(&broker);
    let session = session(&connection);
    let waiting = subscribe(&session, 1, "queue:q", 10);
    let error = |outcome: Result<()>| outcome.unwrap_err();
    store.fail(3);
    let refused = error(now(session.send(envelope("queue:q", "a"))));
    assert_eq!(
        (Some(refused.kind()), refused.retry()),
        (FAILED, anymq_api::Retry::Safe)
    );
    let batch = vec![envelope("queue:q", "b"), envelope("queue:other", "b")];
    assert_eq!(kind(now(session.send_batch(batch))), FAILED);
    close(&subscribe_with(&session, SubscribeSpec::new(SubscriptionId(2), address("topic:t"), 1)).unwrap());
    assert_eq!(kind(now(session.send(envelope("queue:other", "c")))), FAILED);
    assert_eq!((broker.stats().ready, store.len()), (0, 0));
    // What no store is to keep does not need it.
    store.fail(1);
    send_envelope(&session, "queue:q", "d", |headers| {
        headers.delivery_mode = DeliveryMode::NonPersistent;
    });
    store.fail(0);
    send(&session, "queue:q", &["e"]);
    assert_eq!(texts(&waiting.inbox.take()), ["d", "e"]);
}

#[test]
fn a_transaction_is_one_call_and_happens_wholly_or_not() {
    let store = Arc::new(Recorder::default());
    let broker = broker(&store);
    let connection = connect(&broker);
    let (session, plain) = (transacted(&connection), session(&connection));
    let it = subscribe(&session, 1, "queue:in", 10);
    let kept = durable(2, "topic:t");
    close(&subscribe_with(&plain, kept).unwrap());
    send(&plain, "queue:in", &["1", "2"]);
    let got = it.inbox.take();
    store.calls();
    for fails in [true, false] {
        send(&session, "queue:out", &["a"]);
        send(&session, "topic:t", &["b"]);
        send(&session, "queue:in", &["c"]);
        store.fail(usize::from(fails));
        let outcome = kind(now(session.commit(&tokens(&got))));
        let stats = broker.stats();
        if fails {
            assert_eq!(outcome, Some(ErrorKind::TransactionRolledBack));
            assert_eq!((stats.ready, stats.unsettled, store.len()), (0, 2, 2));
            assert!(store.calls().is_empty() && it.inbox.take().is_empty());
        } else {
            assert_eq!(outcome, None);
            assert_eq!((stats.ready, stats.unsettled, store.len()), (2, 1, 3));
            let calls = store.calls();
            assert_eq!((calls.len(), calls[0].len()), (1, 5));
        }
    }
    assert_eq!(texts(&it.inbox.take()), ["c"]);
}

#[test]
fn subscriptions_change_only_with_the_store() {
    let store = Arc::new(Recorder::default());
    let broker = broker(&store);
    let connection = connect(&broker);
    let session = session(&connection);
    store.fail(1);
    assert_eq!(kind(subscribe_with(&session, durable(1, "topic:t"))), FAILED);
    assert_eq!(broker.stats(), {
        let mut stats = BrokerStats::default();
        (stats.connections, stats.sessions) = (1, 1);
        stats
    });
    close(&subscribe_with(&session, durable(1, "topic:t")).unwrap());
    send(&session, "topic:t", &["a"]);
    store.fail(2);
    assert_eq!(kind(subscribe_with(&session, durable(2, "topic:u"))), FAILED);
    assert_eq!(kind(now(connection.unsubscribe(Some("till"), "s"))), FAILED);
    let it = subscribe_with(&session, durable(3, "topic:t")).unwrap();
    let got = it.inbox.take();
    assert_eq!(texts(&got), ["a"]);
    close(&it);
    settle(&session, &got, Outcome::Release { attempts: 1 });
    store.calls();
    // Replacing is one call.
    close(&subscribe_with(&session, durable(4, "topic:u")).unwrap());
    assert_eq!((store.calls().len(), store.subscriptions(), store.len()), (1, 1, 0));
    now(connection.unsubscribe(Some("till"), "s")).unwrap();
    assert_eq!(store.subscriptions(), 0);
}

#[test]
fn what_has_happened_is_owed_and_nothing_new_is_taken_before() {
    let store = Arc::new(Recorder::default());
    let broker = broker(&store);
    let connection = connect(&broker);
    let session = session(&connection);
    let it = subscribe(&session, 1, "queue:q", 3);
    send(&session, "queue:q", &["accepted", "rejected", "released"]);
    let got = it.inbox.take();
    store.fail(7);
    settle(&session, &got[..1], Outcome::Accept);
    settle(&session, &got[1..2], REJECT);
    settle(&session, &got[2..], Outcome::Release { attempts: 1 });
    assert_eq!((broker.stats().unsettled, store.len()), (0, 3));
    assert_eq!(kind(now(session.send(envelope("queue:q", "new")))), FAILED);
    store.fail(0);
    send(&session, "queue:q", &["new"]);
    // Those in `queue:q`, and the dead letter.
    assert_eq!(store.len(), 3);
    close(&it);
    assert_eq!(texts(&consume(&session, 2, "queue:q")), ["released", "new"]);
    assert_eq!(texts(&consume(&session, 3, "queue:DLQ")), ["rejected"]);
    assert_eq!(store.len(), 0);
}

#[test]
fn a_broker_that_owes_at_its_end_leaves_the_store_open() {
    let store = Arc::new(Recorder::default());
    let first = broker(&store);
    let connection = connect(&first);
    let receiving = session(&connection);
    let it = subscribe(&receiving, 1, "queue:q", 1);
    send(&receiving, "queue:q", &["a", "b"]);
    store.fail(usize::MAX);
    settle(&receiving, &it.inbox.take(), Outcome::Accept);
    first.shutdown();
    store.fail(0);
    let again = broker(&store);
    let connection = connect(&again);
    let got = consume(&session(&connection), 1, "queue:q");
    assert_eq!(texts(&got), ["a", "b"]);
    assert!(got.iter().all(|delivery| delivery.redelivered));
}

/// What a broken store says.
#[derive(Debug)]
struct Broken(Option<Stored>);

impl Store for Broken {
    fn load(&self) -> Result<Stored> {
        let unreadable = || Error::new(ErrorKind::Other, "unreadable");
        self.0.clone().ok_or_else(unreadable)
    }

    fn apply(&self, _changes: &[Change]) -> Result<()> {
        Ok(())
    }

    fn close(&self) -> Result<()> {
        Ok(())
    }
}

#[test]
fn a_store_with_what_no_broker_writes_makes_no_broker() {
    let open = |stored| kind(InVmBroker::builder().with_store(Arc::new(Broken(stored))));
    assert_eq!(open(None), Some(ErrorKind::Other));
    // One with a selector that does not parse, and one to a temporary topic.
    for (topic, selector) in [("topic:t", Some("=")), ("temp-topic:t", None), ("queue:q", None)] {
        let subscription = StoredSubscription {
            name: SubscriptionName {
                client_id: None,
                name: "s".into(),
            },
            topic: address(topic),
            selector: selector.map(str::to_owned),
            no_local: false,
            shared: false,
        };
        let stored = Stored {
            clean: true,
            subscriptions: vec![subscription],
            messages: Vec::new(),
        };
        let expected = if selector.is_some() {
            ErrorKind::InvalidSelector
        } else {
            ErrorKind::Configuration
        };
        assert_eq!(open(Some(stored)), Some(expected), "{topic}");
    }
    let of = |queue| Stored {
        clean: true,
        subscriptions: Vec::new(),
        messages: vec![StoredMessage {
            queue,
            sequence: u64::MAX,
            envelope: envelope("queue:q", "a"),
            deliveries: 0,
        }],
    };
    let queue = |text: &str| of(QueueId::Queue(text.parse::<Address>().unwrap()));
    let orphan = of(QueueId::Subscription(SubscriptionName {
        client_id: None,
        name: "s".into(),
    }));
    for wrong in [queue("topic:t"), queue("temp-queue:q"), orphan, queue("queue:q")] {
        assert_eq!(open(Some(wrong)), Some(ErrorKind::Configuration));
    }
}

/// A bit of everything, whatever of it succeeds. Nothing is left unsettled.
fn live_through(broker: &InVmBroker) {
    let connection = connect(broker);
    let (plain, transacting) = (session(&connection), transacted(&connection));
    let subscribed = subscribe_with(&plain, durable(1, "topic:t"));
    subscribed.iter().for_each(close);
    for text in ["a", "b", "c", "d"] {
        let _refused = now(plain.send(envelope("queue:in", text)));
    }
    let it = subscribe(&transacting, 1, "queue:in", 2);
    let got = it.inbox.take();
    for to in ["topic:t", "queue:out"] {
        now(transacting.send(envelope(to, "e"))).unwrap();
    }
    if now(transacting.commit(&tokens(&got))).is_err() {
        settle(&transacting, &got, Outcome::Release { attempts: 1 });
    }
    close(&it);
    settle(&transacting, &it.inbox.take(), Outcome::Release { attempts: 1 });
    let it = subscribe(&plain, 2, "queue:in", 1);
    settle(&plain, &it.inbox.take(), REJECT);
    close(&it);
    let mut again = durable(3, "topic:t");
    again.selector = Some("TRUE".to_owned());
    if let Ok(it) = subscribe_with(&plain, again) {
        settle(&plain, &it.inbox.take(), Outcome::Accept);
        close(&it);
    }
    let _refused = now(plain.send(envelope("topic:t", "f")));
}

/// What waits where, in order, and how much for whom.
fn held(broker: &InVmBroker) -> Vec<String> {
    let connection = connect(broker);
    let queues = ["queue:in", "queue:out", "queue:DLQ"].map(|from| browse(&connection, from, None));
    let stats = broker.destinations().into_iter();
    let counts = stats.map(|it| format!("{}: {}", it.address, it.ready));
    queues.into_iter().flatten().chain(counts).collect()
}

#[test]
fn whichever_call_fails_the_store_ends_with_what_the_broker_has() {
    for good in 0..20 {
        let store = Arc::new(Recorder::default());
        let first = broker(&store);
        store.fail_after(good, 1);
        live_through(&first);
        store.fail(0);
        let before = held(&first);
        assert_eq!(first.stats().unsettled, 0);
        first.shutdown();
        assert_eq!(held(&broker(&store)), before, "after {good} good calls");
    }
}
