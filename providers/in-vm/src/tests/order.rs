//! Priorities and scans.

use anymq_api::Priority;

use super::*;

fn send_at(session: &Arc<dyn DriverSession>, level: u8, text: &str) {
    send_envelope(session, "queue:q", text, |headers| {
        headers.priority = Priority::new(level).unwrap();
    });
}

#[test]
fn higher_priorities_go_first() {
    let broker = InVmBroker::new();
    let connection = connect(&broker);
    let session = session(&connection);
    for (level, text) in [(0, "a"), (9, "b"), (4, "c"), (9, "d"), (4, "e"), (0, "f")] {
        send_at(&session, level, text);
    }
    assert_eq!(browse(&connection, "queue:q", None), ["b", "d", "c", "e", "a", "f"]);
    let it = subscribe(&session, 1, "queue:q", 3);
    let got = it.inbox.take();
    assert_eq!(texts(&got), ["b", "d", "c"]);
    settle(&session, &got[1..], Outcome::Release { attempts: 0 });
    send_at(&session, 5, "g");
    it.subscription.grant_credit(100);
    assert_eq!(texts(&it.inbox.take()), ["d", "g", "c", "e", "a", "f"]);
}

#[test]
fn a_scan_shows_what_waits_and_changes_nothing() {
    let broker = InVmBroker::new();
    let connection = connect(&broker);
    let session = session(&connection);
    assert!(browse(&connection, "queue:q", None).is_empty());
    assert_eq!(broker.stats().queues, 0);
    send(&session, "queue:q", &["a", "b", "c"]);
    send_with(&session, "queue:q", "d", ("color", "red"));
    assert_eq!(browse(&connection, "queue:q", Some("color = 'red'")), ["d"]);
    let mut browser = now(connection.browse(BrowseSpec::new(address("queue:q")))).unwrap();
    assert!(now(browser.next()).unwrap().is_some());
    // What leaves or comes meanwhile.
    let it = subscribe(&session, 1, "queue:q", 2);
    send(&session, "queue:q", &["e"]);
    let rest = std::iter::from_fn(|| now(browser.next()).unwrap());
    let rest: Vec<_> = rest.map(|it| it.message().as_text().unwrap().to_owned()).collect();
    assert_eq!(rest, ["c", "d"]);
    let got = it.inbox.take();
    assert_eq!((texts(&got), got[0].redelivered), (vec!["a", "b"], false));
    let refused = now(connection.browse(BrowseSpec::new(address("topic:t"))));
    assert!(refused.is_ok_and(|mut empty| now(empty.next()).unwrap().is_none()));
}
