//! What happens between the loss of a link and the next one, at the moments that a real broker rarely hits.

use std::{num::NonZeroU32, sync::Arc, time::Duration};

use parking_lot::Mutex;
use tokio::time::{Instant, timeout};

use super::fake::{Fake, consumer, envelope, lost, queue, told};
use crate::{
    AckMode, BoxError, Capability, ConnectOptions, Error, ErrorKind, Message, Producer, ProducerExt, Received,
    ReconnectPolicy, ReconnectRounds, RedeliveryPolicy, Result, Retry, Session, Support,
    kernel::{
        FactoryOptions,
        factory::failover_factory,
        failover::{FailoverConnection, Host, Interruption, Requirements, Restoration, Watcher},
    },
    spi::{
        ConnectSpec, DeliveryToken, DriverConnection, DriverEvent, DriverSession, EventSink, Outcome, ProviderSetup,
        SessionSpec, Settlement, SubscriptionId,
    },
};

const HOUR: Duration = Duration::from_secs(3600);

fn reconnecting() -> ConnectOptions {
    let delay = Duration::from_millis(100);
    let policy = ReconnectPolicy::new().with_delay(delay).with_max_delay(delay);
    ConnectOptions::new().with_reconnect(policy)
}

fn kind<T>(outcome: Result<T>) -> Result<T, ErrorKind> {
    outcome.map_err(|error| error.kind())
}

async fn producer(session: &Arc<dyn Session>) -> Arc<dyn Producer> {
    session.create_producer(&queue()).await.unwrap()
}

/// Lets everything go on until all of it waits.
async fn settle() {
    tokio::time::sleep(Duration::from_millis(1)).await;
}

#[tokio::test(start_paused = true)]
async fn a_listener_that_waits_for_a_delayed_message_hears_the_next_link() {
    let fake = Fake::new();
    let delayed = reconnecting().with_redelivery(RedeliveryPolicy::new().with_delay(HOUR));
    let session = fake.session(AckMode::Auto, delayed).await;
    let consumer = consumer(&session).await;
    let heard = Arc::<Mutex<Vec<String>>>::default();
    let log = Arc::clone(&heard);
    let listener = move |received: Received| {
        let mut log = log.lock();
        log.push(received.as_text().unwrap_or_default().to_owned());
        let outcome = if log.len() == 1 {
            Err(BoxError::from("bad"))
        } else {
            Ok(())
        };
        async move { outcome }
    };
    consumer.set_listener(Some(Arc::new(listener))).await.unwrap();
    fake.push(0, "first", 1);
    settle().await;
    fake.push(0, "second", 1);
    settle().await;
    fake.lose();
    fake.linked(2).await;
    fake.push(1, "first again", 2);
    settle().await;
    assert_eq!(*heard.lock(), ["first", "first again"]);
}

#[tokio::test(start_paused = true)]
async fn a_receiver_that_waits_for_a_delayed_message_gets_that_of_the_next_link() {
    let fake = Fake::new();
    let delayed = reconnecting().with_redelivery(RedeliveryPolicy::new().with_delay(HOUR));
    let session = fake.session(AckMode::Client, delayed).await;
    let consumer = consumer(&session).await;
    fake.push(0, "first", 1);
    told(consumer.try_receive());
    session.recover().await.unwrap();
    let begun = Instant::now();
    let receiving = tokio::spawn(async move { consumer.receive_timeout(HOUR / 2).await });
    settle().await;
    fake.lose();
    fake.linked(2).await;
    fake.push(1, "first again", 2);
    assert_eq!(told(receiving.await.unwrap()).0, "first again");
    assert!(begun.elapsed() < HOUR / 4);
}

#[tokio::test(start_paused = true)]
async fn a_commit_that_can_be_repeated_ends_with_its_link() {
    let safe = Error::new(ErrorKind::ResourceAllocation, "busy").with_retry(Retry::Safe);
    for (refusal, receives, sends) in [
        (safe, false, true),
        (ErrorKind::IllegalState.into(), false, true),
        (ErrorKind::IllegalState.into(), true, false),
    ] {
        let fake = Fake::new();
        let session = fake.session(AckMode::Transacted, reconnecting()).await;
        let (consumer, producer) = (consumer(&session).await, producer(&session).await);
        if receives {
            fake.push(0, "received", 1);
            told(consumer.try_receive());
        }
        if sends {
            producer.send(Message::text("sent")).await.unwrap();
        }
        fake.fail_commit(refusal.clone());
        assert_eq!(kind(session.commit().await), Err(refusal.kind()));
        fake.lose();
        fake.linked(2).await;
        assert_eq!(kind(session.commit().await), Err(ErrorKind::TransactionRolledBack));
        // Told once; the next transaction is a new one.
        session.commit().await.unwrap();
    }
}

