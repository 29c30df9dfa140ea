//! What an error carries.

use std::error::Error as StdError;

use anymq_api::{AckMode, Address, BoxError, DestinationKind, Error, ErrorKind, Event, Message, Retry};

use crate::case::{Context, Failure, Passed, Verdict, expect_kind, listening::listen, setup::send_texts};

pub(super) async fn errors_tell_all(context: &Context) -> Verdict {
    built_errors()?;
    for error in provoked(context).await? {
        shape(&error)?;
    }
    listener_failures_keep_their_cause(context).await?;
    Ok(Passed::AsStated)
}

/// A cause of the case's own, to be found again.
#[derive(Debug, PartialEq, Eq, thiserror::Error)]
#[error("cause number {0}")]
struct Cause(u32);

fn cause_of(error: &Error) -> Option<&Cause> {
    let mut source = error.source();
    while let Some(cause) = source {
        if let Some(found) = cause.downcast_ref() {
            return Some(found);
        }
        source = cause.source();
    }
    None
}

/// What is put into an error comes out of it, and of its clones.
fn built_errors() -> Result<(), Failure> {
    let built = Error::new(ErrorKind::ResourceAllocation, "the disk is full")
        .with_code(311)
        .with_operation("send")
        .with_resource("queue:orders")
        .with_provider("provider")
        .with_retry(Retry::Safe)
        .with_source(Cause(7));
    for error in [&built, &built.clone()] {
        ensure_eq!(error.kind(), ErrorKind::ResourceAllocation);
        ensure_eq!(error.detail(), "the disk is full");
        ensure_eq!(error.code(), Some("311"));
        ensure_eq!(error.operation(), Some("send"));
        ensure_eq!(error.resource(), Some("queue:orders"));
        ensure_eq!(error.provider(), Some("provider"));
        ensure_eq!(error.retry(), Retry::Safe);
        ensure_eq!(cause_of(error), Some(&Cause(7)));
    }
    let bare = Error::from(ErrorKind::Timeout);
    ensure_eq!((bare.code(), bare.source().is_none()), (None, true));
    Ok(())
}

/// Errors from several places, each with the class that its mistake deserves.
async fn provoked(context: &Context) -> Result<Vec<Error>, Failure> {
    let pair = context.pair(AckMode::Auto).await?;
    let anonymous = pair.session.create_anonymous_producer().await?;
    let elsewhere = pair.producer.send_to(&pair.destination, Message::empty()).await;
    let mut errors = vec![
        expect_kind(Address::new(DestinationKind::Queue, ""), ErrorKind::InvalidDestination)?,
        expect_kind(pair.session.commit().await, ErrorKind::IllegalState)?,
        expect_kind(elsewhere, ErrorKind::UnsupportedOperation)?,
        expect_kind(anonymous.send(Message::empty()).await, ErrorKind::UnsupportedOperation)?,
    ];
    pair.connection.close().await?;
    errors.push(expect_kind(pair.connection.metadata(), ErrorKind::IllegalState)?);
    errors.push(expect_kind(
        pair.producer.send(Message::empty()).await,
        ErrorKind::IllegalState,
    )?);
    if let Some(factory) = context.harness().with_bad_credentials() {
        let error = expect_kind(factory.create_connection().await, ErrorKind::Security)?;
        ensure!(error.provider().is_some(), "the provider does not name itself");
        ensure_eq!(error.operation(), Some("connect"));
        errors.push(error);
    }
    Ok(errors)
}

/// Class and text can be read, and the causes have an end.
fn shape(error: &Error) -> Result<(), Failure> {
    let text = error.to_string();
    ensure!(!error.detail().is_empty(), "{text} says nothing");
    ensure!(
        text.contains(&error.kind().to_string()),
        "{text} does not tell its class"
    );
    ensure!(text.contains(error.detail()), "{text} leaves out its own text");
    let mut causes = 0;
    let mut source = error.source();
    while let Some(cause) = source {
        causes += 1;
        ensure!(causes < 100, "the causes of {text} have no end");
        ensure!(!cause.to_string().is_empty(), "a cause of {text} says nothing");
        source = cause.source();
    }
    Ok(())
}

/// An error that travels through the provider still links its cause.
async fn listener_failures_keep_their_cause(context: &Context) -> Result<(), Failure> {
    let pair = context.pair(AckMode::Auto).await?;
    let mut events = pair.connection.events()?;
    let fails_once = std::sync::atomic::AtomicBool::new(true);
    let listener = listen(move |_| {
        let fails = fails_once.swap(false, std::sync::atomic::Ordering::SeqCst);
        let outcome: Result<(), BoxError> = if fails { Err(Cause(8).into()) } else { Ok(()) };
        std::future::ready(outcome)
    });
    pair.consumer.set_listener(Some(listener)).await?;
    send_texts(&pair.producer, &["fails once"]).await?;
    let failed = async {
        loop {
            match events.next().await {
                Some(Event::ListenerFailed { destination, error }) => return Some((destination, error)),
                Some(_) => {}
                None => return None,
            }
        }
    };
    let failed = context.in_time("the event of a listener that fails", failed).await?;
    let (destination, error) = failed.ok_or_else(|| Failure::new("the events ended"))?;
    ensure_eq!(destination, pair.destination);
    ensure_eq!(cause_of(&error), Some(&Cause(8)));
    shape(&error)
}
