use super::*;

#[test]
fn messages_come_in_order_waiting_or_not() {
    let broker = InVmBroker::new();
    let connection = connect(&broker);
    let session = session(&connection);
    send(&session, "queue:q", &["a", "b"]);
    let it = subscribe(&session, 1, "queue:q", 10);
    send(&session, "queue:q", &["c"]);
    now(session.send_batch(vec![envelope("queue:q", "d"), envelope("queue:q", "e")])).unwrap();
    let got = it.inbox.take();
    assert_eq!(texts(&got), ["a", "b", "c", "d", "e"]);
    assert!(got.iter().all(|delivery| !delivery.redelivered && delivery.count == 1));
}

#[test]
fn the_envelope_is_shared_not_copied() {
    let broker = InVmBroker::new();
    let connection = connect(&broker);
    let session = session(&connection);
    let it = subscribe(&session, 1, "queue:q", 1);
    let sent = envelope("queue:q", "a");
    now(session.send(sent.clone())).unwrap();
    assert!(it.inbox.take()[0].envelope.is_same(&sent));
}

#[test]
fn credit_is_honoured_and_settling_gives_none_back() {
    let broker = InVmBroker::new();
    let connection = connect(&broker);
    let session = session(&connection);
    let it = subscribe(&session, 1, "queue:q", 0);
    send(&session, "queue:q", &["a", "b", "c", "d", "e"]);
    assert!(it.inbox.take().is_empty());
    it.subscription.grant_credit(2);
    let got = it.inbox.take();
    assert_eq!(texts(&got), ["a", "b"]);
    settle(&session, &got, Outcome::Accept);
    assert!(it.inbox.take().is_empty());
    it.subscription.grant_credit(1);
    it.subscription.grant_credit(1);
    assert_eq!(texts(&it.inbox.take()), ["c", "d"]);
}

#[test]
fn stopping_takes_credit_back_until_more_is_granted() {
    let broker = InVmBroker::new();
    let connection = connect(&broker);
    let session = session(&connection);
    let it = subscribe(&session, 1, "queue:q", 10);
    now(it.subscription.stop_delivery()).unwrap();
    send(&session, "queue:q", &["a", "b"]);
    assert!(it.inbox.take().is_empty());
    it.subscription.grant_credit(1);
    assert_eq!(texts(&it.inbox.take()), ["a"]);
}

#[test]
fn consumers_with_credit_take_turns() {
    let broker = InVmBroker::new();
    let connection = connect(&broker);
    let (one, two) = (session(&connection), session(&connection));
    let a = subscribe(&one, 1, "queue:q", 3);
    let b = subscribe(&one, 2, "queue:q", 1);
    let c = subscribe(&two, 1, "queue:q", 10);
    send(&one, "queue:q", &["1", "2", "3", "4", "5", "6", "7"]);
    assert_eq!(texts(&a.inbox.take()), ["1", "4", "6"]);
    assert_eq!(texts(&b.inbox.take()), ["2"]);
    assert_eq!(texts(&c.inbox.take()), ["3", "5", "7"]);
}

#[test]
fn who_takes_the_place_of_a_closed_consumer_gets_no_double_share() {
    let broker = InVmBroker::new();
    let connection = connect(&broker);
    let session = session(&connection);
    now(subscribe(&session, 1, "queue:q", 5).subscription.close()).unwrap();
    let a = subscribe(&session, 2, "queue:q", 9);
    let b = subscribe(&session, 3, "queue:q", 9);
    now(subscribe(&session, 4, "queue:q", 5).subscription.close()).unwrap();
    let c = subscribe(&session, 5, "queue:q", 9);
    send(&session, "queue:q", &["1", "2", "3", "4", "5", "6"]);
    assert_eq!(texts(&a.inbox.take()), ["1", "4"]);
    assert_eq!(texts(&b.inbox.take()), ["2", "5"]);
    assert_eq!(texts(&c.inbox.take()), ["3", "6"]);
}

