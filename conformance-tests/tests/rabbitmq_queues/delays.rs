//! Messages that are delivered later.

use std::time::Duration;

use anymq::{AckMode, Message, SendOptions};
use anymq_conformance::broker::RabbitMq;

use crate::client::{LIMIT, at, connect, consume};

pub(crate) async fn a_delayed_message_survives_a_restart(rabbit: &mut RabbitMq) {
    const DELAY: Duration = Duration::from_secs(12);
    let connection = connect(rabbit).await;
    let session = connection.create_session(AckMode::Auto).await.unwrap();
    let producer = session.create_producer(&at("queue:patient")).await.unwrap();
    let options = SendOptions::new().with_delay(DELAY).with_ttl(DELAY * 10);
    let receipt = producer.send_with(Message::text("patient"), options).await.unwrap();
    rabbit.stop().await.unwrap();
    rabbit.restart().await.unwrap();

    let connection = connect(rabbit).await;
    let session = connection.create_session(AckMode::Auto).await.unwrap();
    let consumer = consume(&session, "queue:patient").await;
    let received = consumer.receive_timeout(LIMIT).await.unwrap().unwrap();
    let now = anymq::Timestamp::now();
    assert_eq!(received.as_text(), Some("patient"));
    assert_eq!(received.expiration(), receipt.expiration());
    assert!(Some(now) >= receipt.delivery_time(), "{now:?} {receipt:?}");
    connection.close().await.unwrap();
}
