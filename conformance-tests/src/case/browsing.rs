//! Scanning queues.

use std::sync::Arc;

use anymq_api::{Browser, Destination, Received, Session};

use super::{Context, Failure, texts_of};

/// A scan that shows so many is taken for one that has no end.
const ENDLESS: usize = 10_000;

/// What is left of a scan, to its end, which must come in time.
pub(crate) async fn rest(context: &Context, browser: &Arc<dyn Browser>) -> Result<Vec<Received>, Failure> {
    let scan = async {
        let mut all = Vec::new();
        while let Some(received) = browser.next().await? {
            all.push(received);
            ensure!(all.len() < ENDLESS, "the scan has no end");
        }
        Ok(all)
    };
    context.in_time("the scan of a queue", scan).await?
}

/// All that a new browser shows; it is closed then.
pub(crate) async fn browse(
    context: &Context,
    session: &Arc<dyn Session>,
    queue: &dyn Destination,
    selector: Option<&str>,
) -> Result<Vec<Received>, Failure> {
    let browser = session.create_browser(queue, selector).await?;
    let all = rest(context, &browser).await?;
    browser.close().await?;
    Ok(all)
}

/// The texts of all that a new browser shows.
pub(crate) async fn shown(
    context: &Context,
    session: &Arc<dyn Session>,
    queue: &dyn Destination,
    selector: Option<&str>,
) -> Result<Vec<String>, Failure> {
    Ok(texts_of(&browse(context, session, queue, selector).await?))
}
