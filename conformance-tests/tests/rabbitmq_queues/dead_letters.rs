//! Where what is given up goes.

use std::num::NonZeroU32;

use anymq::{AckMode, ConnectOptions, RedeliveryPolicy};
use anymq_conformance::broker::RabbitMq;

use crate::client::{LIMIT, connect, connect_with, consume, receive, send};

pub(crate) async fn what_is_rejected_goes_where_the_queue_says(rabbit: &RabbitMq) {
    let connection = connect(rabbit).await;
    let session = connection.create_session(AckMode::Individual).await.unwrap();
    let own = "queue:own?dead-letter-exchange=&dead-letter-routing-key=own.dead";
    let dead = consume(&session, "queue:own.dead").await;
    for (address, letters) in [(own, dead), ("queue:common", consume(&session, "queue:DLQ").await)] {
        send(&session, address, "poison").await.unwrap();
        let consumer = consume(&session, address).await;
        let poison = consumer.receive_timeout(LIMIT).await.unwrap().unwrap();
        poison.reject().await.unwrap();
        let letter = letters.receive_timeout(LIMIT).await.unwrap().unwrap();
        assert_eq!(letter.as_text(), Some("poison"));
        let reason = letter.properties().string("JMS_anymq_dead_letter_reason");
        assert_eq!(reason.as_deref(), (address != own).then_some("rejected"));
        if address == own {
            letter.acknowledge().await.unwrap();
        } else {
            // What is rejected there is dropped.
            letter.reject().await.unwrap();
        }
        assert_eq!(receive(&letters).await, None);
    }
    connection.close().await.unwrap();
}

pub(crate) async fn a_limit_ends_in_the_dead_letters(rabbit: &RabbitMq) {
    let policy = RedeliveryPolicy::new().with_max_deliveries(NonZeroU32::new(2).unwrap());
    let connection = connect_with(rabbit, ConnectOptions::new().with_redelivery(policy)).await;
    let session = connection.create_session(AckMode::Client).await.unwrap();
    let consumer = consume(&session, "queue:limited").await;
    send(&session, "queue:limited", "poison").await.unwrap();
    send(&session, "queue:limited", "next").await.unwrap();
    for _ in 0..2 {
        assert_eq!(receive(&consumer).await.as_deref(), Some("poison"));
        session.recover().await.unwrap();
    }
    assert_eq!(receive(&consumer).await.as_deref(), Some("next"));
    let letters = consume(&session, "queue:DLQ").await;
    let letter = letters.receive_timeout(LIMIT).await.unwrap().unwrap();
    let told = |name: &str| letter.properties().string(name).unwrap().into_owned();
    assert_eq!(told("JMS_anymq_dead_letter_reason"), "max-deliveries");
    assert_eq!(told("JMS_anymq_dead_letter_attempts"), "2");
    assert_eq!(told("JMS_anymq_dead_letter_origin"), "queue:limited");
    letter.acknowledge().await.unwrap();
    connection.close().await.unwrap();
}
