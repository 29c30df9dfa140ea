//! What the named subscriptions of one connection have in common.

use std::{
    sync::{Arc, Weak},
    time::Duration,
};

use anymq_api::Result;
use parking_lot::Mutex;
use tokio::sync::{Notify, OnceCell};

use super::{Feed, identity::Identity, mark};
use crate::{link::Link, session::Shared};

/// How long the end of a consumer is waited for that was dropped.
const PATIENCE: Duration = Duration::from_secs(5);

#[derive(Default)]
pub(crate) struct Named {
    /// Held while something is decided, which the broker keeps apart for other connections.
    pub(super) turn: tokio::sync::Mutex<()>,
    /// Where marks are bound.
    queue: OnceCell<String>,
    members: Mutex<Vec<(Identity, Weak<Feed>)>>,
    /// Somebody left.
    left: Notify,
    holders: Mutex<Vec<(Identity, Weak<Shared>)>>,
}

impl Named {
    pub(super) async fn queue(&self, link: &Arc<Link>) -> Result<String> {
        self.queue.get_or_try_init(|| mark::queue(link)).await.cloned()
    }

    pub(super) fn enter(&self, identity: &Identity, feed: &Arc<Feed>) {
        let member = (identity.clone(), Arc::downgrade(feed));
        self.members.lock().push(member);
    }

    pub(super) fn leave(&self, feed: &Weak<Feed>) {
        self.members.lock().retain(|(_, member)| !Weak::ptr_eq(member, feed));
        self.left.notify_waiters();
    }

    /// Waits for consumers that are about to leave: dropped ones do so in their own time.
    pub(super) async fn departures(&self, identity: &Identity) {
        let gone = async {
            loop {
                let mut left = std::pin::pin!(self.left.notified());
                left.as_mut().enable();
                if !self.is_leaving(identity) {
                    return;
                }
                left.await;
            }
        };
        // In vain, should the link be lost: then whatever follows fails.
        let _ = tokio::time::timeout(PATIENCE, gone).await;
    }

    fn is_leaving(&self, identity: &Identity) -> bool {
        let members = self.members.lock();
        let mut own = members.iter().filter(|(member, _)| member == identity);
        own.any(|(_, feed)| feed.upgrade().is_none_or(|feed| feed.is_abandoned()))
    }

    pub(super) fn hold(&self, identity: &Identity, session: &Arc<Shared>) {
        let mut holders = self.holders.lock();
        holders.retain(|(_, holder)| holder.strong_count() > 0);
        holders.push((identity.clone(), Arc::downgrade(session)));
    }

    pub(super) fn release(&self, identity: &Identity, session: &Weak<Shared>) {
        let mut holders = self.holders.lock();
        let place = holders
            .iter()
            .position(|(held, holder)| held == identity && Weak::ptr_eq(holder, session));
        if let Some(place) = place {
            holders.swap_remove(place);
        }
    }

    /// Waits until what this connection's sessions have settled so far is settled at the broker, too.
    pub(super) async fn settlements(&self, identity: &Identity) {
        let holders: Vec<_> = {
            let all = self.holders.lock();
            let own = all.iter().filter(|(held, _)| held == identity);
            own.filter_map(|(_, holder)| holder.upgrade()).collect()
        };
        for session in holders {
            session.settled().await;
        }
    }
}
