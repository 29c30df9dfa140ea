//! What the broker does not leave out, the kernel does: unseen, uncounted, and done with.

use std::{num::NonZeroU32, sync::Arc, time::Duration};

use tokio::sync::mpsc;

use super::fake::{Fake, envelope, expired, told};
use crate::{
    AckMode, Capability, ConnectOptions, Consumer, ConsumerOptions, Envelope, ErrorKind, Message, Received, Session,
    Support, Topic, spi::Outcome,
};

const LIMIT: Duration = Duration::from_secs(5);

fn fake(support: Support) -> Fake {
    let fake = Fake::new();
    fake.declare(Capability::TopicSelectors, support);
    fake.declare(Capability::NoLocal, support);
    fake
}

fn prefetching(prefetch: u32) -> ConnectOptions {
    ConnectOptions::new().with_prefetch(NonZeroU32::new(prefetch).unwrap())
}

async fn subscribed(session: &Arc<dyn Session>, options: ConsumerOptions) -> Arc<dyn Consumer> {
    let topic = Topic::new("t").unwrap();
    session.create_consumer_with(&topic, options).await.unwrap()
}

fn red_only() -> ConsumerOptions {
    ConsumerOptions::new().with_selector("color = 'red'")
}

fn colored(color: &str, text: &str) -> Envelope {
    let message = Message::text(text).with_property("color", color).unwrap();
    Envelope::new(envelope(text).headers().clone(), message)
}

fn accepted(tags: impl IntoIterator<Item = u64>) -> Vec<(u64, Outcome)> {
    tags.into_iter().map(|tag| (tag, Outcome::Accept)).collect()
}

#[tokio::test(start_paused = true)]
async fn only_what_matches_is_received_and_the_rest_is_accepted() {
    for in_passing in [false, true] {
        let fake = fake(Support::Emulated);
        if in_passing {
            fake.accept_in_passing();
        }
        let session = fake.session(AckMode::Auto, ConnectOptions::new()).await;
        let consumer = subscribed(&session, red_only()).await;
        for (color, text) in [("blue", "1"), ("red", "2"), ("blue", "3"), ("red", "4"), ("blue", "5")] {
            fake.push_envelope(0, colored(color, text), 1);
        }
        assert_eq!(told(consumer.receive().await), ("2".to_owned(), 1));
        assert_eq!(told(consumer.receive().await), ("4".to_owned(), 1));
        assert!(consumer.try_receive().unwrap().is_none());
        let mut settled = fake.settled();
        settled.sort_by_key(|(tag, _)| *tag);
        assert_eq!(settled, accepted(1..=5));
    }
}

#[tokio::test(start_paused = true)]
async fn what_the_broker_filters_is_left_to_it() {
    let fake = fake(Support::Native);
    let session = fake.session(AckMode::Auto, ConnectOptions::new()).await;
    let consumer = subscribed(&session, red_only().with_no_local(true)).await;
    fake.push_envelope(0, colored("blue", "1"), 1);
    fake.push_local(0, "2");
    assert_eq!(told(consumer.receive().await).0, "1");
    assert_eq!(told(consumer.receive().await).0, "2");
}

#[tokio::test(start_paused = true)]
async fn own_publications_are_left_out_where_that_was_asked_for() {
    let fake = fake(Support::Emulated);
    let session = fake.session(AckMode::Auto, ConnectOptions::new()).await;
    let deaf = subscribed(&session, ConsumerOptions::new().with_no_local(true)).await;
    let usual = subscribed(&session, ConsumerOptions::new()).await;
    for consumer in [0, 1] {
        fake.push_local(consumer, "own");
        fake.push(consumer, "foreign", 1);
    }
    assert_eq!(told(deaf.receive().await).0, "foreign");
    assert_eq!(told(usual.receive().await).0, "own");
}

#[tokio::test(start_paused = true)]
async fn a_waiting_receiver_sleeps_through_what_does_not_match() {
    let fake = fake(Support::Emulated);
    let session = fake.session(AckMode::Auto, prefetching(1)).await;
    let consumer = subscribed(&session, red_only()).await;
    let waiter = Arc::clone(&consumer);
    let waiting = tokio::spawn(async move { told(waiter.receive().await).0 });
    for number in 0..300 {
        // Every one of them makes room for the next.
        tokio::time::timeout(LIMIT, credit(&fake, number + 1)).await.unwrap();
        fake.push_envelope(0, colored("blue", "no"), 1);
    }
    tokio::time::timeout(LIMIT, credit(&fake, 301)).await.unwrap();
    fake.push_envelope(0, colored("red", "yes"), 1);
    let received = tokio::time::timeout(LIMIT, waiting).await.unwrap();
    assert_eq!(received.unwrap(), "yes");
    assert_eq!(fake.settled(), accepted(1..=301));
}

