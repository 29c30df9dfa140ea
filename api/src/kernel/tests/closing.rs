//! Closing, and what goes on meanwhile.

use std::{sync::Arc, time::Duration};

use async_trait::async_trait;
use futures_util::FutureExt;
use tokio::{sync::Notify, time::Instant};

use super::fake::{Fake, consumer, queue};
use crate::{
    AckMode, BoxError, CompletionListener, ConnectOptions, Connection, Consumer, Error, ErrorKind, Message, Received,
    Result, SendReceipt, Session,
};

const LIMIT: Duration = Duration::from_secs(5);
/// Far beyond every time-out.
const LONG: Duration = Duration::from_secs(3600);

fn options() -> ConnectOptions {
    ConnectOptions::new()
        .with_request_timeout(LIMIT)
        .with_close_timeout(LIMIT)
}

fn kind<T>(outcome: Result<T>) -> Option<ErrorKind> {
    outcome.err().map(|error| error.kind())
}

/// Lets everything go on until all of it waits.
async fn settle() {
    tokio::time::sleep(Duration::from_millis(1)).await;
}

/// A listener that has begun and will not return before it is let go.
#[derive(Clone, Default)]
struct Stuck(Arc<Notify>);

impl Stuck {
    async fn on(fake: &Fake, consumer: &Arc<dyn Consumer>) -> Self {
        let stuck = Self::default();
        let gate = Arc::clone(&stuck.0);
        let listener = move |_: Received| {
            let gate = Arc::clone(&gate);
            async move {
                gate.notified().await;
                Ok::<_, BoxError>(())
            }
        };
        consumer.set_listener(Some(Arc::new(listener))).await.unwrap();
        fake.push(0, "a", 1);
        settle().await;
        stuck
    }

    fn release(&self) {
        self.0.notify_one();
    }
}

#[tokio::test(start_paused = true)]
async fn a_consumer_closes_though_nobody_waits_for_it() {
    let fake = Fake::new();
    let session = fake.session(AckMode::Auto, options()).await;
    let consumer = consumer(&session).await;
    let stuck = Stuck::on(&fake, &consumer).await;
    fake.push(0, "b", 1);
    assert!(consumer.close().now_or_never().is_none());
    settle().await;
    assert!(fake.settled().is_empty());
    stuck.release();
    settle().await;
    let tags: Vec<_> = fake.settled().into_iter().map(|(tag, _)| tag).collect();
    assert_eq!(tags, [1, 2]);
}

#[tokio::test(start_paused = true)]
async fn a_listener_may_close_its_consumer_that_is_closing_already() {
    let fake = Fake::new();
    let session = fake.session(AckMode::Auto, options()).await;
    let consumer = consumer(&session).await;
    let gate = Arc::new(Notify::new());
    let (own, held) = (Arc::downgrade(&consumer), Arc::clone(&gate));
    let listener = move |_: Received| {
        let (own, gate) = (own.clone(), Arc::clone(&held));
        async move {
            gate.notified().await;
            own.upgrade().unwrap().close().await?;
            gate.notified().await;
            Ok::<_, BoxError>(())
        }
    };
    consumer.set_listener(Some(Arc::new(listener))).await.unwrap();
    fake.push(0, "a", 1);
    settle().await;
    let closing = tokio::spawn({
        let consumer = Arc::clone(&consumer);
        async move { consumer.close().await }
    });
    settle().await;
    gate.notify_one();
    settle().await;
    // The listener has closed it and goes on; who asked from outside waits for its return.
    assert!(!closing.is_finished());
    gate.notify_one();
    tokio::time::timeout(LIMIT, closing).await.unwrap().unwrap().unwrap();
}

#[tokio::test(start_paused = true)]
async fn a_driver_that_panics_at_closing_leaves_nothing_open() {
    let fake = Fake::new();
    let connection = fake.connect(options()).await.unwrap();
    let session = connection.create_session(AckMode::Auto).await.unwrap();
    for call in ["close session", "close connection", "close subscription"] {
        fake.panic(call);
    }
    let consumer = consumer(&session).await;
    assert_eq!(kind(consumer.close().await), Some(ErrorKind::Other));
    session.close().await.unwrap();
    assert_eq!(kind(session.ack_mode()), Some(ErrorKind::IllegalState));
    for _ in 0..2 {
        assert!(!connection.close_with_deadline(LIMIT).await.unwrap().complete);
    }
    assert_eq!(kind(connection.health()), Some(ErrorKind::IllegalState));
    assert_eq!(fake.abandoned(), 1);
}

struct Silent;

#[async_trait]
impl CompletionListener for Silent {
    async fn on_completion(&self, _message: Message, _receipt: SendReceipt) {}

    async fn on_error(&self, _message: Message, _error: Error) {}
}

