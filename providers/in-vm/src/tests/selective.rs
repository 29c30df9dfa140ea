//! Selectors and groups on queues.

use super::*;

fn selective(session: &Arc<dyn DriverSession>, id: u32, from: &str, selector: &str) -> Subscribed {
    let mut spec = SubscribeSpec::new(SubscriptionId(id), address(from), 100);
    spec.selector = Some(selector.to_owned());
    subscribe_with(session, spec).unwrap()
}

#[test]
fn a_selective_consumer_finds_its_match_behind_others() {
    let broker = InVmBroker::new();
    let connection = connect(&broker);
    let session = session(&connection);
    let texts_sent: Vec<_> = (0..500).map(|n| n.to_string()).collect();
    for text in &texts_sent {
        send_with(&session, "queue:q", text, ("color", "blue"));
    }
    send_with(&session, "queue:q", "match", ("color", "red"));
    let red = selective(&session, 1, "queue:q", "color = 'red'");
    assert_eq!(texts(&red.inbox.take()), ["match"]);
    send_with(&session, "queue:q", "another", ("color", "red"));
    assert_eq!(texts(&red.inbox.take()), ["another"]);
    let all = subscribe(&session, 2, "queue:q", 1000);
    assert_eq!(texts(&all.inbox.take()), texts_sent);
}

#[test]
fn what_comes_back_is_looked_at_again_by_those_it_suits() {
    let broker = InVmBroker::new();
    let connection = connect(&broker);
    let session = session(&connection);
    let all = subscribe(&session, 1, "queue:q", 10);
    send_with(&session, "queue:q", "a", ("color", "red"));
    send_with(&session, "queue:q", "b", ("color", "blue"));
    let red = selective(&session, 2, "queue:q", "color = 'red'");
    let blue = selective(&session, 3, "queue:q", "color = 'blue'");
    all.subscription.stop_delivery();
    let held = all.inbox.take();
    settle(&session, &held, Outcome::Release { attempts: 1 });
    assert_eq!(texts(&red.inbox.take()), ["a"]);
    assert_eq!(texts(&blue.inbox.take()), ["b"]);
}

#[test]
fn the_last_one_that_comes_back_is_found_again() {
    for others in 0..8 {
        let broker = InVmBroker::new();
        let connection = connect(&broker);
        let session = session(&connection);
        for _ in 0..others {
            send_with(&session, "queue:q", "other", ("color", "blue"));
        }
        send_with(&session, "queue:q", "match", ("color", "red"));
        let red = selective(&session, 1, "queue:q", "color = 'red'");
        for _ in 0..3 {
            let held = red.inbox.take();
            assert_eq!(texts(&held), ["match"], "behind {others}");
            settle(&session, &held, Outcome::Release { attempts: 1 });
        }
    }
}

#[test]
fn a_malformed_selector_makes_no_subscription() {
    let broker = InVmBroker::new();
    let connection = connect(&broker);
    let session = session(&connection);
    for from in ["queue:q", "topic:t"] {
        let mut spec = SubscribeSpec::new(SubscriptionId(1), address(from), 100);
        spec.selector = Some("color ==".to_owned());
        assert_eq!(kind(subscribe_with(&session, spec)), Some(ErrorKind::InvalidSelector));
    }
    assert_eq!((broker.stats().consumers, broker.stats().subscriptions), (0, 0));
}

#[test]
fn a_topic_adds_only_what_a_subscription_wants() {
    let broker = InVmBroker::new();
    let connection = connect(&broker);
    let session = session(&connection);
    let red = selective(&session, 1, "topic:t", "color = 'red'");
    let all = subscribe(&session, 2, "topic:t", 10);
    send_with(&session, "topic:t", "a", ("color", "red"));
    send_with(&session, "topic:t", "b", ("color", "blue"));
    assert_eq!(texts(&red.inbox.take()), ["a"]);
    assert_eq!(texts(&all.inbox.take()), ["a", "b"]);
}

#[test]
fn a_group_stays_with_its_consumer_until_that_is_closed() {
    let broker = InVmBroker::new();
    let connection = connect(&broker);
    let session = session(&connection);
    let consumers = [1, 2].map(|id| subscribe(&session, id, "queue:q", 3));
    for n in 0..4 {
        send_with(&session, "queue:q", &format!("g{n}"), ("JMSXGroupID", "g"));
    }
    send(&session, "queue:q", &["x", "y"]);
    let got = consumers.each_ref().map(|it| it.inbox.take());
    // The first one is full; what else is in the group waits for it, and does not hold up the others.
    assert_eq!(texts(&got[0]), ["g0", "g1", "g2"]);
    assert_eq!(texts(&got[1]), ["x", "y"]);
    consumers[1].subscription.grant_credit(10);
    assert!(consumers[1].inbox.take().is_empty());
    settle(&session, &got[0], Outcome::Accept);
    now(consumers[0].subscription.close()).unwrap();
    assert_eq!(texts(&consumers[1].inbox.take()), ["g3"]);
    send_with(&session, "queue:q", "g4", ("JMSXGroupID", "g"));
    assert_eq!(texts(&consumers[1].inbox.take()), ["g4"]);
}
