//! What no real broker shows when it is asked to.

mod broker;

use std::sync::Arc;

use anymq_api::{
    Envelope, ErrorKind, Headers, Message, Retry,
    spi::{DriverEvent, DriverSession, DriverSubscription, Outcome, RejectReason, SessionSpec, Settlement, Unsettled},
};

use self::broker::{LIMIT, Peer, Stage, queue, spec};

const RABBITMQ: &str = "RabbitMQ/3.10.8";
const ACTIVEMQ: &str = "ActiveMQ/5.17.2";

fn message() -> Envelope {
    Envelope::new(Headers::new(queue()), Message::text("hello"))
}

fn settled(stage: &Stage, index: usize, outcome: Outcome) -> Settlement {
    let token = stage.told.deliveries.lock()[index].token;
    Settlement { token, outcome }
}

const GIVEN_UP: Outcome = Outcome::Reject {
    attempts: 1,
    reason: RejectReason::MaxDeliveries,
};

/// A consumer to which so many messages were handed out.
async fn consumer(
    stage: &Stage,
    session: &Arc<dyn DriverSession>,
    peer: &mut Peer,
    count: usize,
) -> Arc<dyn DriverSubscription> {
    let serving = async {
        let [receipt] = peer.expect(["SUBSCRIBE"]).await;
        peer.confirm(receipt.as_deref()).await;
        peer
    };
    let (subscription, peer) = tokio::join!(session.subscribe(spec(), stage.sink()), serving);
    let subscription = subscription.unwrap();
    subscription.grant_credit(10);
    for number in 0..count {
        peer.deliver(0, &format!("ack-{number}")).await;
    }
    stage.told.until(|told| told.deliveries.lock().len() == count).await;
    subscription
}

#[tokio::test]
async fn a_refusal_ends_what_its_session_has_and_nothing_else() {
    let stage = Stage::new(RABBITMQ).await;
    let (session, mut peer) = stage.session(SessionSpec::new(false)).await;
    let _subscription = consumer(&stage, &session, &mut peer, 1).await;
    let sent = session.send(message());
    peer.expect(["SEND"]).await;
    peer.say("ERROR\nmessage:access_refused\n\nACCESS_REFUSED - access to queue 'a' refused")
        .await;
    assert_eq!(sent.await.unwrap_err().kind(), ErrorKind::Security);
    stage.told.until(|told| told.ends.lock().len() == 1).await;
    let (error, unsettled) = stage.told.ends.lock()[0].clone();
    assert_eq!((error.kind(), unsettled), (ErrorKind::Security, Unsettled::TakenBack));
    // It may be settled late, to no effect.
    session.settle(&[settled(&stage, 0, Outcome::Accept)]).await.unwrap();
    // And goes on over another socket.
    let (ready, mut fresh) = tokio::join!(session.ready(), stage.accept());
    ready.unwrap();
    let sent = session.send(message());
    let [receipt] = fresh.expect(["SEND"]).await;
    fresh.confirm(receipt.as_deref()).await;
    sent.await.unwrap();
    assert!(stage.told.events.lock().is_empty(), "the connection hears nothing");
}

#[tokio::test]
async fn of_several_sends_nobody_knows_which_one_was_refused() {
    let stage = Stage::new(RABBITMQ).await;
    let (session, mut peer) = stage.session(SessionSpec::new(false)).await;
    let sent = [session.send(message()), session.send(message())];
    peer.expect(["SEND", "SEND"]).await;
    peer.say("ERROR\nmessage:access_refused\n\nACCESS_REFUSED").await;
    for sent in sent {
        let error = sent.await.unwrap_err();
        assert_eq!(
            (error.kind(), error.retry()),
            (ErrorKind::Security, Retry::MayDuplicate)
        );
    }
    // What comes later is known to have gone nowhere.
    let late = session.send(message()).await.unwrap_err();
    assert_eq!(late.retry(), Retry::Safe);
}

