//! Many selectors against one message, without waiting for what must not come.
//!
//! A selector that must match stands alone, and the message must come. Any other is joined with a mark,
//! `(selector) OR (marker = TRUE)`: the message has no such property, so for it the whole is true when the selector is,
//! and unknown or false when it is not. A second message is marked, so that something comes in any case: what comes
//! first tells. On queues a browser tries each selector too, where there are browsers.

use std::sync::Arc;

use anymq_api::{AckMode, Capability, Consumer, ConsumerOptions, Destination, Message, Producer, SendOptions, Session};
use futures_util::future::try_join_all;

use super::expected::{Expected, Row, Seen};
use crate::case::{Context, Failure, Passed, browsing::rest};

/// What only the second message has.
const MARKER: &str = "marker";
/// So many queues are tried at once.
const AT_ONCE: usize = 6;
/// The message, and the mark.
const SENT: usize = 2;

/// The message that the selectors judge, and how it is sent.
#[derive(Clone, Debug)]
pub(super) struct Sample {
    pub(super) message: Message,
    pub(super) options: SendOptions,
}

impl From<Message> for Sample {
    fn from(message: Message) -> Self {
        Self {
            message,
            options: SendOptions::new(),
        }
    }
}

impl Sample {
    /// Sends it, and then the mark, in the same way, so that the order is kept.
    async fn send(&self, producer: &Arc<dyn Producer>) -> Result<(), Failure> {
        self.send_alone(producer).await?;
        let marker = Message::text(MARKER).with_property(MARKER, true)?;
        producer.send_with(marker, self.options.clone()).await?;
        Ok(())
    }

    async fn send_alone(&self, producer: &Arc<dyn Producer>) -> Result<(), Failure> {
        producer.send_with(self.message.clone(), self.options.clone()).await?;
        Ok(())
    }
}

/// What was seen of each selector.
#[derive(Debug)]
pub(super) struct Tried {
    pub(super) seen: Vec<Seen>,
    browsed: bool,
}

impl Tried {
    pub(super) fn passed(&self) -> Passed {
        self.passed_of(self.seen.len())
    }

    /// As [`passed`](Self::passed), when there were more tables than this.
    pub(super) fn passed_of(&self, count: usize) -> Passed {
        Passed::With(if self.browsed {
            format!("{count} selectors, by consumers and by browsers")
        } else {
            format!("{count} selectors")
        })
    }
}

/// Tries every selector against the message, on the run's place.
///
/// # Errors
/// [`Failure`] naming each selector that did not do as expected.
pub(super) async fn check(context: &Context, sample: &Sample, rows: &[Row]) -> Result<Tried, Failure> {
    let rows: &[Row] = &rows.iter().map(|row| told(context, row)).collect::<Vec<_>>();
    let session = context.started().await?.create_session(AckMode::Auto).await?;
    let seen = if context.is_queue() {
        on_queues(context, &session, sample, rows).await?
    } else {
        on_topic(context, &session, sample, rows).await?
    };
    judge("", rows, &seen)?;
    let browsed = context.is_queue() && context.supports(Capability::Browser);
    if browsed {
        let seen = by_browsers(context, &session, sample, rows).await?;
        judge("by a browser: ", rows, &seen)?;
    }
    session.close().await?;
    Ok(Tried { seen, browsed })
}

/// What the harness says that the broker cannot judge on queues must be refused.
fn told(context: &Context, row: &Row) -> Row {
    let lacks = context.is_queue() && context.harness().lacks_selector(&row.selector);
    match row.expected {
        Expected::Invalid => row.clone(),
        _ if lacks => Row::new(Expected::Unsupported, row.selector.clone()),
        _ => row.clone(),
    }
}

fn judge(by: &str, rows: &[Row], seen: &[Seen]) -> Result<(), Failure> {
    let wrong: Vec<_> = rows
        .iter()
        .zip(seen)
        .filter(|(row, seen)| !row.expected.accepts(**seen))
        .map(|(row, seen)| format!("{row} {seen}"))
        .collect();
    ensure!(
        wrong.is_empty(),
        "{by}{} of {} selectors: {}",
        wrong.len(),
        rows.len(),
        wrong.join("; ")
    );
    Ok(())
}

/// A consumer with one row's selector.
enum Probe {
    Open { consumer: Arc<dyn Consumer>, name: String },
    Done(Seen),
}

impl Probe {
    async fn new(
        context: &Context,
        session: &Arc<dyn Session>,
        destination: &dyn Destination,
        row: &Row,
    ) -> Result<Self, Failure> {
        let selector = match row.expected {
            Expected::Match | Expected::MatchOrRefused | Expected::Invalid | Expected::Unsupported => {
                row.selector.clone()
            }
            _ => format!("({}) OR ({MARKER} = TRUE)", row.selector),
        };
        let name = context.name();
        let options = ConsumerOptions::new().with_selector(selector);
        let consumer = match context.subscribe(session, destination, &name, options).await {
            Ok(consumer) => consumer,
            Err(error) => return Ok(Self::Done(Seen::Refused(error.kind()))),
        };
        if row.expected == Expected::Invalid {
            context.end_subscription(session, &consumer, &name).await?;
            return Ok(Self::Done(Seen::Accepted));
        }
        Ok(Self::Open { consumer, name })
    }

