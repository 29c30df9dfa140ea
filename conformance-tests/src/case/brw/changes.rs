//! BRW: queues that change while somebody looks.

use std::{num::NonZeroU32, sync::Arc, time::Duration};

use anymq_api::{AckMode, Address, Capability, ConsumerOptions, Message, Received, SendOptions, Session, Timestamp};
use futures_util::future::try_join;

use crate::{
    case::{
        Context, Failure, Passed, Verdict,
        browsing::{browse, rest, shown},
        expect_list,
        flow::{gather, numbered, send_all},
        setup::sender,
        text_of, texts_of,
    },
    poll,
};

pub(super) async fn delayed_and_expired(context: &Context) -> Verdict {
    const SOON: Duration = Duration::from_millis(400);
    let session = context.started().await?.create_session(AckMode::Auto).await?;
    let queue = context.destination();
    let producer = session.create_producer(&queue).await?;
    let timing = context.timing();
    let options = SendOptions::new;
    let sends = [
        ("far off", options().with_delay(timing.wait * 100)),
        ("live", options()),
        ("expires", options().with_ttl(SOON)),
        ("lives on", options().with_ttl(timing.wait * 100)),
        ("due soon", options().with_delay(SOON)),
    ];
    let mut receipts = Vec::new();
    for (text, options) in sends {
        receipts.push(producer.send_with(Message::text(text), options).await?);
    }
    let at_once = shown(context, &session, &queue, None).await?;
    let now = Timestamp::now();
    ensure!(!at_once.contains(&"far off".to_owned()), "what is due far off is shown");
    let due = receipts[4].delivery_time();
    ensure!(due.is_some(), "a receipt has no delivery time");
    // Unless the machine was too slow to look in time.
    if due.is_some_and(|due| now < due) {
        ensure!(!at_once.contains(&"due soon".to_owned()), "what is due later is shown");
    }

    let over = receipts[2].expiration().and_then(|at| at.checked_add(timing.margin));
    let over = over.ok_or_else(|| Failure::new("a receipt has no expiration"))?;
    context.eventually("the expiration", || Timestamp::now() > over).await?;
    let expired = shown(context, &session, &queue, None).await?;
    ensure!(!expired.contains(&"expires".to_owned()), "what has expired is shown");
    // What is due is shown in the end, behind or before the others.
    let looking = || async {
        let shown = shown(context, &session, &queue, None).await;
        shown.map_or_else(
            |failure| Some(Err(failure)),
            |texts| texts.contains(&"due soon".to_owned()).then_some(Ok(texts)),
        )
    };
    let mut due = poll::until(timing.wait, Duration::from_millis(20), looking).await??;
    due.sort();
    expect_list(&due, &["due soon", "live", "lives on"].map(str::to_owned))?;
    Ok(Passed::AsStated)
}

/// Of 20 messages three are seen, five are taken, and five more come; then the scan goes on.
pub(super) async fn during_a_scan(context: &Context) -> Verdict {
    const SEEN: usize = 3;
    const TAKEN: usize = 5;
    let session = context.started().await?.create_session(AckMode::Auto).await?;
    let queue = context.destination();
    let producer = sender(context, &queue).await?;
    let (old, added) = (numbered("old", 20), numbered("added", 5));
    send_all(&producer, &old).await?;
    let browser = session.create_browser(&queue, None).await?;
    let mut all = Vec::new();
    for _ in 0..SEEN {
        let next = context.in_time("a scan", browser.next()).await??;
        all.extend(next.as_ref().map(text_of));
    }
    expect_list(&all, &old[..SEEN])?;
    take(context, &queue, TAKEN).await?;
    send_all(&producer, &added).await?;
    let rest_of_scan = rest(context, &browser).await?;
    browser.close().await?;
    all.extend(texts_of(&rest_of_scan));

    // What nobody touched is shown once and in order, whatever is shown of the rest.
    let stayed: Vec<_> = all.iter().filter(|text| old[TAKEN..].contains(text)).cloned().collect();
    expect_list(&stayed, &old[TAKEN..])?;
    let count = |of: &[String]| all.iter().filter(|text| of.contains(text)).count();
    let (taken, new) = (count(&old[SEEN..TAKEN]), count(&added));
    let mut distinct = all.clone();
    distinct.sort();
    distinct.dedup();
    ensure_eq!(distinct.len(), all.len(), "a message is shown twice: {all:?}");
    ensure_eq!(all.len(), SEEN + stayed.len() + taken + new, "what is shown");
    amid_sends(context, &session).await?;
    Ok(Passed::Observed(format!(
        "{taken} of {} removed and {new} of {} added messages are shown",
        TAKEN - SEEN,
        added.len()
    )))
}

