//! Nothing that asks the broker waits for ever.

use std::time::Duration;

use futures_util::FutureExt;

use super::fake::Fake;
use crate::{AckMode, ConnectOptions, ErrorKind, Result, Retry};

const LIMIT: Duration = Duration::from_secs(5);

fn options() -> ConnectOptions {
    ConnectOptions::new().with_request_timeout(LIMIT)
}

fn said<T>(outcome: Result<T>) -> Option<(ErrorKind, Retry)> {
    outcome.err().map(|error| (error.kind(), error.retry()))
}

#[tokio::test(start_paused = true)]
async fn a_session_is_opened_in_time_or_not_at_all() {
    let fake = Fake::new();
    let connection = fake.connect(options()).await.unwrap();
    fake.hang("open session");
    let opened = connection.create_session(AckMode::Auto).await;
    assert_eq!(said(opened), Some((ErrorKind::Timeout, Retry::Safe)));
}

#[tokio::test(start_paused = true)]
async fn temporary_destinations_come_and_go_in_time() {
    let fake = Fake::new();
    let session = fake.session(AckMode::Auto, options()).await;
    let temporary = session.create_temporary_queue().await.unwrap();
    fake.hang("delete temporary");
    assert_eq!(said(temporary.delete().await), Some((ErrorKind::Timeout, Retry::Never)));
    fake.hang("create temporary");
    let created = session.create_temporary_topic().await;
    assert_eq!(said(created), Some((ErrorKind::Timeout, Retry::Safe)));
}

#[tokio::test(start_paused = true)]
async fn a_subscription_is_deleted_in_time() {
    let fake = Fake::new();
    let session = fake.session(AckMode::Auto, options()).await;
    fake.hang("unsubscribe");
    let said = said(session.unsubscribe("news").await);
    assert_eq!(said, Some((ErrorKind::Timeout, Retry::MayDuplicate)));
}

#[tokio::test(start_paused = true)]
async fn connecting_that_takes_too_long_says_where_to() {
    let fake = Fake::new();
    fake.hang("connect");
    let error = fake.connect(options().with_connect_timeout(LIMIT)).await.unwrap_err();
    assert_eq!(error.to_string(), "connect host:1: timed out: no connection within 5s");
}

#[test]
fn without_a_runtime_there_is_no_connection() {
    let connected = Fake::new().connect(options()).now_or_never().unwrap();
    assert_eq!(said(connected), Some((ErrorKind::IllegalState, Retry::Never)));
}

#[tokio::test(start_paused = true)]
async fn a_limit_may_be_as_long_as_can_be() {
    let all = ConnectOptions::new()
        .with_connect_timeout(Duration::MAX)
        .with_request_timeout(Duration::MAX)
        .with_close_timeout(Duration::MAX);
    let session = Fake::new().session(AckMode::Auto, all.clone()).await;
    session.close().await.unwrap();
    Fake::new().connect(all).await.unwrap().close().await.unwrap();
    let connection = Fake::new().connect(ConnectOptions::new()).await.unwrap();
    assert!(connection.close_with_deadline(Duration::MAX).await.unwrap().complete);
    assert_eq!(said(connection.health()), Some((ErrorKind::IllegalState, Retry::Never)));
}
