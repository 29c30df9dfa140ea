use std::{num::NonZeroU32, sync::Arc, time::Duration};

use parking_lot::Mutex;
use tokio::time::Instant;

use super::fake::{Fake, consumer, told};
use crate::{
    AckMode, BoxError, Capability, ConnectOptions, Consumer, ErrorKind, Received, RedeliveryPolicy, Session, Support,
    spi::{Outcome, RejectReason},
};

const SECOND: Duration = Duration::from_secs(1);

fn limit(deliveries: u32) -> ConnectOptions {
    let deliveries = NonZeroU32::new(deliveries).unwrap();
    ConnectOptions::new().with_redelivery(RedeliveryPolicy::new().with_max_deliveries(deliveries))
}

/// One second, then two, then four, …
fn delay() -> ConnectOptions {
    let policy = RedeliveryPolicy::new().with_delay(SECOND).with_multiplier(2.0);
    ConnectOptions::new().with_redelivery(policy)
}

fn given_up(attempts: u32) -> Outcome {
    Outcome::Reject {
        attempts,
        reason: RejectReason::MaxDeliveries,
    }
}

/// Sets a listener that notes what it gets, with the seconds since now, and fails at what begins with `bad`.
async fn listen(consumer: &Arc<dyn Consumer>) -> Arc<Mutex<Vec<(String, u64)>>> {
    let (log, start) = (Arc::default(), Instant::now());
    let noted: Arc<Mutex<Vec<_>>> = Arc::clone(&log);
    let listener = move |received: Received| {
        let text = received.as_text().unwrap_or_default().to_owned();
        let bad = text.starts_with("bad");
        noted.lock().push((text, start.elapsed().as_secs()));
        async move { if bad { Err(BoxError::from("bad")) } else { Ok(()) } }
    };
    consumer.set_listener(Some(Arc::new(listener))).await.unwrap();
    log
}

fn pairs(log: &Mutex<Vec<(String, u64)>>) -> Vec<(String, u64)> {
    std::mem::take(&mut *log.lock())
}

fn own<const N: usize>(pairs: [(&str, u64); N]) -> Vec<(String, u64)> {
    pairs.map(|(text, number)| (text.to_owned(), number)).to_vec()
}

/// Gets what is received back, in the session's way.
async fn fail(session: &Arc<dyn Session>, mode: AckMode) {
    match mode {
        AckMode::Transacted => session.rollback().await.unwrap(),
        _ => session.recover().await.unwrap(),
    }
}

#[tokio::test]
async fn a_limit_needs_dead_letters() {
    let fake = Fake::new();
    fake.declare(Capability::DeadLetters, Support::Unsupported);
    let refused = fake.connect(limit(1)).await.map(drop).unwrap_err();
    let capability = Capability::DeadLetters;
    assert_eq!(refused.kind(), ErrorKind::Unsupported { capability });
    fake.connect(delay()).await.unwrap();
    fake.connect(ConnectOptions::new()).await.unwrap();
}

#[tokio::test]
async fn what_comes_back_too_often_is_given_up_once_and_the_rest_flows_on() {
    for mode in [AckMode::Client, AckMode::Transacted] {
        let fake = Fake::new();
        let session = fake.session(mode, limit(2)).await;
        let consumer = consumer(&session).await;
        fake.push(0, "a", 1);
        fake.push(0, "b", 1);
        for count in 1..=2 {
            assert_eq!(told(consumer.try_receive()), ("a".to_owned(), count));
            assert!(fake.settled().is_empty());
            fail(&session, mode).await;
        }
        assert_eq!(fake.settled(), [(1, given_up(2))]);
        assert_eq!(told(consumer.try_receive()), ("b".to_owned(), 1));
        fail(&session, mode).await;
        assert_eq!(told(consumer.try_receive()), ("b".to_owned(), 2));
        session.close().await.unwrap();
        assert_eq!(fake.settled(), [(2, Outcome::Release { attempts: 2 })]);
    }
}

#[tokio::test]
async fn what_arrives_beyond_the_limit_is_given_up_unseen() {
    for mode in [AckMode::Auto, AckMode::DupsOk, AckMode::Client, AckMode::Transacted] {
        let fake = Fake::new();
        let session = fake.session(mode, limit(3)).await;
        let consumer = consumer(&session).await;
        fake.push(0, "too often", 4);
        fake.push(0, "often", 3);
        assert_eq!(told(consumer.try_receive()), ("often".to_owned(), 3));
        assert_eq!(fake.settled()[0], (1, given_up(0)));
        fake.push(0, "much too often", 9);
        assert!(consumer.try_receive().unwrap().is_none());
        assert!(fake.settled().contains(&(3, given_up(0))));
    }
}

#[tokio::test]
async fn a_rollback_after_the_consumer_is_gone_gives_up_too() {
    let fake = Fake::new();
    let session = fake.session(AckMode::Transacted, limit(2)).await;
    let consumer = consumer(&session).await;
    fake.push(0, "a", 1);
    fake.push(0, "b", 2);
    told(consumer.try_receive());
    told(consumer.try_receive());
    consumer.close().await.unwrap();
    session.rollback().await.unwrap();
    assert_eq!(
        fake.settled(),
        [(1, Outcome::Release { attempts: 1 }), (2, given_up(1))]
    );
}

#[tokio::test(start_paused = true)]
async fn a_failing_listener_gets_it_until_the_limit() {
    for mode in [AckMode::Auto, AckMode::DupsOk] {
        let fake = Fake::new();
        let session = fake.session(mode, limit(3)).await;
        let consumer = consumer(&session).await;
        let log = listen(&consumer).await;
        for text in ["bad", "good", "bad too"] {
            fake.push(0, text, 1);
        }
        tokio::time::sleep(SECOND).await;
        let texts: Vec<_> = pairs(&log).into_iter().map(|(text, _)| text).collect();
        assert_eq!(texts, ["bad", "bad", "bad", "good", "bad too", "bad too", "bad too"]);
        assert_eq!(
            fake.settled(),
            [(1, given_up(3)), (2, Outcome::Accept), (3, given_up(3))]
        );
    }
}

