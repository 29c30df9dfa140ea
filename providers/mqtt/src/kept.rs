//! What a broker keeps for a durable subscription: its session.

use std::{
    sync::{Arc, Weak},
    time::Duration,
};

use anymq_api::{Error, ErrorKind, Result};

use crate::{
    error::error,
    link::{Link, Recipient},
    links::{Keeping, Links},
    wire::{Failure, Publish, Version},
};

/// Few requests are made of it.
const IN_FLIGHT: u16 = 1;

/// Deletes it, and says whether there was one; where the broker does not tell, there may have been.
pub(crate) async fn delete(links: &Links, name: &str) -> Result<bool> {
    let was_there = open_and_close(links, Keeping::ToEnd(name)).await?;
    if links.version() == Version::V5 {
        return Ok(was_there);
    }
    // Now there is one in any case.
    let is_told = was_there || open_and_close(links, Keeping::ToEnd(name)).await?;
    open_and_close(links, Keeping::Anew(name)).await?;
    Ok(was_there || !is_told)
}

/// Whether the broker tells of one that it has: ActiveMQ does not. To be asked while this one is there.
pub(crate) async fn is_told(links: &Links, name: &str) -> bool {
    links.version() == Version::V5 || matches!(open_and_close(links, Keeping::ToEnd(name)).await, Ok(true))
}

/// Whether the session was there.
async fn open_and_close(links: &Links, keeping: Keeping<'_>) -> Result<bool> {
    let opened = links.open(keeping, 1, IN_FLIGHT).await?;
    let link: Arc<Link> = Arc::clone(opened.link());
    opened.run(Weak::<Nobody>::new());
    links.enter(&link)?;
    link.begin_close();
    link.closed(Duration::MAX).await;
    Ok(link.greeting().session_present)
}

/// What is about to be deleted goes to nobody.
struct Nobody;

impl Recipient for Nobody {
    fn message(&self, _message: Publish) {}

    fn lost(&self, _failure: &Failure) {}
}

/// Nothing is known of a subscription by this name.
pub(crate) fn unknown(name: &str) -> Error {
    error(ErrorKind::InvalidDestination, "there is no such durable subscription").with_resource(name)
}
