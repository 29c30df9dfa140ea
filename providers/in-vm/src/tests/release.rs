use super::*;

const UNSEEN: Outcome = Outcome::Release { attempts: 0 };
const SEEN: Outcome = Outcome::Release { attempts: 1 };

#[test]
fn releases_restore_the_order_and_count_attempts() {
    let broker = InVmBroker::new();
    let connection = connect(&broker);
    let session = session(&connection);
    let it = subscribe(&session, 1, "queue:q", 4);
    send(&session, "queue:q", &["a", "b", "c", "d", "e"]);
    let got = it.inbox.take();
    settle(&session, &got[3..], UNSEEN);
    settle(
        &session,
        &[got[2].clone(), got[0].clone()],
        Outcome::Release { attempts: 2 },
    );
    it.subscription.grant_credit(4);
    let again = it.inbox.take();
    assert_eq!(texts(&again), ["a", "c", "d", "e"]);
    let counts: Vec<_> = again.iter().map(|it| (it.redelivered, it.count)).collect();
    assert_eq!(counts, [(true, 3), (true, 3), (false, 1), (false, 1)]);
}

#[test]
fn a_batch_goes_back_before_anything_goes_out_again() {
    let broker = InVmBroker::new();
    let connection = connect(&broker);
    let session = session(&connection);
    let it = subscribe(&session, 1, "queue:q", 10);
    send(&session, "queue:q", &["a", "b", "c"]);
    let mut got = it.inbox.take();
    got.reverse();
    settle(&session, &got, SEEN);
    assert_eq!(texts(&it.inbox.take()), ["a", "b", "c"]);
}

#[test]
fn a_release_goes_to_whoever_has_credit() {
    let broker = InVmBroker::new();
    let connection = connect(&broker);
    let session = session(&connection);
    let a = subscribe(&session, 1, "queue:q", 1);
    send(&session, "queue:q", &["a"]);
    let b = subscribe(&session, 2, "queue:q", 1);
    settle(&session, &a.inbox.take(), SEEN);
    let got = b.inbox.take();
    assert_eq!((texts(&got), got[0].count), (vec!["a"], 2));
    assert_eq!(got[0].token.subscription, SubscriptionId(2));
}

#[test]
fn a_closed_subscription_gets_nothing_and_can_still_settle() {
    let broker = InVmBroker::new();
    let connection = connect(&broker);
    let session = session(&connection);
    let it = subscribe(&session, 1, "queue:q", 10);
    send(&session, "queue:q", &["a", "b"]);
    let got = it.inbox.take();
    now(it.subscription.close()).unwrap();
    it.subscription.grant_credit(5);
    send(&session, "queue:q", &["c"]);
    assert!(it.inbox.take().is_empty());
    assert_eq!((broker.stats().consumers, broker.stats().unsettled), (0, 2));
    settle(&session, &got[..1], Outcome::Accept);
    settle(&session, &got[1..], UNSEEN);
    let next = subscribe(&session, 2, "queue:q", 10);
    assert_eq!(texts(&next.inbox.take()), ["b", "c"]);
}

#[test]
fn a_closed_subscription_lets_go_of_its_sink() {
    let broker = InVmBroker::new();
    let connection = connect(&broker);
    let session = session(&connection);
    for (id, from) in [(1, "queue:q"), (2, "topic:t")] {
        let it = subscribe(&session, id, from, 1);
        send(&session, from, &["a"]);
        it.subscription.abandon();
        it.subscription.abandon();
        assert_eq!(Arc::strong_count(&it.inbox), 1, "{from}");
    }
}

#[test]
fn an_abandoned_session_gives_all_back_counted_once() {
    let broker = InVmBroker::new();
    let connection = connect(&broker);
    let (dying, living) = (session(&connection), session(&connection));
    let a = subscribe(&dying, 1, "queue:q", 2);
    let b = subscribe(&dying, 2, "queue:q", 2);
    send(&living, "queue:q", &["1", "2", "3", "4"]);
    assert_eq!(
        (texts(&a.inbox.take()), texts(&b.inbox.take())),
        (vec!["1", "3"], vec!["2", "4"])
    );
    let other = subscribe(&living, 1, "queue:q", 0);
    a.subscription.grant_credit(9);
    b.subscription.grant_credit(9);
    dying.abandon();
    dying.abandon();
    other.subscription.grant_credit(9);
    let got = other.inbox.take();
    assert_eq!(texts(&got), ["1", "2", "3", "4"]);
    assert!(got.iter().all(|it| it.redelivered && it.count == 2));
    assert!(a.inbox.take().is_empty() && b.inbox.take().is_empty());
}

#[test]
fn interleaved_releases_of_two_consumers_keep_the_order() {
    let broker = InVmBroker::new();
    let connection = connect(&broker);
    let session = session(&connection);
    let a = subscribe(&session, 1, "queue:q", 3);
    let b = subscribe(&session, 2, "queue:q", 3);
    send(&session, "queue:q", &["1", "2", "3", "4", "5", "6", "7"]);
    settle(&session, &a.inbox.take(), UNSEEN);
    settle(&session, &b.inbox.take(), UNSEEN);
    a.subscription.grant_credit(7);
    assert_eq!(texts(&a.inbox.take()), ["1", "2", "3", "4", "5", "6", "7"]);
}