#[tokio::test]
async fn what_else_ends_a_socket_is_the_loss_of_all() {
    for said in [
        None,
        Some("ERROR\nmessage:connection_forced\n\nCONNECTION_FORCED - broker forced connection closure"),
    ] {
        let mut stage = Stage::new(RABBITMQ).await;
        let (session, mut peer) = stage.session(SessionSpec::new(false)).await;
        let (_other, mut other_peer) = stage.session(SessionSpec::new(false)).await;
        if let Some(said) = said {
            peer.say(said).await;
        } else {
            drop(peer);
        }
        stage.told.until(|told| !told.events.lock().is_empty()).await;
        assert_eq!(other_peer.heard().await, "");
        let mut main = stage.take_main();
        assert_eq!(main.heard().await, "");
        let events = stage.told.events.lock().clone();
        assert!(matches!(&events[..], [DriverEvent::LinkLost { .. }]), "{events:?}");
        assert_eq!(
            session.send(message()).await.unwrap_err().kind(),
            ErrorKind::ConnectionLost
        );
        let opened = stage.connection.open_session(SessionSpec::new(false)).await;
        assert_eq!(opened.unwrap_err().kind(), ErrorKind::ConnectionLost);
    }
}

#[tokio::test]
async fn a_commit_is_done_when_all_of_it_is_confirmed() {
    let stage = Stage::new(RABBITMQ).await;
    let (session, mut peer) = stage.session(SessionSpec::new(true)).await;
    session.send(message()).await.unwrap();
    let mut committed = std::pin::pin!(session.commit(&[]));
    let [_, sent, commit] = peer.expect(["BEGIN", "SEND", "COMMIT"]).await;
    peer.confirm(Some("0")).await;
    peer.confirm(commit.as_deref()).await;
    assert!(is_pending(&mut committed).await, "a send is not confirmed yet");
    peer.confirm(sent.as_deref()).await;
    committed.await.unwrap();
}

/// Whether it is still pending after a turn of the runtime.
async fn is_pending(done: &mut (impl Future<Output = anymq_api::Result<()>> + Unpin)) -> bool {
    tokio::time::timeout(std::time::Duration::from_millis(50), done)
        .await
        .is_err()
}

#[tokio::test]
async fn a_commit_that_is_refused_or_lost_on_its_way_is_in_doubt() {
    for said in [Some("ERROR\nmessage:access_refused\n\nACCESS_REFUSED"), None] {
        let stage = Stage::new(RABBITMQ).await;
        let (session, mut peer) = stage.session(SessionSpec::new(true)).await;
        session.send(message()).await.unwrap();
        let committed = session.commit(&[]);
        let [begin, _, commit] = peer.expect(["BEGIN", "SEND", "COMMIT"]).await;
        peer.confirm(begin.as_deref()).await;
        peer.confirm(commit.as_deref()).await;
        if let Some(said) = said {
            peer.say(said).await;
        } else {
            drop(peer);
        }
        let error = committed.await.unwrap_err();
        assert_ne!(error.kind(), ErrorKind::TransactionRolledBack);
        assert_eq!(error.retry(), Retry::MayDuplicate);
    }
}

#[tokio::test]
async fn what_is_rolled_back_takes_no_room() {
    let stage = Stage::new(RABBITMQ).await;
    let (session, mut peer) = stage.session(SessionSpec::new(true)).await;
    for _ in 0..3000 {
        tokio::time::timeout(LIMIT, async {
            loop {
                tokio::select! {
                    ready = session.ready() => break ready.unwrap(),
                    (_, receipt) = peer.asked() => if receipt.is_some() { peer.confirm(receipt.as_deref()).await },
                }
            }
        })
        .await
        .expect("there is room");
        session.send(message()).await.unwrap();
    }
    drop(session.rollback());
    tokio::time::timeout(LIMIT, session.ready()).await.unwrap().unwrap();
}

