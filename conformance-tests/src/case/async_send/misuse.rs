//! Wrong calls.

use std::{sync::Arc, time::Duration};

use anymq_api::{AckMode, Capability, Destination, Error, ErrorKind, Message, Producer, SendOptions, SendReceipt};
use futures_util::join;
use parking_lot::Mutex;

use super::{Context, Failure, Pair, Passed, Recorder, Verdict, expect_list, expect_only, submit, successes};
use crate::case::later::{declared, expect_texts, names};

/// A wrong send in both forms.
struct Misuse {
    name: &'static str,
    plain: Result<SendReceipt, Error>,
    asynchronous: Result<(), Error>,
    expected: ErrorKind,
}

async fn misuses(context: &Context, pair: &Pair, recorder: &Arc<Recorder>) -> Result<Vec<Misuse>, Failure> {
    let anonymous = pair.session.create_anonymous_producer().await?;
    let closed = pair.session.create_producer(&pair.destination).await?;
    closed.close().await?;
    let mut all = vec![
        Misuse {
            name: "a destination for an identified producer",
            plain: pair.producer.send_to(&pair.destination, Message::empty()).await,
            asynchronous: send_async_to(&pair.producer, &pair.destination, recorder).await,
            expected: ErrorKind::UnsupportedOperation,
        },
        Misuse {
            name: "no destination for an anonymous producer",
            plain: anonymous.send(Message::empty()).await,
            asynchronous: anonymous.send_async(Message::empty(), None, recorder.clone()).await,
            expected: ErrorKind::UnsupportedOperation,
        },
        Misuse {
            name: "a closed producer",
            plain: closed.send(Message::empty()).await,
            asynchronous: closed.send_async(Message::empty(), None, recorder.clone()).await,
            expected: ErrorKind::IllegalState,
        },
    ];
    if context.supports(Capability::TemporaryDestinations) {
        let gone = pair.session.create_temporary_queue().await?;
        gone.delete().await?;
        all.push(Misuse {
            name: "a deleted destination",
            plain: anonymous.send_to(&gone, Message::empty()).await,
            asynchronous: send_async_to(&anonymous, &gone, recorder).await,
            expected: ErrorKind::InvalidDestination,
        });
    }
    if !context.supports(Capability::DeliveryDelay) {
        let options = SendOptions::new().with_delay(Duration::from_secs(1));
        let late = pair
            .producer
            .send_async(Message::empty(), Some(options.clone()), recorder.clone());
        all.push(Misuse {
            name: "a delay",
            asynchronous: late.await,
            plain: pair.producer.send_with(Message::empty(), options).await,
            expected: ErrorKind::Unsupported {
                capability: Capability::DeliveryDelay,
            },
        });
    }
    Ok(all)
}

async fn send_async_to(
    producer: &Arc<dyn Producer>,
    to: &dyn Destination,
    recorder: &Arc<Recorder>,
) -> Result<(), Error> {
    producer
        .send_async_to(to, Message::empty(), None, recorder.clone())
        .await
}

pub(super) async fn no_callback(context: &Context) -> Verdict {
    let pair = context.pair(AckMode::Auto).await?;
    let recorder = Recorder::new();
    let misuses = misuses(context, &pair, &recorder).await?;
    for misuse in &misuses {
        ensure!(misuse.asynchronous.is_err(), "{} is not refused", misuse.name);
    }
    // The only call is that of the send which is right, and its message the only one.
    submit(&pair.producer, &["right"], &recorder).await?;
    let receiving = expect_only(context, &pair.consumer, &["right"]);
    let (calls, received) = join!(recorder.all(context, 1), receiving);
    received?;
    expect_list(&successes(&calls)?, &["right".to_owned()])?;
    Ok(Passed::With(format!("{} errors", misuses.len())))
}

pub(super) async fn as_plain_sends(context: &Context) -> Verdict {
    let pair = context.pair(AckMode::Auto).await?;
    let misuses = misuses(context, &pair, &Recorder::new()).await?;
    let count = misuses.len();
    for misuse in misuses {
        let name = misuse.name;
        let plain = misuse.plain.err().map(|error| error.kind());
        let asynchronous = misuse.asynchronous.err().map(|error| error.kind());
        ensure_eq!(plain, Some(misuse.expected), "{name}, in a plain send");
        ensure_eq!(asynchronous, Some(misuse.expected), "{name}, in an asynchronous send");
    }
    Ok(Passed::With(format!("{count} errors")))
}

type Outcomes = Vec<(&'static str, Result<(), Error>)>;

pub(super) async fn inside_the_callback(context: &Context) -> Verdict {
    let modes = declared(context, &[AckMode::Auto, AckMode::Transacted]);
    for &mode in &modes {
        inside_the_callback_of(context, mode).await?;
    }
    Ok(names(&modes))
}

async fn inside_the_callback_of(context: &Context, mode: AckMode) -> Result<(), Failure> {
    let pair = context.pair(mode).await?;
    let outcomes = Arc::new(Mutex::new(Outcomes::new()));
    let recorder = {
        let (outcomes, producer) = (Arc::clone(&outcomes), Arc::clone(&pair.producer));
        let (session, connection) = (Arc::clone(&pair.session), Arc::clone(&pair.connection));
        Recorder::doing(move || {
            let (outcomes, producer) = (Arc::clone(&outcomes), Arc::clone(&producer));
            let (session, connection) = (Arc::clone(&session), Arc::clone(&connection));
            Box::pin(async move {
                let mut all = vec![
                    ("closing the producer", producer.close().await),
                    ("closing the session", session.close().await),
                    ("closing the connection", connection.close().await),
                ];
                if mode == AckMode::Transacted {
                    all.push(("commit", session.commit().await));
                    all.push(("rollback", session.rollback().await));
                }
                *outcomes.lock() = all;
            })
        })
    };
    submit(&pair.producer, &["1"], &recorder).await?;
    let returned = || !recorder.calls().is_empty();
    context.eventually("the callback returns", returned).await?;
    let all = std::mem::take(&mut *outcomes.lock());
    ensure!(!all.is_empty(), "the callback was not run");
    for (name, outcome) in all {
        let kind = outcome.err().map(|error| error.kind());
        ensure_eq!(kind, Some(ErrorKind::IllegalState), "{name} inside the callback");
    }
    // None of it took place.
    pair.send(&["2"]).await?;
    if mode == AckMode::Transacted {
        pair.session.commit().await?;
    }
    expect_texts(&context.receive_many(&pair.consumer, 2).await?, &["1", "2"])?;
    context.in_time("closing afterwards", pair.connection.close()).await??;
    Ok(())
}
