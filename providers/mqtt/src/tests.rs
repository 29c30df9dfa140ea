//! What no real broker shows when it is asked to.

mod broker;
mod resuming;
mod separators;

use std::{sync::Arc, time::Duration};

use anymq_api::{
    Address, DeliveryMode, Envelope, ErrorKind, Headers, Message, Retry,
    spi::{
        DriverEvent, DriverSession, DriverSubscription, Outcome, SessionSpec, Settlement, SubscribeSpec,
        SubscriptionId, SubscriptionKind,
    },
};
use rumqttc::v5::mqttbytes::{
    QoS,
    v5::{DisconnectReasonCode, Packet, PingResp, PubAckReason, Publish},
};

use self::broker::{Peer, Stage, Told};
use crate::outlet::MOST_WAITING;

fn topic() -> Address {
    "topic:a".parse().unwrap()
}

fn message(mode: DeliveryMode) -> Envelope {
    let mut headers = Headers::new(topic());
    headers.delivery_mode = mode;
    Envelope::new(headers, Message::text("hello"))
}

fn persistent() -> Envelope {
    message(DeliveryMode::Persistent)
}

fn plain(number: u32) -> SubscribeSpec {
    SubscribeSpec::new(SubscriptionId(number), topic(), 10)
}

fn durable(number: u32) -> SubscribeSpec {
    let mut spec = plain(number);
    spec.kind = SubscriptionKind::Durable {
        name: "audit".to_owned(),
    };
    spec.client_id = Some("till".to_owned());
    spec
}

/// So many seconds have gone by, and not many more.
fn assert_within(begin: tokio::time::Instant, seconds: u64) {
    let (took, at) = (begin.elapsed(), Duration::from_secs(seconds));
    assert!((at..at + Duration::from_secs(2)).contains(&took), "{took:?}");
}

async fn session(stage: &Stage) -> Arc<dyn DriverSession> {
    stage.connection.open_session(SessionSpec::new(false)).await.unwrap()
}

async fn subscribed(stage: &mut Stage, session: &Arc<dyn DriverSession>, number: u32) -> Arc<dyn DriverSubscription> {
    let subscribing = session.subscribe(plain(number), stage.sink());
    let (subscription, ()) = tokio::join!(subscribing, stage.main.subscribed("a"));
    subscription.unwrap()
}

fn losses(told: &Told) -> usize {
    let events = told.events.lock();
    events
        .iter()
        .filter(|event| matches!(event, DriverEvent::LinkLost { .. }))
        .count()
}

#[tokio::test]
async fn a_burst_before_the_end_is_not_dropped_in_silence() {
    let mut stage = Stage::new().await;
    let session = session(&stage).await;
    let sends: Vec<_> = (0..1100).map(|_| session.send(persistent())).collect();
    for id in 1..=5 {
        assert!(matches!(stage.main.heard().await, Packet::Publish(publish) if publish.pkid == id));
        stage.main.acknowledge(id, PubAckReason::Success).await;
    }
    stage.main.hang_up().await;
    let mut outcomes = Vec::new();
    for send in sends {
        outcomes.push(send.await.map_err(|error| (error.kind(), error.retry())));
    }
    let (taken, lost) = outcomes.split_at(5);
    assert!(taken.iter().all(Result::is_ok), "{taken:?}");
    let is_loss = |outcome: &Result<_, (ErrorKind, Retry)>| matches!(outcome, Err((ErrorKind::ConnectionLost, _)));
    assert!(lost.iter().all(is_loss));
    // What was written may have arrived, and the rest cannot.
    assert!(matches!(lost.last(), Some(Err((_, Retry::Safe)))));
    stage.told.until(|told| losses(told) == 1).await;
    stage.expect_nobody().await;
    assert_eq!(losses(&stage.told), 1);
}

#[tokio::test]
async fn what_is_acknowledged_with_the_last_breath_is_acknowledged() {
    let mut stage = Stage::new().await;
    let session = session(&stage).await;
    let send = session.send(persistent());
    assert!(matches!(stage.main.heard().await, Packet::Publish(_)));
    stage.main.acknowledge(1, PubAckReason::Success).await;
    stage.main.hang_up().await;
    send.await.unwrap();
    let late = session.send(persistent());
    let error = late.await.unwrap_err();
    assert_eq!((error.kind(), error.retry()), (ErrorKind::ConnectionLost, Retry::Safe));
}

