//! What the broker tells of each destination.

use std::num::NonZeroUsize;

use anymq_api::{Timestamp, spi::SubscriptionKind};

use super::{time::Hand, *};
use crate::{DestinationStats, Overflow, QueueLimit};

fn only(broker: &InVmBroker, at: &str) -> DestinationStats {
    let mut all = broker.destinations_at(&address(at));
    assert_eq!(all.len(), 1, "{at}");
    all.remove(0)
}

#[test]
fn a_queue_tells_what_it_holds_and_has_seen() {
    let hand = Arc::new(Hand::default());
    let broker = InVmBroker::builder().with_clock(hand.clone()).build();
    let connection = connect(&broker);
    let session = session(&connection);
    let at = |millis| Some(Timestamp::from_millis(millis));
    send(&session, "queue:q", &["a", "b", "c"]);
    send_envelope(&session, "queue:q", "later", |headers| headers.delivery_time = at(50));
    send_envelope(&session, "queue:q", "gone", |headers| headers.expiration = at(10));
    hand.set(10);
    broker.run_due();
    let it = subscribe(&session, 1, "queue:q", 2);
    let got = it.inbox.take();
    let stats = only(&broker, "queue:q");
    assert_eq!(
        (stats.ready, stats.delayed, stats.unsettled, stats.consumers),
        (1, 1, 2, 1)
    );
    assert_eq!((stats.enqueued, stats.delivered, stats.expired), (5, 2, 1));
    assert_eq!((stats.bytes, stats.full, &stats.subscription), (None, false, &None));
    settle(&session, &got[..1], REJECT);
    settle(&session, &got[1..], Outcome::Accept);
    hand.set(50);
    broker.run_due();
    let stats = only(&broker, "queue:q");
    assert_eq!((stats.ready, stats.delayed, stats.unsettled), (2, 0, 0));
    assert_eq!((stats.enqueued, stats.rejected), (5, 1));
    assert_eq!(only(&broker, "queue:DLQ").ready, 1);
    let all: Vec<_> = broker.destinations().iter().map(|it| it.address.to_string()).collect();
    assert_eq!(all, ["queue:DLQ", "queue:q"]);
}

#[test]
fn what_is_accepted_in_passing_is_not_under_way() {
    let broker = InVmBroker::new();
    let connection = connect(&broker);
    let session = session(&connection);
    let it = subscribe(&session, 1, "queue:q", 10);
    send(&session, "queue:q", &["a", "b", "c"]);
    let got = it.inbox.take();
    assert!(it.subscription.accept(&got[0]) && it.subscription.accept(&got[1]));
    assert_eq!(only(&broker, "queue:q").unsettled, 1);
    now(it.subscription.close()).unwrap();
    let stats = only(&broker, "queue:q");
    assert_eq!((stats.consumers, stats.unsettled, stats.delivered), (0, 1, 3));
    settle(&session, &got[2..], Outcome::Accept);
    assert!(broker.destinations().is_empty());
}

#[test]
fn each_subscription_stands_for_itself_durable_ones_also_when_idle() {
    let broker = InVmBroker::new();
    let connection = connect(&broker);
    let session = session(&connection);
    let mut spec = SubscribeSpec::new(SubscriptionId(1), address("topic:t"), 100);
    spec.kind = SubscriptionKind::Durable { name: "s".to_owned() };
    spec.client_id = Some("till".to_owned());
    now(subscribe_with(&session, spec).unwrap().subscription.close()).unwrap();
    let _plain = subscribe(&session, 2, "topic:t", 1);
    send(&session, "topic:t", &["a", "b"]);
    let all = broker.destinations();
    let kept: Vec<_> = all.iter().map(|it| (it.ready, it.unsettled, it.consumers)).collect();
    assert_eq!(kept, [(1, 1, 1), (2, 0, 0)]);
    let [plain, durable] = [0, 1].map(|index| all[index].subscription.clone().unwrap());
    assert_eq!((plain.name, plain.durable), (None, false));
    assert_eq!(
        (durable.name.as_deref(), durable.durable, durable.shared),
        (Some("s"), true, false)
    );
    assert_eq!(durable.client_id.as_deref(), Some("till"));
    assert_eq!(broker.destinations_at(&address("topic:t")), all);
    broker.shutdown();
    assert!(broker.destinations().is_empty());
}

#[test]
fn what_a_limit_does_is_counted() {
    let limit = QueueLimit::bytes(NonZeroUsize::new(4).unwrap());
    let refusing = InVmBroker::builder().with_queue_limit(limit.with_overflow(Overflow::Refuse));
    let broker = refusing.build();
    let connection = connect(&broker);
    let sending = session(&connection);
    send(&sending, "queue:q", &["1234"]);
    assert!(now(sending.send(envelope("queue:q", "5"))).is_err());
    let stats = only(&broker, "queue:q");
    assert_eq!(
        (stats.bytes, stats.full, stats.enqueued, stats.refused),
        (Some(4), true, 1, 1)
    );
    let dropping = InVmBroker::builder().with_queue_limit(limit.with_overflow(Overflow::DropOldest));
    let broker = dropping.build();
    let connection = connect(&broker);
    send(&session(&connection), "queue:q", &["123", "45"]);
    let stats = only(&broker, "queue:q");
    assert_eq!((stats.ready, stats.full, stats.overflowed), (1, false, 1));
}