    /// Which of the two messages comes first.
    async fn see(&self, context: &Context) -> Result<Seen, Failure> {
        let Self::Open { consumer, .. } = self else {
            return Ok(self.known());
        };
        Ok(match consumer.receive_timeout(context.timing().wait).await? {
            None => Seen::Nothing,
            Some(received) if received.properties().contains(MARKER) => Seen::NoMatch,
            Some(_) => Seen::Match,
        })
    }

    fn known(&self) -> Seen {
        match self {
            Self::Open { .. } => Seen::Accepted,
            Self::Done(seen) => *seen,
        }
    }

    async fn end(&self, context: &Context, session: &Arc<dyn Session>) -> Result<(), Failure> {
        match self {
            Self::Open { consumer, name } => context.end_subscription(session, consumer, name).await,
            Self::Done(_) => Ok(()),
        }
    }
}

async fn on_topic(
    context: &Context,
    session: &Arc<dyn Session>,
    sample: &Sample,
    rows: &[Row],
) -> Result<Vec<Seen>, Failure> {
    let topic = context.destination();
    let mut probes = Vec::with_capacity(rows.len());
    for row in rows {
        probes.push(Probe::new(context, session, &topic, row).await?);
    }
    sample.send(&session.create_producer(&topic).await?).await?;
    let seen = try_join_all(probes.iter().map(|probe| probe.see(context))).await?;
    for probe in &probes {
        probe.end(context, session).await?;
    }
    Ok(seen)
}

/// Each of a few queues serves many selectors, one after the other: brokers make much of a new queue.
async fn on_queues(
    context: &Context,
    session: &Arc<dyn Session>,
    sample: &Sample,
    rows: &[Row],
) -> Result<Vec<Seen>, Failure> {
    let lanes = (0..AT_ONCE).map(|lane| on_a_queue(context, session, sample, rows.iter().skip(lane).step_by(AT_ONCE)));
    let mut seen: Vec<_> = try_join_all(lanes).await?.into_iter().map(Vec::into_iter).collect();
    let in_turn = (0..rows.len()).filter_map(|number| seen[number % AT_ONCE].next());
    Ok(in_turn.collect())
}

async fn on_a_queue(
    context: &Context,
    session: &Arc<dyn Session>,
    sample: &Sample,
    rows: impl Iterator<Item = &Row>,
) -> Result<Vec<Seen>, Failure> {
    let queue = context.destination();
    let producer = session.create_producer(&queue).await?;
    let mut all = Vec::new();
    for row in rows {
        let probe = Probe::new(context, session, &queue, row).await?;
        if let Probe::Done(seen) = probe {
            all.push(seen);
            continue;
        }
        sample.send(&producer).await?;
        let seen = probe.see(context).await?;
        probe.end(context, session).await?;
        let taken = usize::from(seen != Seen::Nothing);
        clear(context, session, &queue, SENT - taken).await?;
        all.push(seen);
    }
    producer.close().await?;
    Ok(all)
}

/// Takes what is left in a queue.
async fn clear(
    context: &Context,
    session: &Arc<dyn Session>,
    queue: &dyn Destination,
    count: usize,
) -> Result<(), Failure> {
    let consumer = session.create_consumer(queue).await?;
    for _ in 0..count {
        let left = consumer.receive_timeout(context.timing().wait).await?;
        ensure!(left.is_some(), "less than {count} messages are left");
    }
    consumer.close().await?;
    Ok(())
}

/// The selectors as they stand: a scan has an end by itself.
async fn by_browsers(
    context: &Context,
    session: &Arc<dyn Session>,
    sample: &Sample,
    rows: &[Row],
) -> Result<Vec<Seen>, Failure> {
    let queue = context.destination();
    sample.send_alone(&session.create_producer(&queue).await?).await?;
    let mut seen = Vec::with_capacity(rows.len());
    for row in rows {
        seen.push(match session.create_browser(&queue, Some(&row.selector)).await {
            Err(error) => Seen::Refused(error.kind()),
            Ok(browser) => {
                let shown = rest(context, &browser).await?;
                browser.close().await?;
                ensure!(shown.len() <= 1, "{row} shows one message {} times", shown.len());
                match (row.expected, shown.len()) {
                    (Expected::Invalid, _) => Seen::Accepted,
                    (_, 0) => Seen::NoMatch,
                    _ => Seen::Match,
                }
            }
        });
    }
    Ok(seen)
}