#[tokio::test]
async fn acknowledgements_in_any_order_free_their_identifiers() {
    let mut stage = Stage::with_receive_maximum(4).await;
    let session = session(&stage).await;
    let sends: Vec<_> = (0..6).map(|_| session.send(persistent())).collect();
    let heard = async |stage: &mut Stage| match stage.main.heard().await {
        Packet::Publish(publish) => publish.pkid,
        other => panic!("{other:?}"),
    };
    let mut ids = Vec::new();
    for _ in 0..3 {
        ids.push(heard(&mut stage).await);
    }
    // The one before the last is answered last, so that its number is still in use when its turn comes again.
    for id in [2, 3] {
        stage.main.acknowledge(id, PubAckReason::Success).await;
    }
    ids.push(heard(&mut stage).await);
    stage.main.acknowledge(1, PubAckReason::Success).await;
    for _ in 0..2 {
        ids.push(heard(&mut stage).await);
    }
    assert_eq!(ids, [1, 2, 3, 4, 1, 2]);
    for id in [4, 2, 1] {
        stage.main.acknowledge(id, PubAckReason::Success).await;
    }
    for send in sends {
        send.await.unwrap();
    }
}

#[tokio::test]
async fn a_refusal_is_that_of_its_message() {
    let mut stage = Stage::new().await;
    let session = session(&stage).await;
    let sends = [session.send(persistent()), session.send(persistent())];
    for _ in &sends {
        stage.main.heard().await;
    }
    stage.main.acknowledge(1, PubAckReason::NotAuthorized).await;
    stage.main.acknowledge(2, PubAckReason::NoMatchingSubscribers).await;
    let [refused, taken] = sends;
    let error = refused.await.unwrap_err();
    assert_eq!((error.kind(), error.retry()), (ErrorKind::Security, Retry::Never));
    assert_eq!(error.resource(), Some("topic:a"));
    taken.await.unwrap();
    assert_eq!(losses(&stage.told), 0);
}

#[tokio::test]
async fn at_most_once_is_done_when_the_broker_has_read_it() {
    let mut stage = Stage::new().await;
    let session = session(&stage).await;
    let mut send = session.send(message(DeliveryMode::NonPersistent));
    assert!(matches!(stage.main.heard().await, Packet::Publish(publish) if publish.qos == QoS::AtMostOnce));
    let Packet::Unsubscribe(question) = stage.main.heard().await else {
        panic!("nobody asks");
    };
    assert!(
        tokio::time::timeout(Duration::from_millis(100), &mut send)
            .await
            .is_err()
    );
    stage.main.unsubscribed(question.pkid).await;
    send.await.unwrap();
}

#[tokio::test]
async fn an_answer_that_nobody_waits_for_ends_the_link() {
    let mut stage = Stage::new().await;
    let session = session(&stage).await;
    let send = session.send(persistent());
    stage.main.heard().await;
    stage.main.unsubscribed(1).await;
    let error = send.await.unwrap_err();
    assert_eq!(
        (error.kind(), error.retry()),
        (ErrorKind::ConnectionLost, Retry::MayDuplicate)
    );
    stage.told.until(|told| losses(told) == 1).await;
}

#[tokio::test]
async fn large_messages_come_and_are_acknowledged_at_once() {
    let mut stage = Stage::new().await;
    let session = session(&stage).await;
    let subscriptions = [
        subscribed(&mut stage, &session, 1).await,
        subscribed(&mut stage, &session, 2).await,
    ];
    let mut large = Publish::new("a", QoS::AtLeastOnce, vec![b'x'; 200_000], None);
    large.pkid = 7;
    stage.main.say(Packet::Publish(large)).await;
    assert!(matches!(stage.main.heard().await, Packet::PubAck(ack) if ack.pkid == 7));
    for subscription in &subscriptions {
        subscription.grant_credit(1);
    }
    stage.told.until(|told| told.deliveries.lock().len() == 2).await;
    let bodies = |told: &Told| {
        told.deliveries
            .lock()
            .iter()
            .filter_map(|it| it.envelope.message().as_bytes().map(bytes::Bytes::len))
            .sum::<usize>()
    };
    assert_eq!(bodies(&stage.told), 400_000);
    stage.main.expect_silence().await;
}

