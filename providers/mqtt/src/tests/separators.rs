//! A broker that gives back another separator than it was given.

use std::sync::Arc;

use anymq_api::{
    Address,
    spi::{DriverSession, DriverSubscription, SubscribeSpec, SubscriptionId},
};
use rumqttc::v5::mqttbytes::v5::Packet;

use super::{Stage, session};

/// With the session that it ends with.
type Consumer = (Arc<dyn DriverSession>, Arc<dyn DriverSubscription>);

async fn subscribe(stage: &mut Stage, number: u32, topic: &str) -> Consumer {
    let session = session(stage).await;
    let address: Address = format!("topic:{topic}").parse().unwrap();
    let spec = SubscribeSpec::new(SubscriptionId(number), address, 10);
    let sink = stage.sink();
    let (subscription, ()) = tokio::join!(session.subscribe(spec, sink), stage.main.subscribed(topic));
    let subscription = subscription.unwrap();
    subscription.grant_credit(10);
    (session, subscription)
}

/// Those who got something, in order.
fn receivers(stage: &Stage) -> Vec<u32> {
    let deliveries = stage.told.deliveries.lock();
    deliveries
        .iter()
        .map(|delivery| delivery.token.subscription.0)
        .collect()
}

/// A message comes by this topic, and is acknowledged when all have it.
async fn publish(stage: &mut Stage, topic: &str, id: u16) {
    stage.main.publish(topic, id).await;
    let heard = stage.main.heard().await;
    assert!(matches!(&heard, Packet::PubAck(ack) if ack.pkid == id), "{heard:?}");
}

#[tokio::test]
async fn topics_that_differ_in_separators_are_one_there() {
    let mut stage = Stage::new().await;
    let _dot = subscribe(&mut stage, 1, "prices.eu").await;
    let _other = subscribe(&mut stage, 2, "prices.us").await;
    publish(&mut stage, "prices/eu", 7).await;
    assert_eq!(receivers(&stage), [1]);
    let destination = stage.told.deliveries.lock()[0].envelope.headers().destination.clone();
    assert_eq!(destination.name(), "prices.eu");

    let _slash = subscribe(&mut stage, 3, "prices/eu").await;
    publish(&mut stage, "prices/eu", 8).await;
    assert_eq!(receivers(&stage), [1, 1, 3]);
}

#[tokio::test]
async fn elsewhere_each_is_its_own_and_what_is_late_is_nobody_s() {
    let mut stage = Stage::new().await;
    let _dot = subscribe(&mut stage, 1, "a.b").await;
    let (_session, slash) = subscribe(&mut stage, 2, "a/b").await;
    publish(&mut stage, "a/b", 7).await;
    publish(&mut stage, "a.b", 8).await;
    assert_eq!(receivers(&stage), [2, 1]);

    let closing = slash.close();
    let Packet::Unsubscribe(unsubscribe) = stage.main.heard().await else {
        panic!("nobody unsubscribes");
    };
    publish(&mut stage, "a/b", 9).await;
    assert_eq!(receivers(&stage), [2, 1]);
    stage.main.unsubscribed(unsubscribe.pkid).await;
    closing.await.unwrap();
}
