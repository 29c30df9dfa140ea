//! Subscriptions with names.

use anymq_api::spi::SubscriptionKind;

use super::*;

#[derive(Clone, Copy)]
enum Kind {
    Durable,
    Shared,
    SharedDurable,
}

fn spec(id: u32, topic: &str, kind: Kind, name: &str, client_id: Option<&str>) -> SubscribeSpec {
    let mut spec = SubscribeSpec::new(SubscriptionId(id), address(topic), 100);
    let name = name.to_owned();
    spec.kind = match kind {
        Kind::Durable => SubscriptionKind::Durable { name },
        Kind::Shared => SubscriptionKind::Shared { name },
        Kind::SharedDurable => SubscriptionKind::SharedDurable { name },
    };
    spec.client_id = client_id.map(str::to_owned);
    spec
}

fn durable(id: u32, topic: &str) -> SubscribeSpec {
    spec(id, topic, Kind::Durable, "s", Some("till"))
}

fn end(it: &Subscribed) {
    now(it.subscription.close()).unwrap();
}

#[test]
fn a_durable_subscription_keeps_what_comes_while_nobody_consumes() {
    let broker = InVmBroker::new();
    let connection = connect(&broker);
    let first = session(&connection);
    let it = subscribe_with(&first, durable(1, "topic:t")).unwrap();
    send(&first, "topic:t", &["a"]);
    let held = it.inbox.take();
    assert_eq!(texts(&held), ["a"]);
    now(first.close(DEADLINE)).unwrap();
    let second = session(&connection);
    send(&second, "topic:t", &["b"]);
    assert_eq!((broker.stats().topics, broker.stats().durable_subscriptions), (1, 1));
    let it = subscribe_with(&second, durable(1, "topic:t")).unwrap();
    let got = it.inbox.take();
    assert_eq!((texts(&got), got[0].redelivered), (vec!["a", "b"], true));
    settle(&second, &got, Outcome::Accept);
    end(&it);
    now(connection.unsubscribe(Some("till"), "s")).unwrap();
    assert_eq!((broker.stats().topics, broker.stats().subscriptions), (0, 0));
}

#[test]
fn a_subscription_in_use_admits_nobody_else_and_stays() {
    let broker = InVmBroker::new();
    let connection = connect(&broker);
    let session = session(&connection);
    let it = subscribe_with(&session, durable(1, "topic:t")).unwrap();
    let in_use = Some(ErrorKind::IllegalState);
    let taken = Some(ErrorKind::Other);
    assert_eq!(kind(subscribe_with(&session, durable(2, "topic:t"))), taken);
    assert_eq!(kind(subscribe_with(&session, durable(2, "topic:u"))), taken);
    let unsubscribe = || kind(now(connection.unsubscribe(Some("till"), "s")));
    assert_eq!(unsubscribe(), in_use);
    send(&session, "topic:t", &["a"]);
    let got = it.inbox.take();
    assert_eq!(texts(&got), ["a"]);
    end(&it);
    // Something is left to settle.
    assert_eq!(unsubscribe(), in_use);
    settle(&session, &got, Outcome::Accept);
    assert_eq!(unsubscribe(), None);
    assert_eq!(unsubscribe(), Some(ErrorKind::InvalidDestination));
}

#[test]
fn another_topic_selector_or_no_local_replaces_an_idle_subscription() {
    let mut selective = durable(1, "topic:t");
    selective.selector = Some("TRUE".to_owned());
    let mut no_local = durable(1, "topic:t");
    no_local.no_local = true;
    for change in [durable(1, "topic:u"), selective, no_local] {
        let broker = InVmBroker::new();
        let connection = connect(&broker);
        let other = connect(&broker);
        let sending = session(&other);
        let session = session(&connection);
        end(&subscribe_with(&session, durable(1, "topic:t")).unwrap());
        send(&sending, "topic:t", &["old"]);
        let it = subscribe_with(&session, change.clone()).unwrap();
        send(&sending, &change.destination.to_string(), &["new"]);
        assert_eq!(texts(&it.inbox.take()), ["new"]);
        assert_eq!((broker.stats().topics, broker.stats().subscriptions), (1, 1));
    }
}

