//! How a link ends in good order.

use std::{
    sync::{Arc, atomic::Ordering},
    time::Duration,
};

use anymq_api::{ErrorKind, Result};
use futures_util::FutureExt as _;

use super::{Link, chores::Chore};
use crate::error::{classify, error};

/// How long an abandoned link is left to its sessions.
pub(super) const GRACE: Duration = Duration::from_secs(1);

/// A session with something to do.
pub(crate) struct Working(Arc<Link>);

impl Working {
    pub(crate) fn new(link: &Arc<Link>) -> Self {
        link.working.send_modify(|sessions| *sessions += 1);
        Self(Arc::clone(link))
    }
}

impl Drop for Working {
    fn drop(&mut self) {
        self.0.working.send_modify(|sessions| *sessions -= 1);
    }
}

impl Link {
    pub(crate) async fn close(&self, deadline: Duration) -> Result<()> {
        self.closing.store(true, Ordering::Release);
        if !self.is_up() {
            return Ok(());
        }
        let closing = self.connection.close(200, "OK".into());
        let closed = tokio::time::timeout(deadline, closing).await;
        self.over.send_replace(true);
        match closed {
            Ok(Err(error)) if self.is_up() => Err(classify(error)),
            Ok(_) => Ok(()),
            Err(_) => {
                self.lifeline.cut();
                Err(error(ErrorKind::Timeout, "the broker did not answer the close"))
            }
        }
    }

    /// Sees to it that the link is closed once its sessions have sent what was submitted, and leaves it at that.
    pub(crate) fn abandon(&self) {
        self.closing.store(true, Ordering::Release);
        let busy = *self.working.borrow() > 0 && !self.is_blocked();
        if !busy {
            self.close_at_once();
        }
        if self.chores.send(Chore::Close).is_err() {
            self.close_at_once();
        }
        self.blocked.send_replace(false);
    }

    fn close_at_once(&self) {
        if self.is_up() {
            // The first poll hands it to the client library's own task.
            let _ = self.connection.close(200, "OK".into()).now_or_never();
        }
        self.over.send_replace(true);
    }

    pub(super) async fn close_when_idle(&self) {
        let mut working = self.working.subscribe();
        let _ = tokio::time::timeout(GRACE, working.wait_for(|sessions| *sessions == 0)).await;
        self.close_at_once();
    }
}
