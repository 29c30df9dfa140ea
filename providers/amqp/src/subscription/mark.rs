use std::sync::{
    Arc,
    atomic::{AtomicU64, Ordering},
};

use anymq_api::{ErrorKind, Result};

use super::broker;
use crate::{error::error, link::Link, name};

/// How often an exchange may vanish before it is bound.
const ATTEMPTS: usize = 10;

/// Shows all clients of the broker that this one uses a subscription: a binding of an exchange that is named after it, to
/// a queue of the connection. The broker takes it away with the connection, and the exchange with its last binding; no
/// message ever passes.
#[derive(Debug)]
pub(super) struct Mark {
    link: Arc<Link>,
    binding: Option<Binding>,
}

/// What a mark is at the broker. It stays until it is [taken away](Self::remove).
#[derive(Debug)]
pub(super) struct Binding {
    exchange: String,
    queue: String,
    key: String,
}

impl Mark {
    pub(super) async fn set(link: &Arc<Link>, exchange: String) -> Result<Self> {
        static NEXT: AtomicU64 = AtomicU64::new(0);
        let queue = link.named.queue(link).await?;
        // Each has a key of its own, so that one goes without the others.
        let key = NEXT.fetch_add(1, Ordering::Relaxed).to_string();
        for _ in 0..ATTEMPTS {
            if broker::bind_mark(link, &exchange, &queue, &key).await? {
                return Ok(Self {
                    link: Arc::clone(link),
                    binding: Some(Binding { exchange, queue, key }),
                });
            }
        }
        Err(error(ErrorKind::ResourceAllocation, "the exchange vanishes again and again").with_resource(exchange))
    }

    /// Whether anybody has set one.
    pub(super) async fn is_set(link: &Arc<Link>, exchange: &str) -> Result<bool> {
        broker::is_bound(link, exchange).await
    }

    /// From now on the caller sees to it.
    pub(super) fn into_binding(mut self) -> Option<Binding> {
        self.binding.take()
    }

    pub(super) async fn remove(mut self) {
        if let Some(binding) = self.binding.take() {
            binding.remove(Arc::clone(&self.link)).await;
        }
    }
}

impl Drop for Mark {
    fn drop(&mut self) {
        if let Some(binding) = self.binding.take() {
            self.link.later(binding.remove(Arc::clone(&self.link)));
        }
    }
}

impl Binding {
    pub(super) async fn remove(self, link: Arc<Link>) {
        if link.is_up() {
            // If it fails, the link is lost, and the mark with it.
            let _ = broker::unbind_mark(&link, &self.exchange, &self.queue, &self.key).await;
        }
    }
}

/// A queue to which marks are bound.
pub(super) async fn queue(link: &Arc<Link>) -> Result<String> {
    let queue = name::marks_queue();
    broker::declare_own(link, &queue).await?;
    Ok(queue)
}
