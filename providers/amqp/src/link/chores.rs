//! What nobody is left to wait for.

use std::sync::{Arc, Weak, atomic::Ordering};

use anymq_api::{ErrorKind, Retry};
use futures_util::{FutureExt as _, future::BoxFuture};
use lapin::Channel;
use tokio::sync::mpsc;

use super::{Link, ending::GRACE};
use crate::{
    error::error,
    topology::Topology,
    transport::{CutOnDrop, Lifeline},
};

/// What a link does by itself.
pub(super) enum Chore {
    /// Deletes a queue.
    Delete(String),
    /// Something else, beside the others.
    Do(BoxFuture<'static, ()>),
    /// Closes a channel; what it was delivered goes back.
    Retire(Channel),
    /// Closes the link, after the work of its sessions.
    Close,
}

impl Link {
    /// Deletes a queue as soon as possible; may be called outside a runtime.
    pub(crate) fn orphan(&self, queue: String) {
        // Without the task the link is gone, and exclusive queues with it.
        let _ = self.chores.send(Chore::Delete(queue));
    }

    /// Does something as soon as possible that nobody waits for; may be called outside a runtime.
    pub(crate) fn later(&self, work: impl Future<Output = ()> + Send + 'static) {
        // Without the task the link is gone.
        let _ = self.chores.send(Chore::Do(work.boxed()));
    }

    /// Closes a channel as soon as possible; may be called outside a runtime.
    pub(crate) fn retire(&self, channel: Channel) {
        // Without the task the link is gone, and its channels with it.
        let _ = self.chores.send(Chore::Retire(channel));
    }
}

/// Sees to the end of a link, however it comes.
pub(super) struct Watchman {
    link: Weak<Link>,
    _cut: CutOnDrop,
}

impl Watchman {
    pub(super) fn new(link: &Arc<Link>, lifeline: &Lifeline) -> Self {
        Self {
            link: Arc::downgrade(link),
            _cut: CutOnDrop::new(lifeline),
        }
    }
}

impl Drop for Watchman {
    fn drop(&mut self) {
        let link = self.link.upgrade();
        if let Some(link) = link.filter(|link| !link.closing.load(Ordering::Acquire)) {
            let detail = "the runtime in which the connection was made has ended";
            link.lose(error(ErrorKind::ConnectionLost, detail).with_retry(Retry::Safe));
        }
    }
}

/// Ends with the link.
pub(super) async fn work(watchman: Watchman, mut chores: mpsc::UnboundedReceiver<Chore>, lifeline: Lifeline) {
    while let Some(chore) = chores.recv().await {
        let Some(link) = watchman.link.upgrade() else { break };
        match chore {
            Chore::Delete(queue) if link.is_up() => {
                // A failure means that it is gone, or will go with the connection.
                let _ = Topology::delete_queue(&link, queue).await;
            }
            Chore::Do(work) => drop(tokio::spawn(work)),
            Chore::Retire(channel) if channel.status().connected() => {
                // A failure means that it is gone.
                let _ = channel.close(200, "OK".into()).await;
            }
            Chore::Delete(_) | Chore::Retire(_) => {}
            Chore::Close => {
                link.close_when_idle().await;
                break;
            }
        }
    }
    drop(chores);
    // A frozen broker would keep the socket, and the client library's thread with it.
    lifeline.gone(GRACE).await;
}
