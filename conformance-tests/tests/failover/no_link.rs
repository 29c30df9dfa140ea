use std::{num::NonZeroU32, sync::Arc, time::Duration};

use anymq_api::{AckMode, ConnectOptions, ErrorKind, Event, Message, ReconnectRounds, Result, Retry};

use crate::kit::{Ends, Place, WAIT, kind, policy, text};

pub(crate) async fn sends_wait_for_the_link_in_order(place: &Place) -> Result<()> {
    let mut ends = place.ends("waiting", AckMode::Auto).await?;
    ends.cut_off().await;
    assert!(!ends.connection.health()?.connected);
    let producer = Arc::clone(&ends.producer);
    let sending = tokio::spawn(async move {
        for number in 0..10 {
            producer.send(Message::text(number.to_string())).await?;
        }
        Ok::<_, anymq_api::Error>(())
    });
    ends.world.reach.tried(2).await;
    assert!(!sending.is_finished());
    ends.world.reach.allow();
    sending.await.expect("the sender")?;
    for number in 0..10 {
        assert_eq!(text(&ends.receive().await), number.to_string());
    }
    ends.connection.close().await
}

pub(crate) async fn whatever_is_made_waits_for_the_link(place: &Place) -> Result<()> {
    let mut ends = place.ends("making", AckMode::Auto).await?;
    ends.cut_off().await;
    let connection = Arc::clone(&ends.connection);
    let making = tokio::spawn(async move {
        let session = connection.create_session(AckMode::Auto).await?;
        let queue = session.create_temporary_queue().await?;
        let consumer = session.create_consumer(&queue).await?;
        let producer = session.create_producer(&queue).await?;
        producer.send(Message::text("made")).await?;
        consumer.receive().await
    });
    ends.world.reach.tried(2).await;
    assert!(!making.is_finished());
    ends.world.reach.allow();
    let received = making.await.expect("the maker")?.expect("a message");
    assert_eq!(text(&received), "made");
    ends.connection.close().await
}

pub(crate) async fn a_send_that_waits_too_long_is_safe_to_repeat(place: &Place) -> Result<()> {
    let options = ConnectOptions::new()
        .with_reconnect(policy())
        .with_request_timeout(Duration::from_millis(100));
    let world = place.world("too-long", options);
    let connection = world.factory.create_connection().await?;
    let session = connection.create_session(AckMode::Auto).await?;
    let producer = session.create_producer(&Place::queue("too-long")?).await?;
    let mut events = connection.events()?;
    world.reach.refuse();
    world.link.cut();
    assert!(matches!(events.next().await, Some(Event::Interrupted { .. })));
    let error = producer.send(Message::text("late")).await.expect_err("no link");
    assert_eq!((error.kind(), error.retry()), (ErrorKind::Timeout, Retry::Safe));
    connection.close().await
}

pub(crate) async fn closing_does_not_wait_for_the_link(place: &Place) -> Result<()> {
    let mut ends = place.ends("closing", AckMode::Client).await?;
    ends.send("unsettled").await?;
    let received = ends.receive().await;
    ends.cut_off().await;
    let Ends { session, consumer, .. } = &ends;
    consumer.close().await?;
    session.close().await?;
    let report = tokio::time::timeout(WAIT, ends.connection.close_with_deadline(WAIT)).await;
    assert!(report.expect("in time")?.complete);
    assert!(matches!(ends.event().await, Event::Closed));
    assert!(received.acknowledge().await.is_err());
    let attempts = ends.world.reach.attempts();
    // Nobody tries any more.
    tokio::time::sleep(policy().delay_before(u32::MAX) * 3).await;
    assert_eq!(ends.world.reach.attempts(), attempts);
    Ok(())
}

pub(crate) async fn whoever_waits_for_the_link_learns_of_the_close(place: &Place) -> Result<()> {
    let mut ends = place.ends("leaving", AckMode::Auto).await?;
    ends.cut_off().await;
    let producer = Arc::clone(&ends.producer);
    let sending = tokio::spawn(async move { producer.send(Message::text("late")).await });
    let consumer = Arc::clone(&ends.consumer);
    let receiving = tokio::spawn(async move { consumer.receive().await });
    ends.world.reach.tried(1).await;
    ends.connection.close().await?;
    assert!(sending.await.expect("the sender").is_err());
    assert!(receiving.await.expect("the receiver")?.is_none());
    Ok(())
}

pub(crate) async fn the_last_handle_leaves_no_task_behind(place: &Place) -> Result<()> {
    // The first connection of a runtime may start what serves them all.
    let first = place.ends("dropping", AckMode::Auto).await?;
    first.connection.close().await?;
    drop(first);
    let metrics = tokio::runtime::Handle::current().metrics();
    let before = metrics.num_alive_tasks();
    let mut ends = place.ends("dropping", AckMode::Auto).await?;
    ends.cut_off().await;
    drop(ends);
    crate::kit::until(|| metrics.num_alive_tasks() <= before).await;
    Ok(())
}

pub(crate) async fn the_policy_has_an_end(place: &Place) -> Result<()> {
    let rounds = ReconnectRounds::AtMost(NonZeroU32::MIN.saturating_add(2));
    let options = ConnectOptions::new().with_reconnect(policy().with_rounds(rounds));
    let world = place.world("end", options);
    let connection = world.factory.create_connection().await?;
    connection.start().await?;
    let mut events = connection.events()?;
    let session = connection.create_session(AckMode::Auto).await?;
    let queue = Place::queue("end")?;
    let producer = session.create_producer(&queue).await?;
    let consumer = session.create_consumer(&queue).await?;
    let receiving = tokio::spawn(async move { consumer.receive().await });
    world.reach.refuse();
    let before = world.reach.attempts();
    world.link.cut();
    let mut lost = None;
    while lost.is_none() {
        match tokio::time::timeout(WAIT, events.next()).await.expect("an event") {
            Some(Event::ConnectionLost { error }) => lost = Some(error),
            Some(_) => {}
            None => panic!("the stream ended"),
        }
    }
    assert_eq!(world.reach.attempts(), before + 3);
    assert_eq!(
        kind(receiving.await.expect("the receiver")),
        Err(ErrorKind::ConnectionLost)
    );
    assert_eq!(
        kind(producer.send(Message::text("late")).await),
        Err(ErrorKind::ConnectionLost)
    );
    assert_eq!(
        kind(connection.create_session(AckMode::Auto).await),
        Err(ErrorKind::ConnectionLost)
    );
    connection.close().await
}
