//! Where a wire carries payloads only, what would be lost is refused before the driver hears of it.

use std::sync::Arc;

use super::fake::Fake;
use crate::{AckMode, Capability, ConnectOptions, ErrorKind, Message, Queue, Retry, SendReceipt, Support};

#[tokio::test]
async fn what_would_not_arrive_is_refused_by_name() {
    let fake = Fake::new();
    fake.declare(Capability::Properties, Support::Unsupported);
    let session = fake.session(AckMode::Auto, ConnectOptions::new()).await;
    let queue = Queue::new("q").unwrap();
    let producer = session.create_producer(&queue).await.unwrap();
    producer.send(Message::text("a").with_message_type("t")).await.unwrap();

    let lacking = Message::text("a").with_property("table", 7).unwrap();
    let error = producer.send(lacking.clone()).await.unwrap_err();
    let refused = ErrorKind::Unsupported {
        capability: Capability::Properties,
    };
    assert_eq!((error.kind(), error.retry()), (refused, Retry::Never));
    assert_eq!((error.operation(), error.resource()), (Some("send"), Some("queue:q")));

    let options = producer.options().unwrap();
    let error = producer.send_with(lacking.clone(), options).await.unwrap_err();
    assert_eq!(error.kind(), refused);
    let deaf = Arc::new(|_: Message, _: crate::Result<SendReceipt>| async {});
    assert_eq!(
        producer.send_async(lacking, None, deaf).await.unwrap_err().kind(),
        refused
    );
    assert_eq!(fake.sent(), 1);
}
