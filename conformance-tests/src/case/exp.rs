//! EXP: expiry.

use std::{num::NonZeroU32, sync::Arc, time::Duration};

use anymq_api::{
    AckMode, Capability, Consumer, ConsumerOptions, Message, Producer, SendOptions, SendReceipt, Session, Timestamp,
};
use futures_util::{future::try_join_all, try_join};

use super::{
    Context, Failure, Pair, Passed, Verdict,
    clock::{LONG, pass_expiration, short},
    expect_list,
    hdr::Window,
    later::{all_that_comes, declared, expect_only, expect_texts, fed, later, names, settle},
    setup::send_texts,
    texts_of,
};
use crate::checklist::Place;

cases! {
    "EXP-01" => not_delivered,
    "EXP-02" => delivered_before,
    "EXP-03" => never,
    "EXP-04" => blocks_nothing,
    "EXP-06" => after_prefetch,
    "EXP-07" => each_at_its_time,
}

/// A destination that keeps its messages and that nobody consumes from; its session can come back to it.
async fn unattended(context: &Context) -> Result<Pair, Failure> {
    let pair = fed(context, AckMode::Auto).await?;
    pair.consumer.close().await?;
    Ok(pair)
}

fn living(ttl: impl Into<Option<Duration>>) -> SendOptions {
    SendOptions::new().with_ttl(ttl)
}

async fn send(producer: &Arc<dyn Producer>, text: &str, ttl: Option<Duration>) -> Result<SendReceipt, Failure> {
    Ok(producer.send_with(Message::text(text), living(ttl)).await?)
}

async fn not_delivered(context: &Context) -> Verdict {
    try_join!(
        alone(context),
        in_a_temporary_queue(context),
        by_the_producers_options(context)
    )?;
    let temporary = has_temporary_queues(context);
    let also = if temporary {
        "also in a temporary queue"
    } else {
        "not in a temporary queue: there are none here"
    };
    Ok(Passed::With(also.into()))
}

async fn alone(context: &Context) -> Result<(), Failure> {
    let pair = unattended(context).await?;
    let mut sent = Vec::new();
    for text in ["1", "2", "3"] {
        sent.push(send(&pair.producer, text, Some(short(context))).await?);
    }
    pass_expiration(context, &sent).await?;
    let consumer = later(context, &pair.connection, &pair.destination).await?;
    context.nothing(&consumer).await?;
    ensure!(
        consumer.try_receive()?.is_none(),
        "an expired message came without waiting"
    );
    send_texts(&pair.producer, &["alive"]).await?;
    expect_only(context, &consumer, &["alive"]).await?;
    Ok(())
}

fn has_temporary_queues(context: &Context) -> bool {
    context.place() == Place::Queue && context.supports(Capability::TemporaryDestinations)
}

async fn in_a_temporary_queue(context: &Context) -> Result<(), Failure> {
    if !has_temporary_queues(context) {
        return Ok(());
    }
    let session = context.started().await?.create_session(AckMode::Auto).await?;
    let queue = session.create_temporary_queue().await?;
    let producer = session.create_producer(&queue).await?;
    let sent = [
        send(&producer, "1", Some(short(context))).await?,
        send(&producer, "2", Some(short(context))).await?,
    ];
    pass_expiration(context, &sent).await?;
    let consumer = session.create_consumer(&queue).await?;
    context.nothing(&consumer).await?;
    send_texts(&producer, &["alive"]).await?;
    expect_only(context, &consumer, &["alive"]).await?;
    Ok(())
}

/// The time to live of the producer counts for sends without options.
async fn by_the_producers_options(context: &Context) -> Result<(), Failure> {
    let pair = unattended(context).await?;
    pair.producer.set_options(living(short(context)))?;
    let sent = [pair.producer.send(Message::text("expires")).await?];
    pass_expiration(context, &sent).await?;
    let consumer = later(context, &pair.connection, &pair.destination).await?;
    context.nothing(&consumer).await
}

async fn delivered_before(context: &Context) -> Verdict {
    let pair = fed(context, AckMode::Auto).await?;
    let margin = context.timing().margin;
    // Only what the consumer finds waiting has grown older.
    for waiting in [false, true] {
        if waiting && context.place() == Place::Topic {
            continue;
        }
        if waiting {
            pair.consumer.close().await?;
        }
        let before = Timestamp::now();
        let receipt = send(&pair.producer, "alive", Some(LONG)).await?;
        let window = Window::since(before);
        let consumer = if waiting {
            context.quiet().await;
            later(context, &pair.connection, &pair.destination).await?
        } else {
            Arc::clone(&pair.consumer)
        };
        let received = expect_only(context, &consumer, &["alive"]).await?;
        window.expect("sender's expiration", receipt.expiration(), LONG, margin)?;
        ensure_eq!(
            received[0].expiration(),
            receipt.expiration(),
            "the receiver's expiration"
        );
    }
    Ok(Passed::AsStated)
}

