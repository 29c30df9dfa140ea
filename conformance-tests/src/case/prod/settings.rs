//! Delivery mode, priority and times.

use std::time::Duration;

use anymq_api::{AckMode, Capability, DeliveryMode, ErrorKind, Message, Priority, SendOptions, Timestamp};

use super::{
    Context, Passed, Verdict, expect_kind,
    identity::{Sent, expect_headers},
};
use crate::case::later::{expect_only_set, numbers};

const HOUR: Duration = Duration::from_secs(3600);

pub(super) async fn defaults(context: &Context) -> Verdict {
    let pair = context.pair(AckMode::Auto).await?;
    let anonymous = pair.session.create_anonymous_producer().await?;
    for producer in [&pair.producer, &anonymous] {
        let options = producer.options()?;
        ensure_eq!(options.delivery_mode, DeliveryMode::Persistent);
        ensure_eq!(options.priority.level(), 4, "priority");
        ensure_eq!((options.ttl, options.delay), (None, None), "ttl and delay");
        let disabled = (options.disable_message_id, options.disable_timestamp);
        ensure_eq!(disabled, (false, false), "disabled id and timestamp");
    }
    let defaults = SendOptions::new();
    let sent = [
        Sent::watch(&defaults, pair.producer.send(Message::text("1"))).await?,
        Sent::watch(&defaults, anonymous.send_to(&pair.destination, Message::text("2"))).await?,
    ];
    expect_headers(context, &pair, &sent).await?;
    Ok(Passed::AsStated)
}

/// One setting changed at a time, and the defaults at last.
fn variants(context: &Context) -> Vec<SendOptions> {
    let plain = SendOptions::new;
    let mut variants = vec![
        plain().with_delivery_mode(DeliveryMode::NonPersistent),
        plain().with_priority(Priority::HIGHEST),
        plain().with_ttl(HOUR),
        plain().with_disable_message_id(true),
        plain().with_disable_timestamp(true),
    ];
    if context.supports(Capability::DeliveryDelay) {
        variants.push(plain().with_delay(Duration::from_millis(50)));
    }
    variants.push(plain());
    variants
}

pub(super) async fn of_the_producer(context: &Context) -> Verdict {
    let pair = context.pair(AckMode::Auto).await?;
    let mut sent = vec![Sent::watch(&SendOptions::new(), pair.producer.send(Message::text("0"))).await?];
    for (index, options) in variants(context).into_iter().enumerate() {
        pair.producer.set_options(options.clone())?;
        ensure_eq!(pair.producer.options()?, options, "read back");
        let message = Message::text((index + 1).to_string());
        sent.push(Sent::watch(&options, pair.producer.send(message)).await?);
    }
    // Received only now, so that a setting which reaches back would show.
    expect_headers(context, &pair, &sent).await?;
    Ok(Passed::With(format!("{} settings", sent.len() - 1)))
}

pub(super) async fn of_one_send(context: &Context) -> Verdict {
    let pair = context.pair(AckMode::Auto).await?;
    let anonymous = pair.session.create_anonymous_producer().await?;
    let own = SendOptions::new().with_priority(Priority::LOWEST).with_ttl(HOUR);
    let other = SendOptions::new()
        .with_delivery_mode(DeliveryMode::NonPersistent)
        .with_priority(Priority::HIGHEST)
        .with_ttl(HOUR * 2);
    pair.producer.set_options(own.clone())?;
    anonymous.set_options(own.clone())?;

    let to = &pair.destination;
    let overridden = pair.producer.send_with(Message::text("1"), other.clone());
    let anonymously = anonymous.send_to_with(to, Message::text("3"), other.clone());
    let sent = [
        Sent::watch(&other, overridden).await?,
        Sent::watch(&own, pair.producer.send(Message::text("2"))).await?,
        Sent::watch(&other, anonymously).await?,
        Sent::watch(&own, anonymous.send_to(to, Message::text("4"))).await?,
    ];
    ensure_eq!(pair.producer.options()?, own, "the producer's options afterwards");
    ensure_eq!(anonymous.options()?, own, "the anonymous producer's options afterwards");
    expect_headers(context, &pair, &sent).await?;
    Ok(Passed::AsStated)
}

pub(super) async fn priorities(context: &Context) -> Verdict {
    for level in [10, 11, 127, 128, 255] {
        expect_kind(Priority::new(level), ErrorKind::InvalidArgument)?;
        expect_kind(Priority::try_from(level), ErrorKind::InvalidArgument)?;
    }
    // So there is none to send with; each of the others is taken.
    let pair = context.pair(AckMode::Auto).await?;
    let mut sent = Vec::new();
    for level in 0..=9 {
        let options = SendOptions::new().with_priority(Priority::new(level)?);
        ensure_eq!(options.priority.level(), level, "the level");
        let sending = pair
            .producer
            .send_with(Message::text(level.to_string()), options.clone());
        sent.push(Sent::watch(&options, sending).await?);
    }
    expect_headers(context, &pair, &sent).await?;
    Ok(Passed::AsStated)
}

pub(super) async fn huge_times(context: &Context) -> Verdict {
    const DAY: Duration = Duration::from_secs(24 * 3600);
    let pair = context.pair(AckMode::Auto).await?;
    let to_the_end = i64::MAX.abs_diff(Timestamp::now().as_millis());
    let ttls = [
        // Beyond 32 bits of milliseconds, signed and unsigned.
        DAY * 25,
        DAY * 50,
        DAY * 36_500,
        // The last instant there is, and beyond it.
        Duration::from_millis(to_the_end).saturating_sub(DAY),
        Duration::from_millis(i64::MAX.unsigned_abs()),
        Duration::from_millis(u64::MAX),
        Duration::MAX,
    ];
    for (index, ttl) in ttls.into_iter().enumerate() {
        let options = SendOptions::new().with_ttl(ttl);
        let text = (index + 1).to_string();
        let receipt = pair.producer.send_with(Message::text(text), options).await?;
        let expired = receipt.expiration().is_some_and(|at| at <= Timestamp::now());
        ensure!(!expired, "a time to live of {ttl:?} ends at {:?}", receipt.expiration());
    }
    let received = expect_only_set(context, &pair.consumer, &numbers(1..=ttls.len())).await?;
    for received in &received {
        let expired = received.expiration().is_some_and(|at| at <= Timestamp::now());
        ensure!(!expired, "received with an expiration of {:?}", received.expiration());
    }
    Ok(Passed::With(format!("{} times", ttls.len())))
}