#[test]
fn what_waits_is_shared_out_as_well() {
    let broker = InVmBroker::new();
    let connection = connect(&broker);
    let session = session(&connection);
    let a = subscribe(&session, 1, "queue:q", 1);
    let b = subscribe(&session, 2, "queue:q", 1);
    send(&session, "queue:q", &["1", "2", "3", "4"]);
    settle(&session, &a.inbox.take(), Outcome::Accept);
    b.subscription.grant_credit(1);
    a.subscription.grant_credit(1);
    assert_eq!(texts(&b.inbox.take()), ["2", "3"]);
    assert_eq!(texts(&a.inbox.take()), ["4"]);
}

#[test]
fn settling_works_in_any_order_and_ignores_unknown_tokens() {
    let broker = InVmBroker::new();
    let connection = connect(&broker);
    let session = session(&connection);
    let it = subscribe(&session, 1, "queue:q", 10);
    send(&session, "queue:q", &["a", "b", "c", "d"]);
    let got = it.inbox.take();
    for index in [2, 0, 3, 3, 1, 0] {
        settle(&session, &got[index..=index], Outcome::Accept);
    }
    let mut unknown = got[0].clone();
    unknown.token.subscription = SubscriptionId(9);
    settle(&session, &[unknown], Outcome::Release { attempts: 0 });
    assert_eq!(broker.stats().unsettled, 0);
    assert!(it.inbox.take().is_empty());
}

#[test]
fn a_token_of_another_link_is_ignored() {
    let broker = InVmBroker::new();
    let connection = connect(&broker);
    let session = session(&connection);
    let it = subscribe(&session, 1, "queue:q", 1);
    send(&session, "queue:q", &["a"]);
    let mut got = it.inbox.take();
    got[0].token.epoch += 1;
    settle(&session, &got, Outcome::Accept);
    assert_eq!(broker.stats().unsettled, 1);
}

#[test]
fn a_rejected_message_goes_to_the_dead_letters_once() {
    let broker = InVmBroker::builder()
        .with_dead_letters(&anymq_api::Queue::new("dead").unwrap())
        .build();
    let connection = connect(&broker);
    let session = session(&connection);
    let it = subscribe(&session, 1, "queue:q", 5);
    let dead = subscribe(&session, 2, "queue:dead", 5);
    send(&session, "queue:q", &["a", "b"]);
    settle(&session, &it.inbox.take()[..1], REJECT);
    let letters = dead.inbox.take();
    assert_eq!(texts(&letters), ["a"]);
    assert!(!letters[0].redelivered);
    let properties = letters[0].envelope.message().properties();
    assert_eq!(
        properties.string("JMS_anymq_dead_letter_reason").as_deref(),
        Some("rejected")
    );
    assert_eq!(
        properties.string("JMS_anymq_dead_letter_origin").as_deref(),
        Some("queue:q")
    );
    assert_eq!(properties.i32("JMS_anymq_dead_letter_attempts").unwrap(), 1);
    assert_eq!(letters[0].envelope.headers().destination, address("queue:dead"));
    // There it is dropped.
    settle(&session, &letters, REJECT);
    assert!(dead.inbox.take().is_empty());
    assert_eq!((broker.stats().ready, broker.stats().unsettled), (0, 1));
}

#[test]
fn an_empty_queue_is_kept_only_while_it_has_consumers() {
    let broker = InVmBroker::new();
    let connection = connect(&broker);
    let session = session(&connection);
    let it = subscribe(&session, 1, "queue:q", 1);
    send(&session, "queue:q", &["a"]);
    let got = it.inbox.take();
    now(it.subscription.close()).unwrap();
    assert_eq!(broker.stats().queues, 1);
    settle(&session, &got, Outcome::Accept);
    assert_eq!(broker.stats().queues, 0);
    // The session remembers the queue that was removed; the next send must not vanish in it.
    send(&session, "queue:q", &["b"]);
    assert_eq!((broker.stats().queues, broker.stats().ready), (1, 1));
}

#[test]
fn a_session_sends_to_many_destinations() {
    let broker = InVmBroker::new();
    let connection = connect(&broker);
    let session = session(&connection);
    let names: Vec<_> = (0..30).map(|n| format!("queue:q{n}")).collect();
    for _round in 0..3 {
        for name in &names {
            send(&session, name, &["a"]);
        }
    }
    assert_eq!((broker.stats().queues, broker.stats().ready), (30, 90));
}