async fn never(context: &Context) -> Verdict {
    let pair = unattended(context).await?;
    let producer = &pair.producer;
    let mut sent = vec![
        send(producer, "none", None).await?,
        send(producer, "zero", Some(Duration::ZERO)).await?,
    ];
    producer.set_options(living(Duration::ZERO))?;
    sent.push(producer.send(Message::text("zero by the producer's options")).await?);
    // The options of a send replace the producer's.
    producer.set_options(living(short(context)))?;
    sent.push(send(producer, "none in spite of the producer's options", None).await?);
    for receipt in &sent {
        ensure_eq!(receipt.expiration(), None, "the sender's expiration");
    }
    let expiring = [producer.send(Message::text("expires")).await?];
    pass_expiration(context, &expiring).await?;
    let consumer = later(context, &pair.connection, &pair.destination).await?;
    let texts = [
        "none",
        "zero",
        "zero by the producer's options",
        "none in spite of the producer's options",
    ];
    for received in expect_only(context, &consumer, &texts).await? {
        ensure_eq!(received.expiration(), None, "the receiver's expiration");
    }
    Ok(Passed::AsStated)
}

async fn blocks_nothing(context: &Context) -> Verdict {
    let modes = declared(context, &[AckMode::Auto, AckMode::Client, AckMode::Transacted]);
    let prefetches = [None, Some(NonZeroU32::MIN)];
    let all = modes
        .iter()
        .flat_map(|mode| prefetches.map(|prefetch| (*mode, prefetch)));
    try_join_all(all.map(|(mode, prefetch)| blocks_nothing_in(context, mode, prefetch))).await?;
    Ok(names(&modes))
}

async fn blocks_nothing_in(context: &Context, mode: AckMode, prefetch: Option<NonZeroU32>) -> Result<(), Failure> {
    let pair = unattended(context).await?;
    let producer = &pair.producer;
    let mut expiring = Vec::new();
    // One dot is an expired message.
    for text in [".", ".", "1", ".", "2", "3", ".", ".", ".", "4", "."] {
        let ttl = (text == ".").then(|| short(context));
        let receipt = send(producer, text, ttl).await?;
        if ttl.is_some() {
            expiring.push(receipt);
        }
    }
    pass_expiration(context, &expiring).await?;
    let session = pair.connection.create_session(mode).await?;
    let consumer = consumer_with(context, &session, &pair, prefetch).await?;
    let received = expect_only(context, &consumer, &["1", "2", "3", "4"]).await?;
    settle(&session, mode, &received).await?;
    send_texts(producer, &["5"]).await?;
    let last = expect_only(context, &consumer, &["5"]).await?;
    settle(&session, mode, &last).await?;
    session.close().await?;
    // Nor do they come back.
    let consumer = later(context, &pair.connection, &pair.destination).await?;
    context.nothing(&consumer).await
}

async fn consumer_with(
    context: &Context,
    session: &Arc<dyn Session>,
    pair: &Pair,
    prefetch: Option<NonZeroU32>,
) -> Result<Arc<dyn Consumer>, Failure> {
    let mut options = ConsumerOptions::new();
    options.prefetch = prefetch;
    context.consumer_with(session, &pair.destination, options).await
}

async fn after_prefetch(context: &Context) -> Verdict {
    let pair = unattended(context).await?;
    let prefetch = NonZeroU32::MIN.saturating_add(9);
    let consumer = consumer_with(context, &pair.session, &pair, Some(prefetch)).await?;
    send_texts(&pair.producer, &["first"]).await?;
    let expiring = [send(&pair.producer, "expires", Some(short(context))).await?];
    send_texts(&pair.producer, &["last"]).await?;
    // From here on all three are with the consumer, which was handed the first only.
    expect_texts(&context.receive_many(&consumer, 1).await?, &["first"])?;
    pass_expiration(context, &expiring).await?;
    let all = texts_of(&all_that_comes(context, &consumer, 1).await?);
    if all.iter().any(|text| text == "expires") {
        ensure!(context.harness().target() != "in-vm", "delivered after its expiration");
        expect_list(&all, &["expires", "last"].map(str::to_owned))?;
        return Ok(Passed::Observed("delivered".into()));
    }
    expect_list(&all, &["last".to_owned()])?;
    Ok(Passed::Observed("filtered".into()))
}

async fn each_at_its_time(context: &Context) -> Verdict {
    let short = short(context);
    // The second is about to expire, or has expired, when the third has.
    let (alive, expired) = (context.timing().wait * 2, short + context.timing().quiet);
    try_join!(
        mixed(context, alive, &["hour", "second", "never"]),
        mixed(context, expired, &["hour", "never"]),
    )?;
    Ok(Passed::AsStated)
}

/// Each text is what is left when all short times to live are over.
async fn mixed(context: &Context, second: Duration, left: &[&str]) -> Result<(), Failure> {
    let pair = unattended(context).await?;
    let producer = &pair.producer;
    send(producer, "hour", Some(LONG)).await?;
    let second_sent = send(producer, "second", Some(second)).await?;
    let mut expiring = vec![send(producer, "third", Some(short(context))).await?];
    send(producer, "never", None).await?;
    expiring.push(send(producer, "last", Some(short(context) / 2)).await?);
    if !left.contains(&"second") {
        expiring.push(second_sent);
    }
    pass_expiration(context, &expiring).await?;
    let consumer = later(context, &pair.connection, &pair.destination).await?;
    expect_only(context, &consumer, left).await?;
    Ok(())
}
