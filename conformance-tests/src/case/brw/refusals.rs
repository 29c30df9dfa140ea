//! BRW: what has no browser, and browsers that are closed.

use std::sync::Arc;

use anymq_api::{AckMode, Browser, Capability, Destination, ErrorKind};

use crate::case::{Context, Failure, Passed, Verdict, expect_kind, flow::numbered, setup::send_texts, text_of};

pub(super) async fn invalid_and_closed(context: &Context) -> Verdict {
    let refused = invalid(context).await?;
    for what in [Closed::Browser, Closed::Session, Closed::Connection] {
        closed(context, what).await?;
    }
    Ok(Passed::With(format!("refused: {}", refused.join(", "))))
}

async fn invalid(context: &Context) -> Result<Vec<&'static str>, Failure> {
    let session = context.started().await?.create_session(AckMode::Auto).await?;
    let mut tried = Vec::new();
    let mut refused: Vec<(&str, Arc<dyn Destination>)> = Vec::new();
    if context.supports(Capability::Topics) {
        refused.push(("topic", Arc::new(context.topic())));
    }
    if context.supports(Capability::TemporaryDestinations) {
        let deleted = session.create_temporary_queue().await?;
        deleted.delete().await?;
        refused.push(("deleted", Arc::new(deleted)));
        if context.supports(Capability::Topics) {
            refused.push(("temporary topic", Arc::new(session.create_temporary_topic().await?)));
        }
    }
    for (what, destination) in &refused {
        let made = session.create_browser(&**destination, None).await;
        expect_kind(made, ErrorKind::InvalidDestination)
            .map_err(|failure| Failure::new(format!("{what}: {failure}")))?;
        tried.push(*what);
    }
    Ok(tried)
}

/// By what a browser is closed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Closed {
    Browser,
    Session,
    Connection,
}

/// A browser that is closed in the midst of its scan, and an unused one, say so, and can be closed again.
async fn closed(context: &Context, what: Closed) -> Result<(), Failure> {
    let connection = context.started().await?;
    let session = connection.create_session(AckMode::Auto).await?;
    let queue = context.destination();
    let producer = session.create_producer(&queue).await?;
    send_texts(&producer, &numbered("", 5)).await?;
    let unused = session.create_browser(&queue, None).await?;
    let begun = session.create_browser(&queue, None).await?;
    let first = context.in_time("a scan", begun.next()).await??;
    ensure_eq!(first.as_ref().map(text_of).as_deref(), Some("000"));
    match what {
        Closed::Browser => {
            unused.close().await?;
            begun.close().await?;
        }
        Closed::Session => session.close().await?,
        Closed::Connection => connection.close().await?,
    }
    for browser in [&unused, &begun] {
        is_closed(context, browser, what).await?;
        for _ in 0..2 {
            context.in_time("closing again", browser.close()).await??;
        }
        is_closed(context, browser, what).await?;
    }
    if what == Closed::Browser {
        // The others of the session are none the worse for it.
        let next = session.create_browser(&queue, None).await?;
        let first = context.in_time("a scan", next.next()).await??;
        ensure_eq!(first.as_ref().map(text_of).as_deref(), Some("000"));
        return Ok(());
    }
    expect_kind(session.create_browser(&queue, None).await, ErrorKind::IllegalState)?;
    Ok(())
}

async fn is_closed(context: &Context, browser: &Arc<dyn Browser>, what: Closed) -> Result<(), Failure> {
    let state = ErrorKind::IllegalState;
    let next = context.in_time("a closed browser", browser.next()).await?;
    let refusals = [
        expect_kind(browser.destination(), state),
        expect_kind(browser.selector(), state),
        expect_kind(next, state),
    ];
    for refusal in refusals {
        refusal.map_err(|failure| Failure::new(format!("{what:?} closed: {failure}")))?;
    }
    Ok(())
}