/// A session with a consumer whose listener never returns, closed as far as the close time-out allows.
async fn abandoned(fake: &Fake) -> (Arc<dyn Connection>, Arc<dyn Session>, Arc<dyn Consumer>, Stuck) {
    let connection = fake.connect(options()).await.unwrap();
    connection.start().await.unwrap();
    let session = connection.create_session(AckMode::Transacted).await.unwrap();
    let consumer = consumer(&session).await;
    let stuck = Stuck::on(fake, &consumer).await;
    (connection, session, consumer, stuck)
}

#[tokio::test(start_paused = true)]
async fn nobody_waits_for_a_listener_longer_than_its_session_lasts() {
    let fake = Fake::new();
    let (connection, session, consumer, _stuck) = abandoned(&fake).await;
    let begun = Instant::now();
    let (consumer, stopped, replaced, session) = tokio::join!(
        consumer.close(),
        connection.stop(),
        consumer.set_listener(None),
        async {
            settle().await;
            session.close().await
        },
    );
    assert!(begun.elapsed() < 2 * LIMIT);
    for outcome in [consumer, stopped, session] {
        outcome.unwrap();
    }
    assert_eq!(kind(replaced), Some(ErrorKind::IllegalState));
}

#[tokio::test(start_paused = true)]
async fn nobody_waits_for_a_send_longer_than_its_session_lasts() {
    let fake = Fake::new();
    let session = fake
        .session(AckMode::Transacted, options().with_request_timeout(LONG))
        .await;
    let producer = session.create_producer(&queue()).await.unwrap();
    fake.hang("send");
    producer
        .send_async(Message::text("a"), None, Arc::new(Silent))
        .await
        .unwrap();
    let begun = Instant::now();
    let (committed, producer, session) = tokio::join!(session.commit(), producer.close(), async {
        settle().await;
        session.close().await
    });
    assert!(begun.elapsed() < 2 * LIMIT);
    assert_eq!(kind(committed), Some(ErrorKind::IllegalState));
    producer.unwrap();
    session.unwrap();
}

#[tokio::test(start_paused = true)]
async fn a_listener_that_still_runs_is_not_a_complete_end() {
    let fake = Fake::new();
    for dropped in [false, true] {
        let (connection, session, consumer, _stuck) = abandoned(&Fake::new()).await;
        if !dropped {
            session.close().await.unwrap();
        }
        drop((session, consumer));
        assert!(!connection.close_with_deadline(LIMIT).await.unwrap().complete);
    }
    let (connection, session, _consumer, stuck) = abandoned(&fake).await;
    session.close().await.unwrap();
    stuck.release();
    assert!(connection.close_with_deadline(LIMIT).await.unwrap().complete);
}

#[tokio::test(start_paused = true)]
async fn a_listener_may_start_the_connection_that_is_being_stopped() {
    let fake = Fake::new();
    let connection = fake.connect(options()).await.unwrap();
    connection.start().await.unwrap();
    let session = connection.create_session(AckMode::Auto).await.unwrap();
    let consumer = consumer(&session).await;
    let (gate, own) = (Arc::new(Notify::new()), Arc::downgrade(&connection));
    let held = Arc::clone(&gate);
    let listener = move |_: Received| {
        let (own, gate) = (own.clone(), Arc::clone(&held));
        async move {
            gate.notified().await;
            own.upgrade().unwrap().start().await?;
            Ok::<_, BoxError>(())
        }
    };
    consumer.set_listener(Some(Arc::new(listener))).await.unwrap();
    fake.push(0, "a", 1);
    settle().await;
    let (stopped, ()) = tokio::join!(tokio::time::timeout(LIMIT, connection.stop()), async {
        settle().await;
        assert!(!connection.health().unwrap().started);
        gate.notify_one();
    });
    stopped.unwrap().unwrap();
    assert!(connection.health().unwrap().started);
}

#[tokio::test(start_paused = true)]
async fn closing_takes_effect_in_the_first_poll() {
    let fake = Fake::new();
    let (connection, session, consumer, _stuck) = abandoned(&fake).await;
    assert!(consumer.close().now_or_never().is_none());
    assert_eq!(kind(consumer.receive().await), Some(ErrorKind::IllegalState));
    assert!(session.close().now_or_never().is_none());
    let producer = session.create_producer(&queue()).await;
    assert_eq!(kind(producer), Some(ErrorKind::IllegalState));
    assert!(connection.close().now_or_never().is_none());
    let session = connection.create_session(AckMode::Auto).await;
    assert_eq!(kind(session), Some(ErrorKind::IllegalState));
}

#[tokio::test(start_paused = true)]
async fn a_stop_that_nobody_waits_for_takes_the_credit_back_all_the_same() {
    let fake = Fake::new();
    let connection = fake.connect(options()).await.unwrap();
    connection.start().await.unwrap();
    let session = connection.create_session(AckMode::Auto).await.unwrap();
    let _consumer = consumer(&session).await;
    fake.hang("stop delivery");
    assert!(connection.stop().now_or_never().is_none());
    // Waits for the broker's answer to the stop, as long as that may take.
    tokio::time::timeout(2 * LIMIT, connection.start())
        .await
        .unwrap()
        .unwrap();
    assert_eq!(fake.granted(), [100, 100]);
}
