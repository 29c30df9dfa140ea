use std::sync::Arc;

use anymq_api::{
    AckMode, ConnectOptions, ConsumerOptions, ErrorKind, Event, Message, MessageListener, Received, Result, Topic,
};
use async_trait::async_trait;
use tokio::sync::mpsc;

use crate::kit::{Place, WAIT, kind, policy, receive, receive_next, text};

struct Forward(mpsc::UnboundedSender<Received>);

/// As [`receive_next`] does.
async fn next(place: &Place, heard: &mut mpsc::UnboundedReceiver<Received>, settled: &[String]) -> String {
    loop {
        let received = heard.recv().await.expect("a listener");
        if place.is_exact() || !received.redelivered() || !settled.contains(&text(&received)) {
            return text(&received);
        }
    }
}

#[async_trait]
impl MessageListener for Forward {
    async fn on_message(&self, message: Received) -> Result<(), anymq_api::BoxError> {
        self.0.send(message)?;
        Ok(())
    }
}

pub(crate) async fn receivers_go_on_after_every_outage(place: &Place) -> Result<()> {
    let mut ends = place.ends("receivers", AckMode::Auto).await?;
    let mut settled = Vec::new();
    for round in 0..5 {
        let (consumer, known) = (Arc::clone(&ends.consumer), settled.clone());
        let next = async { receive_next(place, &*consumer, &known).await };
        let change = async {
            ends.cut().await;
            ends.send(&format!("{round}")).await
        };
        let (received, sent) = tokio::join!(next, change);
        sent?;
        assert_eq!(text(&received), format!("{round}"));
        settled.push(text(&received));
    }
    let health = ends.connection.health()?;
    assert!(health.is_healthy(), "{health:?}");
    assert_eq!((health.outages, health.consumers_served), (5, 1));
    assert!(
        health
            .last_error
            .is_some_and(|error| error.kind() == ErrorKind::ConnectionLost)
    );
    ends.connection.close().await
}

pub(crate) async fn listeners_and_durable_subscriptions_go_on(place: &Place) -> Result<()> {
    let options = ConnectOptions::new().with_reconnect(policy()).with_client_id("till");
    let world = place.world("listeners", options);
    let connection = world.factory.create_connection().await?;
    let mut events = connection.events()?;
    let session = connection.create_session(AckMode::Auto).await?;
    let (queue, topic) = (Place::queue("listeners")?, Topic::new("failover.topic")?);
    let (sender, mut heard) = mpsc::unbounded_channel();
    let listened = session.create_consumer(&queue).await?;
    listened.set_listener(Some(Arc::new(Forward(sender.clone())))).await?;
    let durable = session
        .create_durable_consumer(&topic, "durable", ConsumerOptions::new())
        .await?;
    durable.set_listener(Some(Arc::new(Forward(sender)))).await?;
    connection.start().await?;
    let sending = connection.create_session(AckMode::Auto).await?;
    let producer = sending.create_anonymous_producer().await?;
    let mut settled = Vec::new();
    for round in 0..3 {
        world.link.cut();
        while !matches!(
            tokio::time::timeout(WAIT, events.next()).await,
            Ok(Some(Event::Restored { .. }))
        ) {}
        producer.send_to(&queue, Message::text(format!("q{round}"))).await?;
        producer.send_to(&topic, Message::text(format!("t{round}"))).await?;
        let fresh = [format!("q{round}"), format!("t{round}")];
        let mut both = [
            next(place, &mut heard, &settled).await,
            next(place, &mut heard, &settled).await,
        ];
        both.sort();
        assert_eq!(both, fresh);
        settled.extend(both);
    }
    connection.close().await
}

pub(crate) async fn what_is_unsettled_comes_again_flagged_and_cannot_be_acknowledged(place: &Place) -> Result<()> {
    for mode in [AckMode::Client, AckMode::Individual] {
        let mut ends = place.ends(&format!("unsettled-{mode:?}"), mode).await?;
        for sent in ["1", "2", "3"] {
            ends.send(sent).await?;
        }
        let first = ends.receive().await;
        first.acknowledge().await?;
        let second = ends.receive().await;
        ends.cut().await;
        assert_eq!(kind(second.acknowledge().await), Err(ErrorKind::ConnectionLost));
        let first = receive_next(place, &*ends.consumer, &["1".to_owned()]).await;
        let again = [first, ends.receive().await];
        assert_eq!([text(&again[0]), text(&again[1])], ["2", "3"]);
        // The broker saw a client vanish, and cannot know what it had seen of what was delivered ahead.
        assert!(again.iter().all(Received::redelivered));
        for received in &again {
            received.acknowledge().await?;
        }
        ends.cut().await;
        assert!(ends.consumer.try_receive()?.is_none());
        ends.connection.close().await?;
    }
    Ok(())
}

pub(crate) async fn temporary_destinations_are_made_again(place: &Place) -> Result<()> {
    let mut ends = place.ends("temporaries", AckMode::Auto).await?;
    let queue = ends.session.create_temporary_queue().await?;
    let replies = ends.session.create_consumer(&queue).await?;
    let anonymous = ends.session.create_anonymous_producer().await?;
    for round in ["1", "2"] {
        ends.cut().await;
        anonymous.send_to(&queue, Message::text(round)).await?;
        assert_eq!(text(&receive(&*replies).await), round);
    }
    replies.close().await?;
    queue.delete().await?;
    ends.cut().await;
    let refused = anonymous.send_to(&queue, Message::text("late")).await;
    assert_eq!(kind(refused), Err(ErrorKind::InvalidDestination));
    ends.connection.close().await
}

pub(crate) async fn stopped_connections_stay_stopped(place: &Place) -> Result<()> {
    let mut ends = place.ends("stopped", AckMode::Auto).await?;
    ends.connection.stop().await?;
    ends.cut().await;
    ends.send("waits").await?;
    assert!(ends.consumer.try_receive()?.is_none());
    ends.connection.start().await?;
    assert_eq!(text(&ends.receive().await), "waits");
    ends.connection.close().await
}

pub(crate) async fn closed_consumers_and_sessions_stay_closed(place: &Place) -> Result<()> {
    let mut ends = place.ends("closed", AckMode::Auto).await?;
    let other = ends.connection.create_session(AckMode::Auto).await?;
    let consumer = other.create_consumer(&Place::queue("closed")?).await?;
    ends.consumer.close().await?;
    other.close().await?;
    ends.cut().await;
    ends.send("kept").await?;
    assert!(consumer.try_receive().is_err());
    let consumer = ends.session.create_consumer(&Place::queue("closed")?).await?;
    let received = receive(&*consumer).await;
    assert_eq!((text(&received), received.redelivered()), ("kept".to_owned(), false));
    ends.connection.close().await
}