#[test]
fn a_client_id_leaves_out_its_own_publications_also_while_nobody_consumes() {
    let broker = InVmBroker::new();
    let mine = connect_as(&broker.driver(), Some("till")).unwrap();
    let mut spec = durable(1, "topic:t");
    spec.no_local = true;
    end(&subscribe_with(&session(&mine), spec.clone()).unwrap());
    drop(mine);
    let again = connect_as(&broker.driver(), Some("till")).unwrap();
    let session_again = session(&again);
    send(&session_again, "topic:t", &["mine"]);
    send(&session(&connect(&broker)), "topic:t", &["theirs"]);
    let it = subscribe_with(&session_again, spec).unwrap();
    assert_eq!(texts(&it.inbox.take()), ["theirs"]);
}

#[test]
fn a_connection_leaves_out_its_own_publications() {
    let broker = InVmBroker::new();
    let (mine, theirs) = (connect(&broker), connect(&broker));
    let mut spec = SubscribeSpec::new(SubscriptionId(1), address("topic:t"), 100);
    spec.no_local = true;
    let consuming = session(&mine);
    let it = subscribe_with(&consuming, spec).unwrap();
    send(&session(&mine), "topic:t", &["mine"]);
    send(&session(&theirs), "topic:t", &["theirs"]);
    assert_eq!(texts(&it.inbox.take()), ["theirs"]);
}

#[test]
fn a_shared_subscription_lasts_from_its_first_to_its_last_consumer() {
    let broker = InVmBroker::new();
    let connection = connect(&broker);
    let sessions = [session(&connection), session(&connection)];
    let shared = |id| spec(id, "topic:t", Kind::Shared, "s", None);
    let [a, b] = sessions
        .each_ref()
        .map(|session| subscribe_with(session, shared(1)).unwrap());
    send(&sessions[0], "topic:t", &["1", "2", "3", "4"]);
    assert_eq!(texts(&a.inbox.take()), ["1", "3"]);
    let held = b.inbox.take();
    assert_eq!(texts(&held), ["2", "4"]);
    // What one had goes to the other.
    now(sessions[1].close(DEADLINE)).unwrap();
    assert_eq!(texts(&a.inbox.take()), ["2", "4"]);
    let mut other = shared(2);
    other.destination = address("topic:u");
    assert_eq!(kind(subscribe_with(&sessions[0], other)), Some(ErrorKind::Other));
    end(&a);
    send(&sessions[0], "topic:t", &["gone"]);
    let again = subscribe_with(&sessions[0], shared(3)).unwrap();
    assert!(again.inbox.take().is_empty());
}

#[test]
fn names_are_apart_by_client_id_and_by_durability() {
    let broker = InVmBroker::new();
    let connection = connect(&broker);
    let session = session(&connection);
    let all = [
        spec(1, "topic:t", Kind::Shared, "s", None),
        spec(2, "topic:t", Kind::Shared, "s", Some("x")),
        spec(3, "topic:t", Kind::Shared, "s", Some("y")),
        spec(4, "topic:t", Kind::SharedDurable, "s", None),
        spec(5, "topic:t", Kind::Durable, "s", Some("x")),
    ];
    let all = all.map(|spec| subscribe_with(&session, spec).unwrap());
    send(&session, "topic:t", &["a"]);
    for it in &all {
        assert_eq!(texts(&it.inbox.take()), ["a"]);
    }
}

#[test]
fn shared_and_unshared_durable_subscriptions_do_not_mix() {
    for (first, second) in [
        (Kind::Durable, Kind::SharedDurable),
        (Kind::SharedDurable, Kind::Durable),
    ] {
        let broker = InVmBroker::new();
        let connection = connect(&broker);
        let session = session(&connection);
        end(&subscribe_with(&session, spec(1, "topic:t", first, "s", Some("till"))).unwrap());
        let refused = subscribe_with(&session, spec(2, "topic:t", second, "s", Some("till")));
        assert_eq!(kind(refused), Some(ErrorKind::Other));
    }
}