#[tokio::test(start_paused = true)]
async fn what_a_commit_put_back_after_its_link_was_lost_is_known_to_be_undone() {
    let fake = Fake::new();
    let session = fake.session(AckMode::Transacted, reconnecting()).await;
    let consumer = consumer(&session).await;
    fake.push(0, "received", 1);
    told(consumer.try_receive());
    fake.hold("commit");
    let committing = tokio::spawn({
        let session = Arc::clone(&session);
        async move { session.commit().await }
    });
    settle().await;
    fake.lose();
    fake.linked(2).await;
    fake.let_go("commit", &Err(ErrorKind::IllegalState.into()));
    assert_eq!(kind(committing.await.unwrap()), Err(ErrorKind::IllegalState));
    assert_eq!(kind(session.commit().await), Err(ErrorKind::TransactionRolledBack));
}

#[tokio::test(start_paused = true)]
async fn a_consumer_that_is_closed_while_it_is_made_again_leaves_nothing_behind() {
    let fake = Fake::new();
    let session = fake.session(AckMode::Auto, reconnecting()).await;
    let (closed, _open) = (consumer(&session).await, consumer(&session).await);
    fake.hold("subscribe");
    fake.lose();
    fake.linked(2).await;
    // The first of them has its subscription, the second waits for it.
    let granted = fake.granted().len();
    fake.let_go("subscribe", &Ok(()));
    fake.hold("subscribe");
    tokio::task::yield_now().await;
    closed.close().await.unwrap();
    assert_eq!(fake.subscriptions_abandoned(), 1);
    fake.let_go("subscribe", &Ok(()));
    settle().await;
    assert_eq!(fake.granted().len(), granted + 1);
}

#[tokio::test(start_paused = true)]
async fn a_refusal_counts_only_over_a_link_that_comes_up() {
    let fake = Fake::new();
    let session = fake.session(AckMode::Auto, reconnecting()).await;
    let (first, second) = (consumer(&session).await, consumer(&session).await);
    fake.refuse("subscribe", ErrorKind::InvalidDestination.into());
    fake.refuse("subscribe", lost());
    fake.lose();
    fake.linked(3).await;
    fake.push(2, "first", 1);
    fake.push(3, "second", 1);
    assert_eq!(told(first.try_receive()).0, "first");
    assert_eq!(told(second.try_receive()).0, "second");

    fake.refuse("subscribe", ErrorKind::InvalidDestination.into());
    fake.lose();
    fake.linked(4).await;
    assert_eq!(kind(first.try_receive().map(drop)), Err(ErrorKind::InvalidDestination));
    fake.push(4, "second", 1);
    assert_eq!(told(second.try_receive()).0, "second");
}

#[tokio::test(start_paused = true)]
async fn a_subscription_that_takes_too_long_by_its_own_account_is_tried_again_alone() {
    let fake = Fake::new();
    let session = fake.session(AckMode::Auto, reconnecting()).await;
    let consumer = consumer(&session).await;
    fake.refuse("subscribe", ErrorKind::Timeout.into());
    fake.lose();
    fake.linked(2).await;
    tokio::time::sleep(Duration::from_secs(1)).await;
    fake.push(1, "again", 1);
    assert_eq!(told(consumer.try_receive()).0, "again");
    assert_eq!(fake.links(), 2);
}

#[tokio::test(start_paused = true)]
async fn what_is_delivered_after_many_failed_attempts_is_new() {
    let fake = Fake::new();
    let session = fake.session(AckMode::Client, reconnecting()).await;
    let consumer = consumer(&session).await;
    for _ in 0..33_000 {
        fake.refuse("open session", lost());
    }
    fake.lose();
    fake.linked(33_002).await;
    fake.push(1, "new", 1);
    told(consumer.try_receive());
    session.recover().await.unwrap();
    assert_eq!(told(consumer.try_receive()), ("new".to_owned(), 2));
}

/// A session of a driver that reconnects, without the kernel above it.
async fn bare_session(fake: &Fake, transacted: bool) -> (Arc<FailoverConnection>, Arc<dyn DriverSession>) {
    let host = Host {
        driver: Arc::new(fake.clone()),
        credentials: None,
    };
    let (requirements, policy) = (Requirements::default(), ReconnectPolicy::new());
    let connecting = FailoverConnection::connect(vec![host], ConnectSpec::new(1), requirements, policy, Arc::new(Deaf));
    let (connection, _) = connecting.await.unwrap();
    let session = connection.open_session(SessionSpec::new(transacted)).await.unwrap();
    (connection, session)
}

