//! What a broker keeps for a durable subscription: its session.

use std::{
    sync::{Arc, Weak},
    time::Duration,
};

use anymq_api::{Error, ErrorKind, Result};

use crate::{
    error::error,
    link::{Link, NOTHING, Recipient},
    links::{Keeping, Links},
    wire::{Failure, Publish, QoS, Request, Version},
};

/// Few requests are made of it.
const IN_FLIGHT: u16 = 1;

/// Deletes it, and says whether there was one; where the broker does not tell, there may have been.
pub(crate) async fn delete(links: &Links, name: &str) -> Result<bool> {
    let was_there = open_and_close(links, Keeping::ToEnd(name)).await?;
    if links.version() == Version::V5 {
        return Ok(was_there);
    }
    let is_told = was_there || {
        // Now there is one in any case.
        keep_something(links, name).await?;
        open_and_close(links, Keeping::ToEnd(name)).await?
    };
    open_and_close(links, Keeping::Anew(name)).await?;
    Ok(was_there || !is_told)
}

/// Whether the broker tells of one that it has: ActiveMQ does not. To be asked while this one is there.
pub(crate) async fn is_told(links: &Links, name: &str) -> bool {
    links.version() == Version::V5 || matches!(open_and_close(links, Keeping::ToEnd(name)).await, Ok(true))
}

/// RabbitMQ has a session only where there is a subscription, be it to nothing.
async fn keep_something(links: &Links, name: &str) -> Result<()> {
    let link = open(links, Keeping::ToEnd(name)).await?;
    let (filter, qos) = (NOTHING.to_owned(), QoS::AtLeastOnce);
    let asking = link.ask(Request::Subscribe { filter, qos });
    // Where it may not, nothing is kept, and nothing told.
    let _ = tokio::time::timeout(links.opening_limit(), asking).await;
    link.begin_close();
    link.closed(Duration::MAX).await;
    Ok(())
}

async fn open(links: &Links, keeping: Keeping<'_>) -> Result<Arc<Link>> {
    let opening = tokio::time::timeout(links.opening_limit(), links.open(keeping, 1, IN_FLIGHT));
    let late = |_| Err(error(ErrorKind::Timeout, "the broker does not answer"));
    let opened = opening.await.unwrap_or_else(late)?;
    let link = Arc::clone(opened.link());
    opened.run(Weak::<Nobody>::new());
    links.enter(&link)?;
    Ok(link)
}

/// Whether the session was there.
async fn open_and_close(links: &Links, keeping: Keeping<'_>) -> Result<bool> {
    let link = open(links, keeping).await?;
    link.begin_close();
    link.closed(Duration::MAX).await;
    Ok(link.greeting().session_present)
}

/// What is about to be deleted goes to nobody.
struct Nobody;

impl Recipient for Nobody {
    fn message(&self, _message: Publish) {}

    fn keeps_up(&self) -> bool {
        false
    }

    fn lost(&self, _failure: &Failure) {}
}

/// Nothing is known of a subscription by this name.
pub(crate) fn unknown(name: &str) -> Error {
    error(ErrorKind::InvalidDestination, "there is no such durable subscription").with_resource(name)
}
