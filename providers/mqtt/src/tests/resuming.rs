//! A durable subscription that is closed, and opened again at once.

use anymq_api::spi::{Outcome, Settlement};
use rumqttc::v5::mqttbytes::v5::Packet;

use super::{Stage, broker::Peer, durable, session};

async fn accept(stage: &Stage) -> Peer {
    let mut peer = stage.accept(true).await;
    peer.subscribed("a").await;
    peer
}

/// MQTT ends the older of two clients with one identifier, read or not.
#[tokio::test]
async fn the_next_one_does_not_come_before_the_broker_has_read_the_last() {
    let stage = Stage::new().await;
    let first = session(&stage).await;
    let (subscription, mut peer) = tokio::join!(first.subscribe(durable(1), stage.sink()), accept(&stage));
    let subscription = subscription.unwrap();
    subscription.grant_credit(1);
    peer.publish("a", 7).await;
    stage.told.until(|told| told.deliveries.lock().len() == 1).await;

    // Acknowledged behind the close, and everybody is gone at once.
    drop(subscription.close());
    let token = stage.told.deliveries.lock()[0].token;
    let outcome = Outcome::Accept;
    first.settle(&[Settlement { token, outcome }]).await.unwrap();
    drop((subscription, first));

    let second = session(&stage).await;
    let again = second.subscribe(durable(2), stage.sink());
    tokio::pin!(again);
    tokio::select! {
        early = &mut again => panic!("{early:?}"),
        () = stage.expect_nobody() => {}
    }
    assert!(matches!(peer.heard().await, Packet::PubAck(ack) if ack.pkid == 7));
    assert!(matches!(peer.heard().await, Packet::Disconnect(_)));
    peer.hang_up().await;
    let (subscription, _peer) = tokio::join!(again, accept(&stage));
    subscription.unwrap();
}