struct Deaf;

impl EventSink for Deaf {
    fn event(&self, _event: DriverEvent) {}
}

impl Watcher for Deaf {
    fn interrupted(&self, _interruption: Interruption) {}

    fn restored(&self, _restoration: Restoration) {}
}

#[tokio::test(start_paused = true)]
async fn a_rollback_takes_along_what_waits_for_the_next_link() {
    let fake = Fake::new();
    let (_connection, session) = bare_session(&fake, true).await;
    fake.hold("ready");
    fake.lose();
    let undone = session.send(envelope("undone"));
    fake.linked(2).await;
    session.rollback().await.unwrap();
    fake.let_go("ready", &Ok(()));
    assert_eq!(kind(undone.await), Err(ErrorKind::TransactionRolledBack));
    session.send(envelope("next")).await.unwrap();
    assert_eq!(fake.sends(), ["next"]);
    session.commit(&[]).await.unwrap();
}

#[tokio::test(start_paused = true)]
async fn what_waits_when_its_link_is_lost_again_goes_over_the_next_in_order() {
    let fake = Fake::new();
    let (_connection, session) = bare_session(&fake, false).await;
    fake.hold("ready");
    fake.lose();
    let sends = ["1", "2", "3"].map(|text| session.send(envelope(text)));
    fake.linked(2).await;
    fake.lose();
    fake.let_go("ready", &Err(lost()));
    fake.refuse("send", lost());
    for send in sends {
        send.await.unwrap();
    }
    // The first turned out at once not to have gone.
    assert_eq!(fake.sends(), ["1", "1", "2", "3"]);
}

#[tokio::test(start_paused = true)]
async fn what_an_older_link_delivered_is_not_settled_over_the_next() {
    let fake = Fake::new();
    let (_connection, session) = bare_session(&fake, false).await;
    fake.lose();
    fake.linked(2).await;
    let of_link = |nth: u32, outcome| Settlement {
        token: DeliveryToken {
            epoch: nth << 16,
            subscription: SubscriptionId(1),
            tag: u64::from(nth),
        },
        outcome,
    };
    let release = Outcome::Release { attempts: 1 };
    session.settle(&[of_link(1, release)]).await.unwrap();
    let late = session.settle(&[of_link(1, Outcome::Accept)]).await;
    assert_eq!(kind(late), Err(ErrorKind::ConnectionLost));
    assert!(fake.settled().is_empty());
    let both = [of_link(1, Outcome::Accept), of_link(2, Outcome::Accept)];
    assert_eq!(kind(session.settle(&both).await), Err(ErrorKind::ConnectionLost));
    session
        .settle(&[of_link(1, release), of_link(2, release)])
        .await
        .unwrap();
    assert_eq!(fake.settled(), [(2, Outcome::Accept), (2, release)]);
}

#[tokio::test(start_paused = true)]
async fn asynchronous_sends_that_did_not_begin_all_go_over_the_next_link_in_order() {
    let fake = Fake::new();
    let session = fake.session(AckMode::Auto, reconnecting()).await;
    let producer = producer(&session).await;
    fake.hold("send");
    let mut confirmations = Vec::new();
    for text in ["1", "2", "3"] {
        confirmations.push(producer.submit(Message::text(text), None).await.unwrap());
    }
    settle().await;
    assert_eq!(fake.sends(), ["1", "2", "3"]);
    let begun = Instant::now();
    fake.lose();
    fake.let_go("send", &Err(lost()));
    for confirmation in confirmations {
        confirmation.await.unwrap();
    }
    assert_eq!(fake.sends(), ["1", "2", "3"]);
    assert!(begun.elapsed() < Duration::from_millis(500), "{:?}", begun.elapsed());
}

#[tokio::test(start_paused = true)]
async fn a_panicking_driver_ends_the_connection() {
    let fake = Fake::new();
    let session = fake.session(AckMode::Auto, reconnecting()).await;
    let producer = producer(&session).await;
    fake.panic("connect");
    fake.lose();
    let outcome = timeout(HOUR, producer.send(Message::text("never"))).await.unwrap();
    assert_eq!(kind(outcome).map(drop), Err(ErrorKind::ConnectionLost));
}

