use std::{sync::Arc, time::Duration};

use anymq_api::{ErrorKind, Result, Retry};
use tokio::time::Instant;

use super::broker;
use crate::{error::error, link::Link};

const SHORTEST: Duration = Duration::from_millis(2);
const LONGEST: Duration = Duration::from_millis(50);

/// How long others may take to decide.
const PATIENCE: Duration = Duration::from_secs(10);

/// One client at a time, of all at the broker, decides about a subscription. It is an exclusive queue: the broker gives
/// it to one connection and deletes it with the connection.
///
/// Tasks of one connection are not kept apart by it.
pub(super) struct Lock {
    link: Arc<Link>,
    queue: Option<String>,
}

impl Lock {
    pub(super) async fn acquire(link: &Arc<Link>, queue: String) -> Result<Self> {
        let (end, mut pause) = (Instant::now() + PATIENCE, SHORTEST);
        while !broker::declare_own(link, &queue).await? {
            if Instant::now() >= end {
                let detail = "another client has been deciding about the subscription for too long";
                return Err(error(ErrorKind::Timeout, detail)
                    .with_retry(Retry::Safe)
                    .with_resource(queue));
            }
            tokio::time::sleep(pause).await;
            pause = LONGEST.min(pause * 2);
        }
        Ok(Self {
            link: Arc::clone(link),
            queue: Some(queue),
        })
    }

    pub(super) async fn release(mut self) {
        if let Some(queue) = self.queue.take() {
            // If it fails, the link is lost, and the lock with it.
            let _ = broker::delete(&self.link, &queue).await;
        }
    }
}

impl Drop for Lock {
    /// Only after a panic.
    fn drop(&mut self) {
        if let Some(queue) = self.queue.take() {
            self.link.orphan(queue);
        }
    }
}
