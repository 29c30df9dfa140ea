use std::{sync::Arc, time::Duration};

use super::fake::{Fake, Step, envelope, expired, queue};
use crate::{
    AckMode, Browser, Capability, ConnectOptions, Connection, ErrorKind, Result, Session, Support, TemporaryQueue,
    Topic,
};

const SECOND: Duration = Duration::from_secs(1);

/// A browser on a connection that was never started.
async fn browse(fake: &Fake) -> (Arc<dyn Connection>, Arc<dyn Session>, Arc<dyn Browser>) {
    let options = ConnectOptions::new().with_request_timeout(SECOND);
    let connection = fake.connect(options).await.unwrap();
    let session = connection.create_session(AckMode::Client).await.unwrap();
    let browser = session.create_browser(&queue(), None).await.unwrap();
    (connection, session, browser)
}

fn kind<T>(outcome: Result<T>) -> ErrorKind {
    outcome.map(drop).unwrap_err().kind()
}

async fn next(browser: &Arc<dyn Browser>) -> Option<String> {
    let received = browser.next().await.unwrap()?;
    Some(received.as_text().unwrap().to_owned())
}

#[tokio::test]
async fn a_scan_shows_what_has_not_expired_and_ends() {
    let fake = Fake::new();
    let steps = [envelope("a"), expired("b"), envelope("c")];
    fake.scan(steps.map(Step::Message));
    let (_connection, _session, browser) = browse(&fake).await;
    assert_eq!(next(&browser).await.as_deref(), Some("a"));
    assert_eq!(next(&browser).await.as_deref(), Some("c"));
    for _ in 0..2 {
        assert_eq!(next(&browser).await, None);
    }
    assert_eq!(fake.scans(), 0);
}

#[tokio::test]
async fn what_was_browsed_cannot_be_settled() {
    let fake = Fake::new();
    fake.scan([Step::Message(envelope("a"))]);
    let (_connection, _session, browser) = browse(&fake).await;
    let received = browser.next().await.unwrap().unwrap();
    assert!(!received.redelivered());
    assert_eq!(kind(received.acknowledge().await), ErrorKind::IllegalState);
    assert_eq!(kind(received.release().await), ErrorKind::IllegalState);
    assert_eq!(kind(received.reject().await), ErrorKind::IllegalState);
    assert!(fake.settled().is_empty());
}

#[tokio::test(start_paused = true)]
async fn neither_a_dropped_wait_nor_a_time_out_nor_an_error_skips_anything() {
    let fake = Fake::new();
    fake.scan([
        Step::Late(SECOND * 3 / 2, envelope("a")),
        Step::Fails,
        Step::Message(envelope("b")),
    ]);
    let (_connection, _session, browser) = browse(&fake).await;
    tokio::time::timeout(SECOND / 4, browser.next()).await.unwrap_err();
    assert_eq!(kind(browser.next().await), ErrorKind::Timeout);
    assert_eq!(next(&browser).await.as_deref(), Some("a"));
    assert_eq!(kind(browser.next().await), ErrorKind::Other);
    assert_eq!(next(&browser).await.as_deref(), Some("b"));
    assert_eq!(next(&browser).await, None);
}

#[tokio::test(start_paused = true)]
async fn closing_anything_above_ends_the_wait_and_the_scan() {
    for what in 0..3 {
        let fake = Fake::new();
        fake.scan([Step::Never]);
        let (connection, session, browser) = browse(&fake).await;
        let waiting = {
            let browser = Arc::clone(&browser);
            tokio::spawn(async move { kind(browser.next().await) })
        };
        tokio::task::yield_now().await;
        match what {
            0 => browser.close().await.unwrap(),
            1 => session.close().await.unwrap(),
            _ => connection.close().await.unwrap(),
        }
        assert_eq!(fake.scans(), 0);
        assert_eq!(waiting.await.unwrap(), ErrorKind::IllegalState);
        assert_eq!(kind(browser.next().await), ErrorKind::IllegalState);
        assert_eq!(kind(browser.destination()), ErrorKind::IllegalState);
        assert_eq!(kind(browser.selector()), ErrorKind::IllegalState);
        browser.close().await.unwrap();
    }
}

#[tokio::test(start_paused = true)]
async fn a_close_does_not_wait_for_who_does_not_poll() {
    let fake = Fake::new();
    fake.scan([Step::Never]);
    let (_connection, _session, browser) = browse(&fake).await;
    let mut waiting = browser.next();
    assert!(futures_util::poll!(&mut waiting).is_pending());
    browser.close().await.unwrap();
    assert_eq!(fake.scans(), 0);
    assert_eq!(kind(waiting.await), ErrorKind::IllegalState);
}

#[tokio::test]
async fn a_dropped_browser_ends_its_scan() {
    let fake = Fake::new();
    let (_connection, _session, browser) = browse(&fake).await;
    assert_eq!(fake.scans(), 1);
    drop(browser);
    assert_eq!(fake.scans(), 0);
}

#[tokio::test(start_paused = true)]
async fn only_what_can_be_browsed_is() {
    let fake = Fake::new();
    let (_connection, session, browser) = browse(&fake).await;
    assert_eq!(browser.selector().unwrap(), None);
    assert_eq!(browser.destination().unwrap().name(), "q");
    let topic = Topic::new("t").unwrap();
    assert_eq!(
        kind(session.create_browser(&topic, None).await),
        ErrorKind::InvalidDestination
    );
    let refused = |capability| ErrorKind::Unsupported { capability };
    let selecting = session.create_browser(&queue(), Some("n = 1")).await;
    assert_eq!(kind(selecting), refused(Capability::QueueSelectors));
    let plain = session.create_browser(&queue(), Some("")).await.unwrap();
    assert_eq!(plain.selector().unwrap(), None);
    fake.declare(Capability::QueueSelectors, Support::Native);
    let selecting = session.create_browser(&queue(), Some("n = 1")).await.unwrap();
    assert_eq!(selecting.selector().unwrap().as_deref(), Some("n = 1"));
    let never = session.create_browser(&queue(), Some("never")).await;
    assert_eq!(kind(never), ErrorKind::Timeout);
    fake.declare(Capability::Browser, Support::Unsupported);
    assert_eq!(
        kind(session.create_browser(&queue(), None).await),
        refused(Capability::Browser)
    );
    session.close().await.unwrap();
    assert_eq!(
        kind(session.create_browser(&queue(), None).await),
        ErrorKind::IllegalState
    );
}

#[tokio::test]
async fn temporary_queues_are_browsed_by_their_own_connection_while_they_exist() {
    let fake = Fake::new();
    fake.declare(Capability::TemporaryDestinations, Support::Native);
    let (_connection, session, _browser) = browse(&fake).await;
    let (_other, stranger, _browser) = browse(&fake).await;
    let temporary: TemporaryQueue = session.create_temporary_queue().await.unwrap();
    session.create_browser(&temporary, None).await.unwrap();
    let refused = stranger.create_browser(&temporary, None).await;
    assert_eq!(kind(refused), ErrorKind::InvalidDestination);
    temporary.delete().await.unwrap();
    let refused = session.create_browser(&temporary, None).await;
    assert_eq!(kind(refused), ErrorKind::InvalidDestination);
}
