//! Closing, and what goes on meanwhile.

use std::{sync::Arc, time::Duration};

use futures_util::FutureExt;
use tokio::sync::Notify;

use super::fake::{Fake, consumer};
use crate::{AckMode, BoxError, ConnectOptions, Consumer, ErrorKind, Received, Result};

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
