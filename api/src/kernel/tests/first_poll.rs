//! Sends and receives that end with their first poll, and what was handed over that way.

use futures_util::{FutureExt, poll};

use super::fake::{Fake, consumer, queue, told};
use crate::{AckMode, ConnectOptions, ErrorKind, Message};

#[tokio::test]
async fn nothing_happens_before_the_first_poll_nor_after_the_end() {
    let fake = Fake::new();
    fake.accept_in_passing();
    let session = fake.session(AckMode::Auto, ConnectOptions::new()).await;
    let (consumer, producer) = (
        consumer(&session).await,
        session.create_producer(&queue()).await.unwrap(),
    );
    fake.push(0, "1", 1);
    fake.push(0, "2", 1);

    drop((consumer.receive(), producer.send(Message::text("unsent"))));
    let mut receiving = consumer.receive();
    assert!(poll!(&mut receiving).is_ready());
    assert!(poll!(&mut receiving).is_pending());
    assert_eq!(told(consumer.receive().await), ("2".to_owned(), 1));

    assert_eq!(fake.sent(), 0);
    let mut sending = producer.send(Message::text("sent"));
    assert!(poll!(&mut sending).is_ready());
    assert!(poll!(&mut sending).is_pending());
    assert_eq!(fake.sent(), 1);
}

#[tokio::test]
async fn what_was_acknowledged_in_passing_knows_its_session() {
    let fake = Fake::new();
    fake.accept_in_passing();
    let session = fake.session(AckMode::Auto, ConnectOptions::new()).await;
    let consumer = consumer(&session).await;
    fake.push(0, "1", 1);
    let received = consumer.receive().await.unwrap().unwrap();
    received.acknowledge().await.unwrap();
    let kind = |outcome: crate::Result<()>| outcome.map_err(|error| error.kind());
    assert_eq!(kind(received.reject().await), Err(ErrorKind::IllegalState));
    session.close().await.unwrap();
    assert_eq!(kind(received.acknowledge().await), Err(ErrorKind::IllegalState));
    drop((consumer, session));
    // Gone, and still readable.
    let acknowledged = received.acknowledge().now_or_never().map(kind);
    assert_eq!(acknowledged, Some(Err(ErrorKind::IllegalState)));
    assert_eq!(received.as_text(), Some("1"));
}