#[tokio::test]
async fn a_consumer_for_which_far_too_much_waits_closes_the_window() {
    /// No more of them are under way than sockets hold.
    const UNDER_WAY: usize = 500;
    let mut stage = Stage::new().await;
    let session = session(&stage).await;
    let subscription = subscribed(&mut stage, &session, 1).await;
    let id = |number: usize| u16::try_from(number % 60_000 + 1).unwrap();
    let is_acknowledged = |heard: &Packet, number| matches!(heard, Packet::PubAck(ack) if ack.pkid == id(number));
    let end = MOST_WAITING + 1;
    for number in 0..end + UNDER_WAY {
        if number < end {
            stage.main.publish("a", id(number)).await;
        }
        if let Some(before) = number.checked_sub(UNDER_WAY) {
            let heard = stage.main.heard().await;
            assert!(is_acknowledged(&heard, before), "{heard:?}");
        }
    }
    for number in end..end + 20 {
        stage.main.publish("a", id(number)).await;
    }
    stage.main.expect_silence().await;
    subscription.grant_credit(u32::MAX);
    for number in end..end + 20 {
        let heard = stage.main.heard().await;
        assert!(is_acknowledged(&heard, number), "{heard:?}");
    }
    // From then on it is as before.
    stage.main.publish("a", id(end + 20)).await;
    assert!(is_acknowledged(&stage.main.heard().await, end + 20));
}

#[tokio::test]
async fn a_topic_is_left_with_its_last_consumer() {
    let mut stage = Stage::new().await;
    let session = session(&stage).await;
    let subscriptions = [
        subscribed(&mut stage, &session, 1).await,
        subscribed(&mut stage, &session, 2).await,
    ];
    subscriptions[0].close().await.unwrap();
    stage.main.expect_silence().await;
    let closing = subscriptions[1].close();
    let Packet::Unsubscribe(unsubscribe) = stage.main.heard().await else {
        panic!("it is not left");
    };
    assert_eq!(unsubscribe.filters, ["a"]);
    stage.main.unsubscribed(unsubscribe.pkid).await;
    closing.await.unwrap();
}

#[tokio::test]
async fn nobody_connects_again_after_the_close() {
    let mut stage = Stage::new().await;
    let connection = Arc::clone(&stage.connection);
    let closing = tokio::spawn(async move { connection.close(Duration::from_secs(10)).await });
    assert!(matches!(stage.main.heard().await, Packet::Disconnect(_)));
    stage.main.hang_up().await;
    closing.await.unwrap().unwrap();
    stage.expect_nobody().await;
    assert_eq!(losses(&stage.told), 0);
}

#[tokio::test]
async fn a_durable_subscription_that_is_taken_over_ends_and_nothing_comes_back() {
    let mut stage = Stage::new().await;
    let session = session(&stage).await;
    let (subscription, mut peer) = durably_subscribed(&stage, &session).await;
    peer.disconnect(DisconnectReasonCode::SessionTakenOver).await;
    peer.hang_up().await;
    assert_ends_alone(&mut stage, &session, subscription).await;
}

#[tokio::test]
async fn a_durable_subscription_that_ends_in_silence_while_the_broker_goes_on_was_taken_over() {
    let mut stage = Stage::new().await;
    let session = session(&stage).await;
    let (subscription, mut peer) = durably_subscribed(&stage, &session).await;
    peer.hang_up().await;
    // Not once only: links that are cut together do not end in the same moment.
    for _ in 0..2 {
        let Packet::Unsubscribe(question) = stage.main.heard().await else {
            panic!("nobody asks whether the broker is there");
        };
        assert!(stage.told.ends.lock().is_empty());
        stage.main.unsubscribed(question.pkid).await;
    }
    assert_ends_alone(&mut stage, &session, subscription).await;
}