#[tokio::test(start_paused = true)]
async fn what_a_link_reports_that_never_comes_up_is_nobodys_business() {
    let fake = Fake::new();
    let connection = fake.connect(reconnecting()).await.unwrap();
    let _session = connection.create_session(AckMode::Auto).await.unwrap();
    fake.hold("open session");
    fake.lose();
    fake.linked(2).await;
    fake.report(DriverEvent::Blocked {
        reason: "full".to_owned(),
    });
    fake.let_go("open session", &Err(lost()));
    fake.linked(3).await;
    assert!(connection.health().unwrap().connected);
    assert!(!connection.health().unwrap().blocked);
    fake.hold("open session");
    fake.lose();
    fake.linked(4).await;
    fake.report(DriverEvent::Blocked {
        reason: "full".to_owned(),
    });
    fake.let_go("open session", &Ok(()));
    settle().await;
    assert!(connection.health().unwrap().blocked);
}

#[tokio::test]
async fn a_host_that_was_passed_over_does_not_speak_for_the_next() {
    let (passed_over, taken) = (Fake::new(), Fake::new());
    passed_over.lose_early(lost());
    passed_over.declare(Capability::DeadLetters, Support::Unsupported);
    let once = ReconnectPolicy::new().with_rounds(ReconnectRounds::Off);
    let limited = RedeliveryPolicy::new().with_max_deliveries(NonZeroU32::MIN);
    let connect = reconnecting().with_reconnect(once).with_redelivery(limited);
    let brokers = [&passed_over, &taken].map(|fake| ProviderSetup {
        driver: Arc::new(fake.clone()),
        options: ConnectOptions::new(),
    });
    let options = FactoryOptions::new().with_connect(connect);
    let factory = failover_factory(brokers.into(), options).unwrap();
    let connection = factory.create_connection().await.unwrap();
    assert!(connection.health().unwrap().connected);
    connection.create_session(AckMode::Auto).await.unwrap();
    assert_eq!((passed_over.links(), taken.links()), (1, 1));
}

#[tokio::test(start_paused = true)]
async fn what_a_commit_did_not_accept_before_the_loss_is_told_comes_by_the_next_link() {
    let fake = Fake::new();
    let session = fake.session(AckMode::Transacted, reconnecting()).await;
    let consumer = consumer(&session).await;
    fake.push(0, "received", 1);
    told(consumer.try_receive());
    fake.fail_commit(lost());
    let committing = tokio::spawn(async move { session.commit().await });
    settle().await;
    fake.lose();
    assert_eq!(kind(committing.await.unwrap()), Err(ErrorKind::TransactionRolledBack));
    assert!(consumer.try_receive().unwrap().is_none());
    fake.linked(2).await;
    fake.push(1, "received", 2);
    assert_eq!(told(consumer.try_receive()), ("received".to_owned(), 2));
}

#[tokio::test(start_paused = true)]
async fn nothing_of_a_lost_link_is_received_after_the_commit_that_it_left_in_doubt() {
    let fake = Fake::new();
    let session = fake.session(AckMode::Transacted, reconnecting()).await;
    let consumer = consumer(&session).await;
    fake.push(0, "received", 1);
    fake.push(0, "next", 1);
    told(consumer.try_receive());
    fake.fail_commit(lost().with_retry(Retry::MayDuplicate));
    let committing = tokio::spawn(async move { session.commit().await });
    settle().await;
    assert!(!committing.is_finished(), "told before the loss is known");
    fake.lose();
    assert_eq!(kind(committing.await.unwrap()), Err(ErrorKind::TransactionInDoubt));
    assert!(consumer.try_receive().unwrap().is_none());
}

#[tokio::test(start_paused = true)]
async fn a_temporary_destination_that_is_deleted_without_a_link_is_gone() {
    let fake = Fake::new();
    let session = fake.session(AckMode::Auto, reconnecting()).await;
    let mut temporaries = Vec::new();
    for _ in 0..3 {
        temporaries.push(session.create_temporary_queue().await.unwrap());
    }
    fake.hold("open session");
    fake.hold("connect");
    fake.lose();
    settle().await;
    let begun = Instant::now();
    temporaries.pop().unwrap().delete().await.unwrap();
    assert_eq!(begun.elapsed(), Duration::ZERO);
    fake.let_go("connect", &Ok(()));
    fake.linked(2).await;
    assert_eq!(fake.calls("create temporary"), 3 + 2);
    // It is there again, over a link that is not up yet.
    temporaries.pop().unwrap().delete().await.unwrap();
    fake.let_go("open session", &Ok(()));
    settle().await;
    assert_eq!(fake.calls("delete temporary"), 1);
    fake.lose();
    fake.linked(3).await;
    assert_eq!(fake.calls("create temporary"), 3 + 2 + 1);
}
