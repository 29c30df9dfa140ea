//! What comes of a destination's messages: who sends them, who gets what is left, and exactly what that is.

use std::sync::Arc;

use anymq_api::{AckMode, Capability, Connection, Consumer, Destination, Error, Received, Session, Support};

use super::{
    Context, Failure, Pair, Passed, Verdict, expect_list, expect_set,
    setup::{modes, sender},
    text_of, texts_of,
};

/// Those of `wanted` that the provider declares.
pub(super) fn declared(context: &Context, wanted: &[AckMode]) -> Vec<AckMode> {
    let (declared, _) = modes(context);
    wanted.iter().copied().filter(|mode| declared.contains(mode)).collect()
}

/// The modes, for a report.
pub(super) fn names(modes: &[AckMode]) -> Passed {
    let names: Vec<_> = modes.iter().map(ToString::to_string).collect();
    Passed::With(names.join(", "))
}

/// A mode that leaves messages unacknowledged until told, and has recover.
pub(super) fn recoverable(context: &Context) -> AckMode {
    if context.supports(Capability::ClientAck) {
        AckMode::Client
    } else {
        AckMode::Individual
    }
}

/// A pair whose session is in `mode`, and whose producer is of another connection: what it sends is visible at once.
pub(super) async fn fed(context: &Context, mode: AckMode) -> Result<Pair, Failure> {
    let connection = context.started().await?;
    fed_on(context, connection, mode).await
}

/// As [`fed`], on a given connection.
pub(super) async fn fed_on(context: &Context, connection: Arc<dyn Connection>, mode: AckMode) -> Result<Pair, Failure> {
    let pair = context.pair_on(connection, mode).await?;
    let producer = sender(context, &pair.destination).await?;
    Ok(Pair { producer, ..pair })
}

/// A consumer of a session of its own, on the same connection. Where the destination keeps its messages it gets what
/// is left there, once the consumers before it are closed.
pub(super) async fn later(
    context: &Context,
    connection: &Arc<dyn Connection>,
    destination: &dyn Destination,
) -> Result<Arc<dyn Consumer>, Failure> {
    let session = connection.create_session(AckMode::Auto).await?;
    context.consumer(&session, destination).await
}

/// Closes the connection, and makes another that its durable subscriptions know.
pub(super) async fn reconnect(
    context: &Context,
    connection: &Arc<dyn Connection>,
) -> Result<Arc<dyn Connection>, Failure> {
    let mut options = context.connect_options();
    options.client_id = connection.client_id()?;
    connection.close().await?;
    let connection = context.connect_with(options).await?;
    connection.start().await?;
    Ok(connection)
}

/// Acknowledges what was received, as the mode has it; the automatic ones have done so.
pub(super) async fn settle(session: &Arc<dyn Session>, mode: AckMode, received: &[Received]) -> Result<(), Error> {
    match mode {
        AckMode::Auto | AckMode::DupsOk => {}
        AckMode::Client => {
            if let Some(last) = received.last() {
                last.acknowledge().await?;
            }
        }
        AckMode::Individual => {
            for message in received {
                message.acknowledge().await?;
            }
        }
        AckMode::Transacted => session.commit().await?,
    }
    Ok(())
}

/// Texts of consecutive numbers.
pub(super) fn numbers(range: impl IntoIterator<Item = usize>) -> Vec<String> {
    range.into_iter().map(|number| number.to_string()).collect()
}

/// All that comes: `count` messages are waited for, and then the quiet time for those that should not come.
pub(super) async fn all_that_comes(
    context: &Context,
    consumer: &Arc<dyn Consumer>,
    count: usize,
) -> Result<Vec<Received>, Failure> {
    let timing = context.timing();
    let mut all = Vec::new();
    // Bounded, as a fault can be a message that comes for ever.
    while all.len() < count + 100 {
        let patience = if all.len() < count { timing.wait } else { timing.quiet };
        match consumer.receive_timeout(patience).await? {
            Some(received) => all.push(received),
            None => break,
        }
    }
    Ok(all)
}

/// Receives exactly these, in this order, and then nothing.
#[track_caller]
pub(super) fn expect_only<'a, T: AsRef<str>>(
    context: &'a Context,
    consumer: &'a Arc<dyn Consumer>,
    texts: &'a [T],
) -> impl Future<Output = Result<Vec<Received>, Failure>> + 'a {
    let at = Failure::new("");
    async move {
        let all = all_that_comes(context, consumer, texts.len()).await;
        let all = all.map_err(|failure| at.holding(failure))?;
        expect_list(&texts_of(&all), &owned(texts)).map_err(|failure| at.holding(failure))?;
        Ok(all)
    }
}

/// Receives exactly these, in any order, and then nothing.
#[track_caller]
pub(super) fn expect_only_set<'a, T: AsRef<str>>(
    context: &'a Context,
    consumer: &'a Arc<dyn Consumer>,
    texts: &'a [T],
) -> impl Future<Output = Result<Vec<Received>, Failure>> + 'a {
    let at = Failure::new("");
    async move {
        let all = all_that_comes(context, consumer, texts.len()).await;
        let all = all.map_err(|failure| at.holding(failure))?;
        expect_set(&texts_of(&all), &owned(texts)).map_err(|failure| at.holding(failure))?;
        Ok(all)
    }
}

/// Fails unless these are the texts of the messages, in order.
#[track_caller]
pub(super) fn expect_texts(received: &[Received], texts: &[impl AsRef<str>]) -> Result<(), Failure> {
    expect_list(&texts_of(received), &owned(texts))
}

fn owned(texts: &[impl AsRef<str>]) -> Vec<String> {
    texts.iter().map(|text| text.as_ref().to_owned()).collect()
}

/// Fails unless each message is that delivery, counted from one, as far as the provider flags and counts.
#[track_caller]
pub(super) fn expect_deliveries(context: &Context, received: &[Received], counts: &[u32]) -> Result<(), Failure> {
    ensure_eq!(received.len(), counts.len(), "how many messages came");
    for (message, &count) in received.iter().zip(counts) {
        let text = text_of(message);
        if context.supports(Capability::RedeliveryFlag) {
            ensure_eq!(message.redelivered(), count > 1, "the flag of {text:?}");
        }
        if context.supports(Capability::DeliveryCount) {
            ensure_eq!(message.delivery_count(), count, "the count of {text:?}");
        }
    }
    Ok(())
}

/// Whether the count is the broker's own, so that it goes on in the next session.
pub(super) fn counts_for_ever(context: &Context) -> bool {
    context.capabilities().get(Capability::DeliveryCount) == Support::Native
}

/// For rules that the reference broker keeps strictly, and that are recorded of others: the same messages must have
/// come; their order must be right in-VM.
#[track_caller]
pub(super) fn judge_order(context: &Context, received: &[Received], texts: &[impl AsRef<str>]) -> Verdict {
    let (got, expected) = (texts_of(received), owned(texts));
    expect_set(&got, &expected)?;
    match expect_list(&got, &expected) {
        Ok(()) => Ok(Passed::AsStated),
        Err(failure) if context.harness().target() == "in-vm" => Err(failure),
        Err(_) => Ok(Passed::Observed(format!("in the order {}", got.join(" ")))),
    }
}