/// Its consumer is told, nobody connects again, and the connection lives on.
async fn assert_ends_alone(
    stage: &mut Stage,
    session: &Arc<dyn DriverSession>,
    subscription: Arc<dyn DriverSubscription>,
) {
    stage.told.until(|told| !told.ends.lock().is_empty()).await;
    assert_eq!(stage.told.ends.lock()[0].0.kind(), ErrorKind::IllegalState);
    subscription.close().await.unwrap();
    stage.expect_nobody().await;
    assert_eq!(losses(&stage.told), 0);
    let send = session.send(persistent());
    let Packet::Publish(publish) = stage.main.heard().await else {
        panic!("it is not sent");
    };
    stage.main.acknowledge(publish.pkid, PubAckReason::Success).await;
    send.await.unwrap();
}

async fn durably_subscribed(stage: &Stage, session: &Arc<dyn DriverSession>) -> (Arc<dyn DriverSubscription>, Peer) {
    let subscribing = session.subscribe(durable(1), stage.sink());
    let serving = async {
        let mut peer = stage.accept(true).await;
        assert_eq!(peer.client_id(), "till:audit");
        peer.subscribed("a").await;
        peer
    };
    let (subscription, peer) = tokio::join!(subscribing, serving);
    (subscription.unwrap(), peer)
}

#[tokio::test]
async fn a_durable_subscription_is_lost_with_the_broker() {
    let mut stage = Stage::new().await;
    let session = session(&stage).await;
    let (_subscription, mut peer) = durably_subscribed(&stage, &session).await;
    peer.hang_up().await;
    stage.main.hang_up().await;
    stage.told.until(|told| losses(told) == 1).await;
    assert!(stage.told.ends.lock().is_empty());
    stage.expect_nobody().await;
    assert_eq!(losses(&stage.told), 1);
}

#[tokio::test]
async fn what_a_name_was_used_for_before_is_left() {
    let stage = Stage::new().await;
    let session = session(&stage).await;
    let subscribing = session.subscribe(durable(1), stage.sink());
    let serving = async {
        let mut peer = stage.accept(true).await;
        peer.publish("old", 1).await;
        peer.subscribed("a").await;
        peer
    };
    let (subscription, mut peer) = tokio::join!(subscribing, serving);
    subscription.unwrap().grant_credit(10);
    peer.publish("a", 2).await;
    stage.told.until(|told| told.deliveries.lock().len() == 1).await;
    let mut heard = [peer.heard().await, peer.heard().await];
    heard.sort_by_key(|packet| matches!(packet, Packet::Unsubscribe(_)));
    assert!(matches!(&heard[0], Packet::PubAck(ack) if ack.pkid == 1));
    assert!(matches!(&heard[1], Packet::Unsubscribe(it) if it.filters == ["old"]));
    let token = stage.told.deliveries.lock()[0].token;
    let outcome = Outcome::Accept;
    session.settle(&[Settlement { token, outcome }]).await.unwrap();
    assert!(matches!(peer.heard().await, Packet::PubAck(ack) if ack.pkid == 2));
}

#[tokio::test]
async fn a_subscription_that_nobody_knows_cannot_be_deleted() {
    let stage = Stage::new().await;
    for (is_there, expected) in [(false, Some(ErrorKind::InvalidDestination)), (true, None)] {
        let serving = async {
            let mut peer = stage.accept(is_there).await;
            assert!(matches!(peer.heard().await, Packet::Disconnect(_)));
            peer.hang_up().await;
        };
        let (deleted, ()) = tokio::join!(stage.connection.unsubscribe(Some("till"), "audit"), serving);
        assert_eq!(deleted.err().map(|error| error.kind()), expected);
    }
}

#[tokio::test]
async fn a_silent_broker_is_found_out_by_the_keep_alive() {
    let mut stage = Stage::new().await;
    // Time goes on by itself when nobody has anything to do.
    tokio::time::pause();
    let begin = tokio::time::Instant::now();
    for seconds in [5, 10] {
        assert!(matches!(stage.main.heard().await, Packet::PingReq(_)));
        assert_within(begin, seconds);
        stage.main.say(Packet::PingResp(PingResp)).await;
    }
    stage.told.until(|told| losses(told) == 1).await;
    assert_within(begin, 25);
}