#[tokio::test(start_paused = true)]
async fn a_receive_wakes_when_the_delay_is_over_and_not_before() {
    let fake = Fake::new();
    let session = fake.session(AckMode::Client, delay()).await;
    let consumer = consumer(&session).await;
    let start = Instant::now();
    fake.push(0, "a", 1);
    fake.push(0, "b", 1);
    assert_eq!(told(consumer.receive().await), ("a".to_owned(), 1));
    session.recover().await.unwrap();
    assert!(consumer.try_receive().unwrap().is_none());
    assert!(consumer.receive_timeout(SECOND / 2).await.unwrap().is_none());
    // First in line all the same, and no arrival changes that.
    fake.push(0, "c", 1);
    assert_eq!(told(consumer.receive().await), ("a".to_owned(), 2));
    assert_eq!(start.elapsed().as_secs(), 1);
    session.recover().await.unwrap();
    tokio::time::timeout(SECOND, consumer.receive()).await.unwrap_err();
    for expected in [("a".to_owned(), 3), ("b".to_owned(), 1), ("c".to_owned(), 1)] {
        assert_eq!(told(consumer.receive().await), expected);
    }
    assert_eq!(start.elapsed().as_secs(), 3);
}

#[tokio::test(start_paused = true)]
async fn every_receiver_learns_of_a_delay_that_another_one_was_told() {
    let fake = Fake::new();
    let session = fake.session(AckMode::Client, delay()).await;
    let consumer = consumer(&session).await;
    fake.push(0, "a", 1);
    told(consumer.receive().await);
    let waiting = [(); 2].map(|()| {
        let consumer = Arc::clone(&consumer);
        tokio::spawn(async move { told(consumer.receive().await) })
    });
    tokio::task::yield_now().await;
    let start = Instant::now();
    session.recover().await.unwrap();
    tokio::task::yield_now().await;
    let [one, other] = waiting;
    one.abort();
    assert_eq!(other.await.unwrap(), ("a".to_owned(), 2));
    assert_eq!(start.elapsed().as_secs(), 1);
}

#[tokio::test(start_paused = true)]
async fn a_waiting_receive_still_gets_what_arrives_later() {
    let fake = Fake::new();
    let session = fake.session(AckMode::Client, delay()).await;
    let consumer = consumer(&session).await;
    fake.push(0, "a", 1);
    told(consumer.receive().await);
    session.recover().await.unwrap();
    assert_eq!(told(consumer.receive().await), ("a".to_owned(), 2));
    let waiting = {
        let consumer = Arc::clone(&consumer);
        tokio::spawn(async move { told(consumer.receive().await) })
    };
    tokio::time::sleep(SECOND).await;
    fake.push(0, "b", 1);
    assert_eq!(waiting.await.unwrap(), ("b".to_owned(), 1));
}

#[tokio::test(start_paused = true)]
async fn a_listener_waits_with_its_message_and_other_consumers_go_on() {
    let fake = Fake::new();
    let session = fake.session(AckMode::Auto, delay()).await;
    let (one, other) = (consumer(&session).await, consumer(&session).await);
    let (log, others) = (listen(&one).await, listen(&other).await);
    fake.push(0, "bad", 1);
    fake.push(0, "behind", 1);
    tokio::time::sleep(SECOND / 2).await;
    fake.push(1, "elsewhere", 1);
    tokio::time::sleep(SECOND * 8).await;
    assert_eq!(pairs(&others), own([("elsewhere", 0)]));
    assert_eq!(pairs(&log), own([("bad", 0), ("bad", 1), ("bad", 3), ("bad", 7)]));
    one.set_listener(None).await.unwrap();
    // The next delay is eight seconds, and ends fifteen after the beginning.
    assert_eq!(told(one.receive().await), ("bad".to_owned(), 5));
    assert_eq!(told(one.receive().await), ("behind".to_owned(), 1));
}

#[tokio::test(start_paused = true)]
async fn closing_does_not_wait_for_a_delay() {
    let fake = Fake::new();
    let session = fake.session(AckMode::Client, delay()).await;
    let consumer = consumer(&session).await;
    fake.push(0, "a", 1);
    told(consumer.receive().await);
    session.recover().await.unwrap();
    let waiting = {
        let consumer = Arc::clone(&consumer);
        tokio::spawn(async move { consumer.receive().await.unwrap().is_none() })
    };
    tokio::task::yield_now().await;
    let start = Instant::now();
    session.close().await.unwrap();
    assert!(waiting.await.unwrap());
    assert_eq!(start.elapsed(), Duration::ZERO);
    assert_eq!(fake.settled(), [(1, Outcome::Release { attempts: 1 })]);
}

#[tokio::test(start_paused = true)]
async fn the_end_of_a_subscription_comes_after_what_was_found_before_it() {
    let fake = Fake::new();
    let session = fake.session(AckMode::Auto, limit(1)).await;
    let consumer = consumer(&session).await;
    fake.push(0, "too often", 2);
    fake.end(0, ErrorKind::InvalidDestination.into());
    let ended = consumer.receive().await.map(drop).unwrap_err();
    assert_eq!(ended.kind(), ErrorKind::InvalidDestination);
    assert_eq!(fake.settled(), [(1, given_up(0))]);
    let start = Instant::now();
    session.close().await.unwrap();
    assert_eq!(start.elapsed(), Duration::ZERO);
}
