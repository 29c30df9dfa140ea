//! Messages that are delivered later.

use std::{sync::Arc, time::Duration};

use anymq::{AckMode, Connection, Message, SendOptions};
use anymq_conformance::broker::RabbitMq;
use futures_util::future::join_all;

use crate::client::{LIMIT, at, connect, consume, receive_all, session};

const HURRIED: &str = "queue:hurried?kind=quorum";

/// Of clients that declare a quorum queue at the same time, the broker refuses the messages of all but one.
pub(crate) async fn many_begin_at_once_to_delay_on_the_way_to_a_quorum_queue(rabbit: &RabbitMq) {
    let connections = join_all((0..6).map(|_| connect(rabbit))).await;
    let consumer = consume(&session(&connections[0]).await, HURRIED).await;
    for length in [1_500, 1_600, 1_700] {
        let delay = Duration::from_millis(length);
        let sends = connections.iter().enumerate();
        join_all(sends.map(|(number, connection)| delayed(connection, number, delay))).await;
        tokio::time::sleep(delay).await;
        let mut all = receive_all(&consumer).await;
        all.sort_unstable();
        assert_eq!(all, ["0", "1", "2", "3", "4", "5"], "{length}");
    }
    let queues = rabbit.ctl(&["list_queues", "name", "type"]).await.unwrap();
    let mut delays = queues
        .lines()
        .filter(|line| line.starts_with("anymq.delay.") && line.contains("hurried"));
    assert!(
        delays.all(|line| line.contains("quorum.") && line.ends_with("\tquorum")),
        "{queues}"
    );
    join_all(connections.iter().map(|connection| connection.close())).await;
}

/// Every other one in a transaction.
async fn delayed(connection: &Arc<dyn Connection>, number: usize, delay: Duration) {
    let transacted = number % 2 == 1;
    let mode = if transacted { AckMode::Transacted } else { AckMode::Auto };
    let session = connection.create_session(mode).await.unwrap();
    let producer = session.create_producer(&at(HURRIED)).await.unwrap();
    let options = SendOptions::new().with_delay(delay);
    producer
        .send_with(Message::text(number.to_string()), options)
        .await
        .unwrap();
    if transacted {
        session.commit().await.unwrap();
    }
    session.close().await.unwrap();
}

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
