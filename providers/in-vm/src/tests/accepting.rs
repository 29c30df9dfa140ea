//! Deliveries that are accepted by a note.

use bytes::Bytes;

use super::{topic::Owner, *};

#[test]
fn what_is_noted_does_not_come_again() {
    let broker = InVmBroker::new();
    let connection = connect(&broker);
    let (ended, other) = (session(&connection), session(&connection));
    let it = subscribe(&ended, 1, "queue:q", 10);
    send(&ended, "queue:q", &["a", "b", "c"]);
    let got = it.inbox.take();
    assert!(it.subscription.accept(&got[0]) && it.subscription.accept(&got[1]));
    assert_eq!(broker.stats().unsettled, 1);
    ended.abandon();
    let rest = subscribe(&other, 1, "queue:q", 10).inbox.take();
    assert_eq!(texts(&rest), ["c"]);
    assert!(!it.subscription.accept(&got[2]));
    assert_eq!(broker.stats().unsettled, 1);
}

#[test]
fn notes_are_taken_in_order_only() {
    let broker = InVmBroker::new();
    let connection = connect(&broker);
    let session = session(&connection);
    let it = subscribe(&session, 1, "queue:q", 10);
    send(&session, "queue:q", &["a", "b", "c", "d"]);
    let got = it.inbox.take();
    assert!(!it.subscription.accept(&got[1]));
    settle(&session, &got[1..2], Outcome::Accept);
    assert!(it.subscription.accept(&got[0]));
    // Beside the note stands what was settled before it.
    assert_eq!(broker.stats().unsettled, 2);
    settle(&session, &got[2..3], Outcome::Release { attempts: 1 });
    let again = it.inbox.take();
    assert_eq!(texts(&again), ["c"]);
    // The last takes with it what is only noted, and that is for the session to do.
    assert!(it.subscription.accept(&got[3]) && !it.subscription.accept(&again[0]));
    settle(&session, &again, Outcome::Accept);
    assert_eq!(broker.stats().unsettled, 0);
    assert!(!it.subscription.accept(&got[0]));
}

#[test]
fn no_message_is_kept_for_long_after_its_note() {
    let broker = InVmBroker::new();
    let connection = connect(&broker);
    let session = session(&connection);
    let it = subscribe(&session, 1, "queue:q", 3);
    let probes = [9, 9, 9, 1_000_000].map(|length| Arc::new(vec![0; length]));
    for probe in &probes {
        let body = Message::bytes(Bytes::from_owner(Owner(Arc::clone(probe))));
        now(session.send(envelope("queue:q", "").with_message(|_| body))).unwrap();
    }
    let kept = || probes.each_ref().map(Arc::strong_count);
    let accept = |delivery: Delivery| it.subscription.accept(&delivery);
    let mut got = it.inbox.take().into_iter();
    assert!(accept(got.next().unwrap()) && accept(got.next().unwrap()));
    it.subscription.grant_credit(1);
    assert_eq!(kept(), [1, 1, 2, 2]);
    // The large one is not left to the next look, and the last one has none to wait for.
    let large = it.inbox.take().remove(0);
    assert!(accept(got.next().unwrap()) && !it.subscription.accept(&large));
    settle(&session, &[large], Outcome::Accept);
    assert_eq!(kept(), [1; 4]);
    send(&session, "queue:q", &["last"]);
    it.subscription.grant_credit(1);
    assert!(accept(it.inbox.take().remove(0)));
    assert_eq!(broker.stats().unsettled, 0);
}
