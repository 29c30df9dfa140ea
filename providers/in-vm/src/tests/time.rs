//! Delays and expiry, by a clock that the tests move.

use std::sync::atomic::{AtomicI64, Ordering};

use anymq_api::{Clock, Timestamp};

use super::*;

#[derive(Debug, Default)]
pub(super) struct Hand(AtomicI64);

impl Hand {
    pub(super) fn set(&self, millis: i64) {
        self.0.store(millis, Ordering::Relaxed);
    }
}

impl Clock for Hand {
    fn now(&self) -> Timestamp {
        Timestamp::from_millis(self.0.load(Ordering::Relaxed))
    }
}

struct World {
    broker: InVmBroker,
    hand: Arc<Hand>,
    connection: Arc<dyn DriverConnection>,
    session: Arc<dyn DriverSession>,
}

impl World {
    fn new() -> Self {
        let hand = Arc::new(Hand::default());
        let broker = InVmBroker::builder().with_clock(hand.clone()).build();
        let connection = connect(&broker);
        let session = session(&connection);
        Self {
            broker,
            hand,
            connection,
            session,
        }
    }

    fn at(&self, seconds: i64) {
        self.hand.0.store(seconds * 1000, Ordering::Relaxed);
        self.broker.run_due();
    }

    fn send(&self, to: &str, text: &str, delay: Option<i64>, ttl: Option<i64>) {
        let now = self.hand.now().as_millis();
        let after = |seconds: i64| Timestamp::from_millis(now + seconds * 1000);
        send_envelope(&self.session, to, text, |headers| {
            headers.timestamp = Some(after(0));
            headers.delivery_time = Some(after(delay.unwrap_or(0)));
            headers.expiration = ttl.map(after);
        });
    }

    fn waiting(&self) -> (usize, usize) {
        (self.broker.stats().ready, self.broker.stats().delayed)
    }
}

#[test]
fn delayed_messages_come_when_they_are_due_and_others_overtake_them() {
    let world = World::new();
    let it = subscribe(&world.session, 1, "queue:q", 10);
    world.send("queue:q", "day", Some(86_400), None);
    world.send("queue:q", "hour", Some(3600), None);
    world.send("queue:q", "now", None, None);
    assert_eq!(texts(&it.inbox.take()), ["now"]);
    assert!(browse(&world.connection, "queue:q", None).is_empty());
    assert_eq!(world.waiting(), (0, 2));
    world.at(3599);
    assert!(it.inbox.take().is_empty());
    world.at(3600);
    assert_eq!(texts(&it.inbox.take()), ["hour"]);
    world.at(86_400);
    assert_eq!(texts(&it.inbox.take()), ["day"]);
}

#[test]
fn a_delayed_publication_goes_to_the_subscriptions_of_its_sending() {
    let world = World::new();
    let before = subscribe(&world.session, 1, "topic:t", 10);
    world.send("topic:t", "a", Some(10), None);
    let after = subscribe(&world.session, 2, "topic:t", 10);
    world.at(10);
    assert_eq!(texts(&before.inbox.take()), ["a"]);
    assert!(after.inbox.take().is_empty());
}

#[test]
fn expired_messages_vanish_wherever_they_wait() {
    let world = World::new();
    for (text, ttl) in [("a", Some(5)), ("b", None), ("c", Some(3)), ("d", Some(50))] {
        world.send("queue:q", text, None, ttl);
    }
    assert_eq!(world.waiting(), (4, 0));
    world.at(3);
    assert_eq!(browse(&world.connection, "queue:q", None), ["a", "b", "d"]);
    assert_eq!(world.waiting(), (3, 0));
    // The clock has moved, and nobody saw to what is due.
    world.hand.0.store(5000, Ordering::Relaxed);
    assert_eq!(browse(&world.connection, "queue:q", None), ["b", "d"]);
    let it = subscribe(&world.session, 1, "queue:q", 10);
    assert_eq!(texts(&it.inbox.take()), ["b", "d"]);
}

#[test]
fn one_that_expires_before_it_is_due_is_never_delivered() {
    let world = World::new();
    let it = subscribe(&world.session, 1, "queue:q", 10);
    world.send("queue:q", "a", Some(5), Some(5));
    world.send("queue:q", "b", Some(5), Some(6));
    world.at(5);
    assert_eq!(texts(&it.inbox.take()), ["b"]);
}

#[test]
fn a_queue_whose_last_message_expired_is_not_kept() {
    let world = World::new();
    world.send("queue:q", "a", None, Some(5));
    world.send("queue:r", "b", Some(1), Some(5));
    assert_eq!(world.broker.stats().queues, 2);
    world.at(5);
    assert_eq!((world.broker.stats().queues, world.waiting()), (0, (0, 0)));
}

#[test]
fn a_consumer_keeps_its_credit_when_it_finds_only_expired_messages() {
    let world = World::new();
    world.send("queue:q", "a", None, Some(5));
    world.hand.0.store(5000, Ordering::Relaxed);
    let it = subscribe(&world.session, 1, "queue:q", 1);
    assert!(it.inbox.take().is_empty());
    world.send("queue:q", "b", None, None);
    assert_eq!(texts(&it.inbox.take()), ["b"]);
}

#[test]
fn with_the_systems_clock_it_happens_by_itself() {
    let broker = InVmBroker::new();
    let connection = connect(&broker);
    let session = session(&connection);
    let it = subscribe(&session, 1, "queue:q", 10);
    let soon = Timestamp::now().checked_add(Duration::from_millis(20)).unwrap();
    send_envelope(&session, "queue:q", "a", |headers| {
        headers.delivery_time = Some(soon);
    });
    send_envelope(&session, "queue:other", "b", |headers| {
        headers.expiration = Some(soon);
    });
    let deadline = std::time::Instant::now() + Duration::from_secs(30);
    let mut got = Vec::new();
    while (got.is_empty() || broker.stats().ready > 0) && std::time::Instant::now() < deadline {
        std::thread::yield_now();
        got.append(&mut it.inbox.take());
    }
    assert_eq!((texts(&got), broker.stats().ready), (vec!["a"], 0));
    assert!(Timestamp::now() >= soon);
}
