use std::sync::{Arc, Weak};

use super::{identity::Identity, mark::Mark};
use crate::{link::Link, session::Shared};

/// Shows that a session has messages of a durable subscription to settle, though the consumer is closed.
#[derive(Debug)]
pub(crate) struct Hold {
    /// Boxed, because it travels with the small commands of a session.
    inner: Option<Box<Inner>>,
}

#[derive(Debug)]
struct Inner {
    link: Arc<Link>,
    identity: Identity,
    session: Weak<Shared>,
    mark: Mark,
}

impl Hold {
    pub(super) fn new(link: &Arc<Link>, identity: &Identity, session: &Arc<Shared>, mark: Mark) -> Self {
        link.named.hold(identity, session);
        Self {
            inner: Some(Box::new(Inner {
                link: Arc::clone(link),
                identity: identity.clone(),
                session: Arc::downgrade(session),
                mark,
            })),
        }
    }

    /// Everything is settled.
    pub(crate) async fn release(mut self) {
        if let Some(inner) = self.inner.take() {
            inner.mark.remove().await;
            inner.link.named.release(&inner.identity, &inner.session);
        }
    }
}

impl Drop for Hold {
    /// The mark sees to itself.
    fn drop(&mut self) {
        if let Some(inner) = &self.inner {
            inner.link.named.release(&inner.identity, &inner.session);
        }
    }
}