/// Receives some, and no more than those.
async fn take(context: &Context, queue: &Address, count: usize) -> Result<(), Failure> {
    let session = context.started().await?.create_session(AckMode::Auto).await?;
    let options = ConsumerOptions::new().with_prefetch(NonZeroU32::MIN);
    let consumer = session.create_consumer_with(queue, options).await?;
    context.receive_many(&consumer, count).await?;
    session.close().await?;
    Ok(())
}

/// Scans while somebody sends: each ends, and shows nothing twice.
async fn amid_sends(context: &Context, session: &Arc<dyn Session>) -> Result<(), Failure> {
    const SCANS: usize = 10;
    let queue = context.destination();
    let texts = numbered("", 200);
    let producer = sender(context, &queue).await?;
    let scanning = async {
        for _ in 0..SCANS {
            let all = shown(context, session, &queue, None).await?;
            ensure!(all.is_sorted_by(|a, b| a < b), "shown twice, or out of order: {all:?}");
        }
        Ok(())
    };
    try_join(scanning, send_all(&producer, &texts)).await?;
    expect_list(&shown(context, session, &queue, None).await?, &texts)
}

pub(super) async fn beside_a_transaction(context: &Context) -> Verdict {
    let mut tried = vec!["auto"];
    acknowledged_away(context, AckMode::Auto).await?;
    if context.supports(Capability::ClientAck) {
        acknowledged_away(context, AckMode::Client).await?;
        tried.push("client");
    }
    if context.supports(Capability::IndividualAck) {
        acknowledged_away(context, AckMode::Individual).await?;
        tried.push("individual");
    }
    if context.supports(Capability::Transactions) {
        transacted(context, End::Rollback).await?;
        transacted(context, End::Commit).await?;
        tried.push("transacted");
    }
    Ok(Passed::With(tried.join(", ")))
}

/// Acknowledges what a browser showed, or tries to: it may be refused, or do nothing.
async fn acknowledge_all(shown: &[Received]) {
    for received in shown {
        drop(received.acknowledge().await);
    }
}

/// Neither what was browsed nor what the session has received can be acknowledged by what was browsed.
async fn acknowledged_away(context: &Context, mode: AckMode) -> Result<(), Failure> {
    let session = context.started().await?.create_session(mode).await?;
    let queue = context.destination();
    let texts = numbered("", 5);
    send_all(&sender(context, &queue).await?, &texts).await?;
    let all = browse(context, &session, &queue, None).await?;
    expect_list(&texts_of(&all), &texts)?;
    acknowledge_all(&all).await;
    if mode != AckMode::Auto {
        let consumer = session.create_consumer(&queue).await?;
        ensure_eq!(text_of(&context.receive(&consumer).await?), texts[0]);
        acknowledge_all(&all).await;
        acknowledge_all(&browse(context, &session, &queue, None).await?).await;
    }
    session.close().await?;
    let next = context.started().await?.create_session(AckMode::Auto).await?;
    let consumer = next.create_consumer(&queue).await?;
    let got = gather(context, &[&consumer], texts.len()).await?.concat();
    expect_list(&texts_of(&got), &texts)
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum End {
    Rollback,
    Commit,
}

/// A transaction that has received and sent; its session browses, and then it ends as if nobody had.
async fn transacted(context: &Context, end: End) -> Result<(), Failure> {
    let connection = context.started().await?;
    let session = connection.create_session(AckMode::Transacted).await?;
    let queue = context.destination();
    let texts = numbered("", 5);
    let producer = sender(context, &queue).await?;
    send_all(&producer, &texts[..1]).await?;
    let consumer = session.create_consumer(&queue).await?;
    ensure_eq!(text_of(&context.receive(&consumer).await?), texts[0]);
    consumer.close().await?;
    // Sent only now: what a consumer is delivered ahead may be the transaction's, too, until that ends.
    send_all(&producer, &texts[1..]).await?;
    session
        .create_producer(&queue)
        .await?
        .send(Message::text("sent"))
        .await?;

    for _ in 0..2 {
        let all = browse(context, &session, &queue, None).await?;
        acknowledge_all(&all).await;
        // The one in the transaction may show or not: it is neither there nor gone.
        let others: Vec<_> = texts_of(&all).into_iter().filter(|text| *text != texts[0]).collect();
        expect_list(&others, &texts[1..])?;
    }
    let expected = match end {
        End::Rollback => {
            session.rollback().await?;
            texts
        }
        End::Commit => {
            session.commit().await?;
            [&texts[1..], &["sent".to_owned()]].concat()
        }
    };
    session.close().await?;
    let next = connection.create_session(AckMode::Auto).await?;
    let consumer = next.create_consumer(&queue).await?;
    let got = gather(context, &[&consumer], expected.len()).await?.concat();
    expect_list(&texts_of(&got), &expected)?;
    if end == End::Rollback && context.supports(Capability::ExactRedelivery) {
        let flagged: Vec<_> = got
            .iter()
            .filter(|received| received.redelivered())
            .map(text_of)
            .collect();
        ensure_eq!(flagged, ["000"], "flagged");
    }
    Ok(())
}
