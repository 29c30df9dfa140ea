//! Queues that are bounded.

use std::{future::Future, num::NonZeroUsize, pin::Pin};

use anymq_api::Timestamp;

use super::{time::Hand, *};
use crate::{Overflow, QueueLimit};

fn limited(limit: QueueLimit) -> InVmBroker {
    InVmBroker::builder().with_queue_limit(limit).build()
}

pub(super) fn messages(count: usize) -> QueueLimit {
    QueueLimit::messages(NonZeroUsize::new(count).unwrap())
}

pub(super) fn poll<F: Future + Unpin>(future: &mut F) -> Poll<F::Output> {
    Pin::new(future).poll(&mut Context::from_waker(Waker::noop()))
}

#[test]
fn who_fills_a_queue_waits_until_there_is_room() {
    for to in ["queue:q", "topic:t"] {
        let broker = limited(messages(2));
        let connection = connect(&broker);
        let (sending, receiving) = (session(&connection), session(&connection));
        let it = subscribe(&receiving, 1, to, 1);
        send(&sending, to, &["ahead", "1"]);
        assert!(poll(&mut sending.ready()).is_ready());
        send(&sending, to, &["2"]);
        let mut ready = sending.ready();
        assert!(poll(&mut ready).is_pending());
        // Whoever has filled nothing may send one more.
        assert!(poll(&mut receiving.ready()).is_ready());
        it.subscription.grant_credit(1);
        assert!(matches!(poll(&mut ready), Poll::Ready(Ok(()))), "{to}");
        assert!(poll(&mut sending.ready()).is_ready());
    }
}

#[test]
fn who_waits_for_room_is_told_of_the_end() {
    let broker = limited(messages(1));
    let connection = connect(&broker);
    let ended = [session(&connection), session(&connection)];
    send(&ended[0], "queue:q", &["a"]);
    send(&ended[1], "queue:r", &["a"]);
    let mut waiting = ended.each_ref().map(|session| session.ready());
    assert!(waiting.iter_mut().all(|ready| poll(ready).is_pending()));
    now(ended[0].close(DEADLINE)).unwrap();
    assert!(matches!(poll(&mut waiting[0]), Poll::Ready(Err(_))));
    broker.shutdown();
    assert!(poll(&mut waiting[1]).is_ready());
}

#[test]
fn a_transaction_counts_when_it_is_committed() {
    let broker = limited(messages(2));
    let connection = connect(&broker);
    let session = transacted(&connection);
    send(&session, "queue:q", &["a", "b", "c"]);
    assert!(poll(&mut session.ready()).is_ready());
    now(session.commit(&[])).unwrap();
    assert!(poll(&mut session.ready()).is_pending());
    assert_eq!(broker.stats().ready, 3);
}

#[test]
fn a_full_queue_refuses_until_there_is_room() {
    let broker = limited(messages(2).with_overflow(Overflow::Refuse));
    let connection = connect(&broker);
    let session = session(&connection);
    send(&session, "queue:q", &["a", "b"]);
    let full = Some(ErrorKind::ResourceAllocation);
    assert_eq!(kind(now(session.send(envelope("queue:q", "c")))), full);
    let transacted = transacted(&connection);
    assert_eq!(kind(now(transacted.send(envelope("queue:q", "c")))), full);
    send(&session, "queue:other", &["a"]);
    let it = subscribe(&session, 1, "queue:q", 1);
    send(&session, "queue:q", &["d"]);
    it.subscription.grant_credit(10);
    assert_eq!(texts(&it.inbox.take()), ["a", "b", "d"]);
}

#[test]
fn the_oldest_gives_way_and_goes_to_the_dead_letters() {
    for to in ["queue:q", "topic:t"] {
        let broker = limited(messages(2).with_overflow(Overflow::DropOldest));
        let connection = connect(&broker);
        let session = session(&connection);
        let it = subscribe(&session, 1, to, 0);
        let dead = subscribe(&session, 2, "queue:DLQ", 10);
        send(&session, to, &["a", "b", "c", "d"]);
        let letters = dead.inbox.take();
        assert_eq!(texts(&letters), ["a", "b"], "{to}");
        let reason = letters[0]
            .envelope
            .message()
            .properties()
            .string("JMS_anymq_dead_letter_reason");
        assert_eq!(reason.as_deref(), Some("overflow"));
        it.subscription.grant_credit(10);
        assert_eq!(texts(&it.inbox.take()), ["c", "d"]);
    }
}

#[test]
fn dead_letters_give_way_to_new_ones_for_good_and_so_does_what_falls_due() {
    let hand = Arc::new(Hand::default());
    let limit = messages(2).with_overflow(Overflow::DropOldest);
    let broker = InVmBroker::builder()
        .with_clock(hand.clone())
        .with_queue_limit(limit)
        .build();
    let connection = connect(&broker);
    let session = session(&connection);
    for text in ["a", "b", "c", "d", "e"] {
        send_envelope(&session, "queue:q", text, |headers| {
            headers.delivery_time = Some(Timestamp::from_millis(5));
        });
    }
    hand.set(5);
    broker.run_due();
    assert_eq!(broker.stats().ready, 4);
    let dead = subscribe(&session, 1, "queue:DLQ", 10);
    assert_eq!(texts(&dead.inbox.take()), ["b", "c"]);
}

#[test]
fn bytes_are_bounded_too() {
    let broker = limited(QueueLimit::bytes(NonZeroUsize::new(10).unwrap()).with_overflow(Overflow::Refuse));
    let connection = connect(&broker);
    let session = session(&connection);
    send(&session, "queue:q", &["123456", "7890"]);
    let full = Some(ErrorKind::ResourceAllocation);
    assert_eq!(kind(now(session.send(envelope("queue:q", "")))), full);
    let it = subscribe(&session, 1, "queue:q", 1);
    send(&session, "queue:q", &["12345"]);
    assert_eq!(texts(&it.inbox.take()), ["123456"]);
}
