//! What survives a restart of the broker.

use std::{sync::Arc, time::Duration};

use anymq_api::{AckMode, Address, Capability, Connection, Message, Received, SendReceipt};

use super::{Context, Failure, Passed, Verdict};
use crate::{
    case::{
        Pair,
        clock::short,
        dly::running::{Running, delayed},
        flow::{numbered, send_all},
        later::{declared, expect_only, expect_texts, later},
        setup::sender,
        stage::Stage,
        text_of,
    },
    restart::End,
};

/// How many messages are acknowledged before the restart, and how many are held then.
const ACKNOWLEDGED: usize = 5;
const HELD: usize = 2;

pub(super) async fn persistent(context: &Context) -> Verdict {
    let mut stage = Stage::new(context).await?;
    let verdict = over_a_restart(&mut stage).await;
    stage.end(verdict).await
}

async fn over_a_restart(stage: &mut Stage) -> Verdict {
    let texts = numbered("", 20);
    let first = stage.pair(AckMode::Auto).await?;
    let later_on = delayed_destination(stage.context(), &first).await?;
    send_all(&first.producer, &texts).await?;
    let received = stage.context().receive_many(&first.consumer, ACKNOWLEDGED).await?;
    expect_texts(&received, &texts[..ACKNOWLEDGED])?;
    // Acknowledgements are under way until then.
    first.connection.close().await?;

    let connection = stage.connection().await?;
    let held = hold(stage.context(), &connection, &first.destination).await?;
    expect_texts(&held, &texts[ACKNOWLEDGED..ACKNOWLEDGED + held.len()])?;
    let waiting = match &later_on {
        Some(destination) => Some(Waiting::begin(stage, destination).await?),
        None => None,
    };
    stage.restart(End::InOrder).await?;

    let context = stage.context();
    let is_lost = || connection.health().is_ok_and(|health| !health.connected);
    context.eventually("the client knows of the restart", is_lost).await?;
    let connection = stage.connection().await?;
    let left = waiting.as_ref().map(|waiting| waiting.running.left());
    let next = later(context, &connection, &first.destination).await?;
    let got = expect_only(context, &next, &texts[ACKNOWLEDGED..]).await?;
    if context.supports(Capability::RedeliveryFlag) {
        let flagged = got[..held.len()].iter().all(Received::redelivered);
        ensure!(flagged, "what was held when the broker ended is not flagged");
    }
    Ok(Passed::With(match (waiting, left) {
        (Some(waiting), Some(left)) => waiting.end(context, &connection, left).await?,
        _ => "without a delay".into(),
    }))
}

/// Where the delayed message goes: it has been consumed from, so it exists and keeps what it gets.
async fn delayed_destination(context: &Context, pair: &Pair) -> Result<Option<Address>, Failure> {
    if !context.supports(Capability::DeliveryDelay) {
        return Ok(None);
    }
    let destination = context.destination();
    context.consumer(&pair.session, &destination).await?.close().await?;
    Ok(Some(destination))
}

/// Receives messages without acknowledging them, where the provider has a mode for that.
async fn hold(
    context: &Context,
    connection: &Arc<dyn Connection>,
    destination: &Address,
) -> Result<Vec<Received>, Failure> {
    let modes = declared(context, &[AckMode::Client, AckMode::Individual]);
    let Some(&mode) = modes.first() else {
        return Ok(Vec::new());
    };
    let session = connection.create_session(mode).await?;
    let consumer = context.consumer(&session, destination).await?;
    context.receive_many(&consumer, HELD).await
}

/// A delayed message, due when the broker should be back.
struct Waiting {
    destination: Address,
    running: Running,
    receipt: SendReceipt,
}

impl Waiting {
    async fn begin(stage: &Stage, destination: &Address) -> Result<Self, Failure> {
        let context = stage.context();
        let producer = sender(context, destination).await?;
        let delay = stage.downtime + short(context);
        let running = Running::begin(context, delay);
        let receipt = producer.send_with(Message::text("delayed"), delayed(delay)).await?;
        Ok(Self {
            destination: destination.clone(),
            running,
            receipt,
        })
    }

    /// It comes when it is due, of which so much was left when the broker was back, and once.
    async fn end(self, context: &Context, connection: &Arc<dyn Connection>, left: Duration) -> Result<String, Failure> {
        let consumer = later(context, connection, &self.destination).await?;
        let patience = self.running.left() + context.timing().wait;
        let Some(received) = consumer.receive_timeout(patience).await? else {
            return Err(Failure::new("the delayed message is lost"));
        };
        let late = self.running.expect_over()?;
        ensure_eq!(text_of(&received), "delayed");
        ensure_eq!(received.delivery_time(), self.receipt.delivery_time(), "its due time");
        context.nothing(&consumer).await?;
        if left.is_zero() {
            return Ok("the delayed message was due while the broker was down".into());
        }
        // A margin is for clocks; the machine may be busy with other cases.
        ensure!(
            late <= context.timing().margin * 10,
            "it came {late:?} after its due time"
        );
        let (left, late) = (left.as_millis(), late.as_millis());
        Ok(format!(
            "the delayed message was due {left} ms after the restart, and came {late} ms later"
        ))
    }
}
