//! What is larger than the connection takes is refused before the driver hears of it.

use std::sync::Arc;

use super::fake::Fake;
use crate::{AckMode, ConnectOptions, ErrorKind, Message, Producer, Queue, Result, Retry, SendReceipt, Session};

async fn producer(fake: &Fake) -> (Arc<dyn Producer>, Arc<dyn Session>) {
    let session = fake.session(AckMode::Auto, ConnectOptions::new()).await;
    let queue = Queue::new("q").unwrap();
    (session.create_producer(&queue).await.unwrap(), session)
}

#[tokio::test]
async fn the_largest_message_is_sent_and_a_larger_one_is_not() {
    let fake = Fake::new();
    fake.limit_messages(8);
    let (producer, _session) = producer(&fake).await;
    let fits = Message::text("123").with_property("table", "").unwrap();
    producer.send(fits.clone()).await.unwrap();
    let error = producer.send(fits.with_correlation_id("x")).await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::ResourceAllocation);
    assert_eq!(error.retry(), Retry::Never);
    assert_eq!(error.provider(), Some("fake"));
    assert_eq!((error.operation(), error.resource()), (Some("send"), Some("queue:q")));
    // Both numbers are named.
    let numbers = ["9", "8"].map(|number| error.detail().contains(number));
    assert_eq!(numbers, [true, true], "{error}");
    producer.send(Message::empty()).await.unwrap();
    assert_eq!(fake.sent(), 2);
}

#[tokio::test]
async fn every_form_of_send_is_held_to_it() {
    let fake = Fake::new();
    fake.limit_messages(1);
    let (producer, session) = producer(&fake).await;
    let anonymous = session.create_anonymous_producer().await.unwrap();
    let (queue, large) = (Queue::new("q").unwrap(), Message::text("12"));
    let kind = |outcome: Result<()>| outcome.map_err(|error| error.kind());
    let refused = Err(ErrorKind::ResourceAllocation);
    let send = producer.send_with(large.clone(), producer.options().unwrap()).await;
    assert_eq!(kind(send.map(drop)), refused);
    assert_eq!(kind(anonymous.send_to(&queue, large.clone()).await.map(drop)), refused);
    // Nothing was begun that a listener could be told of.
    let deaf = Arc::new(|_: Message, _: Result<SendReceipt>| async {});
    let submitted = producer.send_async(large, None, deaf).await;
    assert_eq!(kind(submitted), refused);
    assert_eq!(fake.sent(), 0);
}

#[tokio::test]
async fn without_a_limit_there_is_none() {
    let fake = Fake::new();
    let (producer, _session) = producer(&fake).await;
    producer.send(Message::bytes(vec![0; 1 << 20])).await.unwrap();
    assert_eq!(fake.sent(), 1);
}