#[tokio::test]
async fn a_closed_consumer_is_parked_until_it_is_settled() {
    let stage = Stage::new(RABBITMQ).await;
    let (session, mut peer) = stage.session(SessionSpec::new(false)).await;
    let subscription = consumer(&stage, &session, &mut peer, 1).await;
    let closed = subscription.close();
    let [_, parked] = peer.expect(["UNSUBSCRIBE", "SUBSCRIBE"]).await;
    peer.confirm(parked.as_deref()).await;
    // What was on its way goes back, and the broker is asked until nothing more comes.
    peer.deliver(0, "late").await;
    let [_, asked, _] = peer.expect(["UNSUBSCRIBE", "SUBSCRIBE", "NACK"]).await;
    peer.confirm(asked.as_deref()).await;
    let [_, asked] = peer.expect(["UNSUBSCRIBE", "SUBSCRIBE"]).await;
    peer.confirm(asked.as_deref()).await;
    closed.await.unwrap();
    // What was handed out is settled, and then it ends.
    session.settle(&[settled(&stage, 0, Outcome::Accept)]).await.unwrap();
    let acknowledged = peer.heard().await;
    assert!(acknowledged.starts_with("ACK\nid:ack-0"), "{acknowledged}");
    peer.expect(["UNSUBSCRIBE"]).await;
}

#[tokio::test]
async fn noise_about_what_has_ended_harms_nobody() {
    let stage = Stage::new(RABBITMQ).await;
    let (session, mut peer) = stage.session(SessionSpec::new(false)).await;
    peer.say("ERROR\nmessage:Subscription not found\n\nThere is no current subscription with tag 'T_0'.")
        .await;
    let sent = session.send(message());
    let [receipt] = peer.expect(["SEND"]).await;
    peer.confirm(receipt.as_deref()).await;
    sent.await.unwrap();
    assert!(stage.told.events.lock().is_empty());
}

#[tokio::test]
async fn a_deleted_queue_ends_its_consumer_alone() {
    let stage = Stage::new(RABBITMQ).await;
    let (session, mut peer) = stage.session(SessionSpec::new(false)).await;
    let _subscription = consumer(&stage, &session, &mut peer, 1).await;
    peer.say("ERROR\nmessage:Server cancelled subscription\nsubscription:0\n\nNo more")
        .await;
    stage.told.until(|told| told.ends.lock().len() == 1).await;
    session.settle(&[settled(&stage, 0, Outcome::Accept)]).await.unwrap();
    let sent = session.send(message());
    let [receipt] = peer.expect(["SEND"]).await;
    peer.confirm(receipt.as_deref()).await;
    sent.await.unwrap();
    assert!(stage.told.events.lock().is_empty());
}

/// ActiveMQ, where a session has no socket of its own.
async fn shared(stage: &Stage) -> Arc<dyn DriverSession> {
    stage.connection.open_session(SessionSpec::new(false)).await.unwrap()
}

#[tokio::test]
async fn a_dead_letter_that_is_refused_leaves_its_message_with_the_subscription() {
    let mut stage = Stage::new(ACTIVEMQ).await;
    let session = shared(&stage).await;
    let mut main = stage.take_main();
    let subscription = consumer(&stage, &session, &mut main, 1).await;
    session.settle(&[settled(&stage, 0, GIVEN_UP)]).await.unwrap();
    // It is held until the letter is there.
    drop(subscription.close());
    let [begin, sent] = main.expect(["BEGIN", "SEND"]).await;
    main.confirm(begin.as_deref()).await;
    let number = sent.unwrap();
    main.say(&format!(
        "ERROR\nmessage:User a is not authorized\nreceipt-id:{number}\n\n"
    ))
    .await;
    main.expect(["ABORT", "UNSUBSCRIBE"]).await;
    stage.told.until(|told| !told.events.lock().is_empty()).await;
    let events = stage.told.events.lock().clone();
    assert!(matches!(&events[..], [DriverEvent::SettleFailed { .. }]), "{events:?}");
}

#[tokio::test]
async fn a_subscription_for_an_abandoned_session_is_ended() {
    let mut stage = Stage::new(ACTIVEMQ).await;
    let session = shared(&stage).await;
    let mut main = stage.take_main();
    let serving = async {
        let [receipt] = main.expect(["SUBSCRIBE"]).await;
        session.abandon();
        main.confirm(receipt.as_deref()).await;
        main.expect(["UNSUBSCRIBE"]).await;
    };
    let (subscribed, ()) = tokio::join!(session.subscribe(spec(), stage.sink()), serving);
    assert_eq!(subscribed.unwrap_err().kind(), ErrorKind::IllegalState);
}
