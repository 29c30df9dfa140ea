//! What the broker does with messages by its configuration.

use std::time::{Duration, Instant};

use anymq_conformance::broker::{ActiveMq, ActiveMqOptions};
use anymq_conformance::stomp::StompFrame;

use crate::TEST;
use crate::common;
use crate::peer::{connect, receive, send, subscribe, within};

const DELAY: Duration = Duration::from_millis(700);

#[tokio::test]
async fn priorities_delays_virtual_topics_and_dead_letters_are_set_up() {
    let Some(broker) = common::active_with(TEST, ActiveMqOptions::default()).await else {
        return;
    };
    the_most_urgent_comes_first(&broker).await;
    what_is_delayed_comes_later(&broker).await;
    a_virtual_topic_fills_the_queues_of_its_consumers(&broker).await;
    what_is_refused_goes_to_the_dead_letters(&broker).await;
}

async fn the_most_urgent_comes_first(broker: &ActiveMq) {
    let mut client = connect(broker).await;
    for priority in ["1", "9", "4"] {
        let frame = send("/queue/urgent", priority).with("priority", priority);
        within(client.confirmed(frame)).await.unwrap();
    }
    client.send(&subscribe("/queue/urgent")).await.unwrap();
    for priority in ["9", "4", "1"] {
        assert_eq!(receive(&mut client).await, priority);
    }
}

async fn what_is_delayed_comes_later(broker: &ActiveMq) {
    let mut client = connect(broker).await;
    let delay = DELAY.as_millis().to_string();
    let start = Instant::now();
    let frame = send("/queue/later", "delayed").with("AMQ_SCHEDULED_DELAY", &delay);
    within(client.confirmed(frame)).await.unwrap();
    client.send(&subscribe("/queue/later")).await.unwrap();
    assert_eq!(receive(&mut client).await, "delayed");
    assert!(start.elapsed() >= DELAY, "{:?}", start.elapsed());
}

async fn a_virtual_topic_fills_the_queues_of_its_consumers(broker: &ActiveMq) {
    let mut client = connect(broker).await;
    let queue = subscribe("/queue/Consumer.group.VirtualTopic.news");
    within(client.confirmed(queue)).await.unwrap();
    let news = send("/topic/VirtualTopic.news", "news");
    within(client.confirmed(news)).await.unwrap();
    assert_eq!(receive(&mut client).await, "news");
}

async fn what_is_refused_goes_to_the_dead_letters(broker: &ActiveMq) {
    let mut client = connect(broker).await;
    within(client.confirmed(send("/queue/bad", "refused"))).await.unwrap();
    let bad = subscribe("/queue/bad").with("ack", "client-individual");
    client.send(&bad).await.unwrap();
    let message = within(client.receive()).await.unwrap();
    let refusal = StompFrame::new("NACK").with("id", message.header("ack").unwrap());
    within(client.confirmed(refusal)).await.unwrap();
    client.send(&subscribe("/queue/ActiveMQ.DLQ")).await.unwrap();
    assert_eq!(receive(&mut client).await, "refused");
}
