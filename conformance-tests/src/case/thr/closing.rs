//! Closing from another task, at any moment.

use std::sync::Arc;

use anymq_api::{AckMode, Address, Connection, Consumer, ErrorKind, Message, Producer};
use futures_util::future::try_join_all;

use crate::case::{Context, Failure, Passed, Verdict, setup::while_of};

const LANES: usize = 5;
const ROUNDS: usize = 20;

pub(super) async fn any_moment(context: &Context) -> Verdict {
    let connection = context.started().await?;
    let lanes = (0..LANES).map(|lane| close_again_and_again(context, Arc::clone(&connection), lane));
    try_join_all(lanes).await?;
    // After all that, the connection still serves.
    let pair = context.pair_on(connection, AckMode::Auto).await?;
    pair.send(&["still"]).await?;
    ensure_eq!(context.receive(&pair.consumer).await?.as_text(), Some("still"));
    Ok(Passed::With(format!("{} closes", LANES * ROUNDS)))
}

async fn close_again_and_again(context: &Context, connection: Arc<dyn Connection>, lane: usize) -> Result<(), Failure> {
    let destination = context.destination();
    for round in 0..ROUNDS {
        one_close(context, &connection, &destination, lane * ROUNDS + round).await?;
    }
    Ok(())
}

/// The session, or the consumer first, is closed while a task works with both.
async fn one_close(
    context: &Context,
    connection: &Arc<dyn Connection>,
    destination: &Address,
    seed: usize,
) -> Result<(), Failure> {
    let session = connection.create_session(AckMode::Auto).await?;
    let consumer = context.consumer(&session, destination).await?;
    let producer = session.create_producer(destination).await?;
    let work = tokio::spawn(send_and_receive(producer, Arc::clone(&consumer)));
    while_of(seed).await;
    if seed % 2 == 1 {
        context.in_time("closing the consumer", consumer.close()).await??;
    }
    context.in_time("closing the session", session.close()).await??;
    context.in_time("what worked with it", work).await???;
    Ok(())
}

/// Goes on until what it works with is closed.
async fn send_and_receive(producer: Arc<dyn Producer>, consumer: Arc<dyn Consumer>) -> anymq_api::Result<()> {
    let until_closed = async {
        // On a busy machine the close may be long in coming: then the last receives wait for it.
        for _ in 0..500 {
            producer.send(Message::text("work")).await?;
            if consumer.receive().await?.is_none() {
                return Ok(());
            }
        }
        while consumer.receive().await?.is_some() {}
        Ok::<(), anymq_api::Error>(())
    };
    match until_closed.await {
        Err(error) if error.kind() == ErrorKind::IllegalState => Ok(()),
        outcome => outcome,
    }
}
