//! What a send decides, at the sender and at the receiver.

use std::time::Duration;

use anymq_api::{AckMode, Capability, DeliveryMode, Message, Priority, Received, SendOptions, SendReceipt, Timestamp};

use super::{Context, Failure, Passed, Verdict};
use crate::case::{
    Pair,
    later::{expect_only, expect_only_set},
    text_of,
};

/// The headers that a send decides, from either side.
#[derive(Debug)]
pub(super) struct Decided {
    pub(super) what: String,
    pub(super) id: Option<String>,
    mode: DeliveryMode,
    priority: Priority,
    expiration: Option<Timestamp>,
    delivery_time: Option<Timestamp>,
    pub(super) timestamp: Option<Timestamp>,
}

impl From<&SendReceipt> for Decided {
    fn from(receipt: &SendReceipt) -> Self {
        Self {
            what: format!("the receipt of {:?}", receipt.message().as_text()),
            id: receipt.message_id().map(ToString::to_string),
            mode: receipt.delivery_mode(),
            priority: receipt.priority(),
            expiration: receipt.expiration(),
            delivery_time: receipt.delivery_time(),
            timestamp: receipt.timestamp(),
        }
    }
}

impl From<&Received> for Decided {
    fn from(received: &Received) -> Self {
        Self {
            what: format!("the received {:?}", text_of(received)),
            id: received.message_id().map(ToString::to_string),
            mode: received.delivery_mode(),
            priority: received.priority(),
            expiration: received.expiration(),
            delivery_time: received.delivery_time(),
            timestamp: received.timestamp(),
        }
    }
}

/// A send, and between which two instants it was made.
#[derive(Debug)]
pub(super) struct Sent {
    pub(super) receipt: SendReceipt,
    pub(super) options: SendOptions,
    from: Timestamp,
    to: Timestamp,
}

impl Sent {
    /// Watches a send; `options` are those that it must be made with.
    pub(super) async fn watch(
        options: &SendOptions,
        send: impl Future<Output = Result<SendReceipt, anymq_api::Error>>,
    ) -> Result<Self, Failure> {
        let from = Timestamp::now();
        let receipt = send.await?;
        Ok(Self {
            receipt,
            options: options.clone(),
            from,
            to: Timestamp::now(),
        })
    }

    /// The text that was sent.
    pub(super) fn text(&self) -> String {
        self.receipt.message().as_text().unwrap_or_default().to_owned()
    }

    /// Fails unless an instant lies as far behind the send as it should.
    #[track_caller]
    fn expect_after(
        &self,
        context: &Context,
        what: &str,
        instant: Option<Timestamp>,
        after: Duration,
    ) -> Result<(), Failure> {
        let margin = context.timing().margin;
        let Some(instant) = instant else {
            return Err(Failure::new(format!("{what} is missing")));
        };
        let earliest = self.from.checked_add(after);
        let latest = self.to.checked_add(after);
        let early = earliest.map(|earliest| earliest.saturating_since(instant));
        let late = latest.map(|latest| instant.saturating_since(latest));
        let off = early.max(late);
        ensure!(
            off.is_some_and(|off| off <= margin),
            "{what} is {instant:?}, the send was between {:?} and {:?}, and the distance is {after:?}",
            self.from,
            self.to
        );
        Ok(())
    }

    /// Fails unless the headers are those of a send with these options.
    #[track_caller]
    pub(super) fn expect(&self, context: &Context, decided: &Decided) -> Result<(), Failure> {
        let Decided { what, .. } = decided;
        let options = &self.options;
        ensure_eq!(decided.mode, options.delivery_mode, "{what}: delivery mode");
        ensure_eq!(decided.priority, options.priority, "{what}: priority");
        match options.ttl {
            None => ensure_eq!(decided.expiration, None, "{what}: expiration"),
            Some(ttl) => self.expect_after(context, &format!("{what}: expiration"), decided.expiration, ttl)?,
        }
        if let Some(delay) = options.delay {
            self.expect_after(context, &format!("{what}: due time"), decided.delivery_time, delay)?;
        }
        if !options.disable_message_id {
            let id = decided.id.as_deref().unwrap_or_default();
            ensure!(id.starts_with("ID:"), "{what}: message id {id:?}");
        }
        if !options.disable_timestamp {
            let name = format!("{what}: timestamp");
            self.expect_after(context, &name, decided.timestamp, Duration::ZERO)?;
        }
        Ok(())
    }
}

/// Receives what was sent, and fails unless each message has the headers of its own send.
pub(super) async fn expect_headers(context: &Context, pair: &Pair, sent: &[Sent]) -> Result<(), Failure> {
    // By text: priorities and delivery modes may change the order.
    let texts: Vec<_> = sent.iter().map(Sent::text).collect();
    let received = expect_only_set(context, &pair.consumer, &texts).await?;
    for sent in sent {
        sent.expect(context, &Decided::from(&sent.receipt))?;
        let mut same = received.iter().filter(|received| text_of(received) == sent.text());
        if let Some(received) = same.next().filter(|_| context.supports(Capability::Headers)) {
            let decided = Decided::from(received);
            sent.expect(context, &decided)?;
            let id = sent.receipt.message_id().map(ToString::to_string);
            ensure_eq!(decided.id, id, "{}: message id", decided.what);
        }
    }
    Ok(())
}

pub(super) async fn disabled(context: &Context) -> Verdict {
    let pair = context.pair(AckMode::Auto).await?;
    let options = SendOptions::new()
        .with_disable_message_id(true)
        .with_disable_timestamp(true);
    let mut sent = Vec::new();
    for text in ["1", "2"] {
        let sending = pair.producer.send_with(Message::text(text), options.clone());
        sent.push(Sent::watch(&options, sending).await?);
    }
    let received = expect_only(context, &pair.consumer, &["1", "2"]).await?;
    let mut sides: Vec<Vec<Decided>> = vec![sent.iter().map(|sent| Decided::from(&sent.receipt)).collect()];
    if context.supports(Capability::Headers) {
        sides.push(received.iter().map(Decided::from).collect());
    }
    let mut branches = Vec::new();
    for side in &sides {
        branches.push(branch(context, &sent, side)?);
    }
    branches.dedup();
    Ok(Passed::Observed(branches.join("; at the receiver ")))
}

/// Which of the two each message has: none, or a normal one.
fn branch(context: &Context, sent: &[Sent], side: &[Decided]) -> Result<String, Failure> {
    let ids: Vec<_> = side.iter().filter_map(|decided| decided.id.as_deref()).collect();
    ensure!(ids.iter().all(|id| id.starts_with("ID:")), "message ids {ids:?}");
    ensure!(ids.len() < 2 || ids[0] != ids[1], "the same message id twice: {ids:?}");
    let mut timestamps = 0;
    for (sent, decided) in sent.iter().zip(side) {
        if decided.timestamp.is_some() {
            timestamps += 1;
            let name = format!("{}: timestamp", decided.what);
            sent.expect_after(context, &name, decided.timestamp, Duration::ZERO)?;
        }
    }
    let count = side.len();
    Ok(format!(
        "{} of {count} ids, {timestamps} of {count} timestamps",
        ids.len()
    ))
}
