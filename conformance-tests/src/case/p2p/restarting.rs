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
        later::{declared, expect_only, expect_only_set, expect_texts, later},
        setup::sender,
        stage::Stage,
        text_of,
    },
    restart::End,
};

pub(super) async fn persistent(context: &Context) -> Verdict {
    let mut stage = Stage::new(context).await?;
    let verdict = over_a_restart(&mut stage).await;
    stage.end(verdict).await
}

async fn over_a_restart(stage: &mut Stage) -> Verdict {
    let (before, kept) = (numbered("a", 5), numbered("b", 15));
    let first = stage.pair(AckMode::Auto).await?;
    send_all(&first.producer, &before).await?;
    expect_texts(
        &stage.context().receive_many(&first.consumer, before.len()).await?,
        &before,
    )?;
    // Acknowledgements are under way until then. What follows waits untouched, so that its order is the sends'.
    first.consumer.close().await?;
    send_all(&first.producer, &kept).await?;
    let held = Held::begin(stage.context(), &first.connection).await?;
    let waiting = Waiting::begin(stage, &first).await?;
    stage.restart(End::InOrder).await?;

    let context = stage.context();
    let is_lost = || first.connection.health().is_ok_and(|health| !health.connected);
    context.eventually("the client knows of the restart", is_lost).await?;
    let connection = stage.connection().await?;
    let left = waiting.as_ref().map(|waiting| waiting.running.left());
    let next = later(context, &connection, &first.destination).await?;
    expect_only(context, &next, &kept).await?;
    if let Some(held) = held {
        held.end(context, &connection).await?;
    }
    Ok(Passed::With(match (waiting, left) {
        (Some(waiting), Some(left)) => waiting.end(context, &connection, left).await?,
        _ => "without a delay".into(),
    }))
}

/// What an application has received and not acknowledged when the broker ends.
struct Held {
    destination: Address,
    texts: Vec<String>,
}

impl Held {
    /// None where the provider has no mode for that.
    async fn begin(context: &Context, connection: &Arc<dyn Connection>) -> Result<Option<Self>, Failure> {
        let modes = declared(context, &[AckMode::Client, AckMode::Individual]);
        let Some(&mode) = modes.first() else {
            return Ok(None);
        };
        let pair = context.pair_on(Arc::clone(connection), mode).await?;
        let texts = numbered("held", 2);
        send_all(&pair.producer, &texts).await?;
        expect_texts(&context.receive_many(&pair.consumer, texts.len()).await?, &texts)?;
        let destination = pair.destination;
        Ok(Some(Self { destination, texts }))
    }

    /// It comes again, in any order.
    async fn end(self, context: &Context, connection: &Arc<dyn Connection>) -> Result<(), Failure> {
        let consumer = later(context, connection, &self.destination).await?;
        let again = expect_only_set(context, &consumer, &self.texts).await?;
        let flagged = !context.supports(Capability::RedeliveryFlag) || again.iter().all(Received::redelivered);
        ensure!(flagged, "what was held when the broker ended is not flagged");
        Ok(())
    }
}

/// A delayed message, due when the broker should be back.
struct Waiting {
    destination: Address,
    running: Running,
    receipt: SendReceipt,
}

impl Waiting {
    /// To a destination of its own, which has been consumed from, so that it exists and keeps what it gets.
    async fn begin(stage: &Stage, pair: &Pair) -> Result<Option<Self>, Failure> {
        let context = stage.context();
        if !context.supports(Capability::DeliveryDelay) {
            return Ok(None);
        }
        let destination = context.destination();
        context.consumer(&pair.session, &destination).await?.close().await?;
        let producer = sender(context, &destination).await?;
        let delay = stage.downtime + short(context);
        let running = Running::begin(context, delay);
        let receipt = producer.send_with(Message::text("delayed"), delayed(delay)).await?;
        Ok(Some(Self {
            destination,
            running,
            receipt,
        }))
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