/// Waits until that much credit has been granted.
async fn credit(fake: &Fake, enough: u32) {
    while fake.granted().iter().sum::<u32>() < enough {
        tokio::task::yield_now().await;
    }
}

#[tokio::test(start_paused = true)]
async fn hundreds_in_a_row_are_passed_over_at_once() {
    let fake = fake(Support::Emulated);
    let session = fake.session(AckMode::Auto, prefetching(500)).await;
    let consumer = subscribed(&session, red_only()).await;
    for _ in 0..499 {
        fake.push_envelope(0, colored("blue", "no"), 1);
    }
    assert!(consumer.try_receive().unwrap().is_none());
    assert_eq!(fake.granted(), [500, 499]);
    assert_eq!(fake.settled(), accepted(1..=499));
}

#[tokio::test(start_paused = true)]
async fn a_listener_sees_only_what_matches() {
    let fake = fake(Support::Emulated);
    let session = fake.session(AckMode::Auto, prefetching(2)).await;
    let consumer = subscribed(&session, red_only()).await;
    let (heard, mut hearing) = mpsc::unbounded_channel();
    let listener = move |received: Received| {
        let heard = heard.clone();
        async move {
            heard.send(received.as_text().unwrap().to_owned()).unwrap();
            Ok::<(), crate::BoxError>(())
        }
    };
    consumer.set_listener(Some(Arc::new(listener))).await.unwrap();
    for round in 1..=20 {
        tokio::time::timeout(LIMIT, credit(&fake, 2 * round)).await.unwrap();
        fake.push_envelope(0, colored("blue", "no"), 1);
        fake.push_envelope(0, colored("red", &round.to_string()), 1);
        let next = tokio::time::timeout(LIMIT, hearing.recv()).await.unwrap();
        assert_eq!(next.unwrap(), round.to_string());
    }
    session.close().await.unwrap();
    assert!(hearing.recv().await.is_none());
}

#[tokio::test(start_paused = true)]
async fn what_is_left_out_is_no_part_of_a_transaction() {
    let fake = fake(Support::Emulated);
    let session = fake.session(AckMode::Transacted, ConnectOptions::new()).await;
    let consumer = subscribed(&session, red_only()).await;
    fake.push_envelope(0, colored("blue", "1"), 1);
    fake.push_envelope(0, colored("red", "2"), 1);
    assert_eq!(told(consumer.receive().await).0, "2");
    assert_eq!(fake.settled(), accepted([1]));
    session.rollback().await.unwrap();
    assert_eq!(told(consumer.receive().await), ("2".to_owned(), 2));
    session.commit().await.unwrap();
    assert_eq!(fake.committed(), [[2]]);
    assert!(fake.settled().is_empty());
}

#[tokio::test(start_paused = true)]
async fn expired_and_unwanted_messages_take_turns() {
    let fake = fake(Support::Emulated);
    let session = fake.session(AckMode::Client, ConnectOptions::new()).await;
    let consumer = subscribed(&session, red_only()).await;
    fake.push_envelope(0, expired("1"), 1);
    fake.push_envelope(0, colored("blue", "2"), 1);
    fake.push_envelope(0, expired("3"), 1);
    fake.push_envelope(0, colored("red", "4"), 1);
    let received = consumer.receive().await.unwrap().unwrap();
    assert_eq!(received.as_text(), Some("4"));
    assert_eq!(fake.settled(), accepted(1..=3));
    received.acknowledge().await.unwrap();
    assert_eq!(fake.settled(), accepted([4]));
}

#[tokio::test(start_paused = true)]
async fn what_is_not_declared_or_is_no_selector_makes_no_consumer() {
    let topic = Topic::new("t").unwrap();
    let fake = fake(Support::Emulated);
    let session = fake.session(AckMode::Auto, ConnectOptions::new()).await;
    let malformed = session.create_consumer_with(&topic, ConsumerOptions::new().with_selector("color ="));
    assert_eq!(malformed.await.unwrap_err().kind(), ErrorKind::InvalidSelector);
    fake.declare(Capability::TopicSelectors, Support::Unsupported);
    let refused = session.create_consumer_with(&topic, red_only()).await.unwrap_err();
    let capability = Capability::TopicSelectors;
    assert_eq!(refused.kind(), ErrorKind::Unsupported { capability });
}
