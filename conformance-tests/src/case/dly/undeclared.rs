//! Where delay is not declared, nobody may pretend.

use std::{sync::Arc, time::Duration};

use anymq_api::{AckMode, Capability, ErrorKind, Message, Producer, SendOptions};

use super::{Context, Failure, Passed, Verdict, running::delayed};
use crate::case::{expect_kind, later::expect_only, refusal::Deaf};

const REFUSED: ErrorKind = ErrorKind::Unsupported {
    capability: Capability::DeliveryDelay,
};

pub(super) async fn refused(context: &Context) -> Verdict {
    let pair = context.pair(AckMode::Auto).await?;
    let anonymous = pair.session.create_anonymous_producer().await?;
    let mut calls = 0;
    for delay in [Duration::from_millis(1), Duration::from_secs(3600)] {
        let (options, message) = (delayed(delay), || Message::text("delayed"));
        expect_kind(pair.producer.send_with(message(), options.clone()).await, REFUSED)?;
        let sending = anonymous.send_to_with(&pair.destination, message(), options.clone());
        expect_kind(sending.await, REFUSED)?;
        calls += 2;
        if context.supports(Capability::AsyncSend) {
            let (own, to) = (Some(options.clone()), Some(options.clone()));
            let sending = pair.producer.send_async(message(), own, Arc::new(Deaf));
            expect_kind(sending.await, REFUSED)?;
            let sending = anonymous.send_async_to(&pair.destination, message(), to, Arc::new(Deaf));
            expect_kind(sending.await, REFUSED)?;
            calls += 2;
        }
        if set(&pair.producer, &options)? {
            expect_kind(pair.producer.send(message()).await, REFUSED)?;
        }
        if set(&anonymous, &options)? {
            expect_kind(anonymous.send_to(&pair.destination, message()).await, REFUSED)?;
        }
        calls += 2;
    }
    // No delay at all is no request.
    for (text, options) in [("zero", delayed(Duration::ZERO)), ("none", SendOptions::new())] {
        pair.producer.set_options(options.clone())?;
        pair.producer.send(Message::text(text)).await?;
        anonymous
            .send_to_with(&pair.destination, Message::text(text), options)
            .await?;
    }
    expect_only(context, &pair.consumer, &["zero", "zero", "none", "none"]).await?;
    Ok(Passed::With(format!("{calls} refusals")))
}

/// Whether the producer takes these options; where it refuses them it keeps its own.
fn set(producer: &Arc<dyn Producer>, options: &SendOptions) -> Result<bool, Failure> {
    let before = producer.options()?;
    match producer.set_options(options.clone()) {
        Ok(()) => Ok(true),
        outcome => {
            expect_kind(outcome, REFUSED)?;
            ensure_eq!(producer.options()?, before, "the options after the refusal");
            Ok(false)
        }
    }
}
