use std::sync::{
    Arc,
    atomic::{AtomicUsize, Ordering},
};

use tokio::sync::Notify;

/// Enough to keep the broker busy; a bound for what a lost link leaves in doubt.
const LIMIT: usize = 1000;

/// Back-pressure: counts the sends of a session that are submitted and not done.
#[derive(Debug, Default)]
pub struct Gate {
    inside: AtomicUsize,
    left: Notify,
}

/// One send; gone with it.
#[derive(Debug)]
pub struct Pass(Arc<Gate>);

impl Gate {
    /// Whether another send may be submitted.
    pub fn has_room(&self) -> bool {
        self.inside.load(Ordering::Acquire) < LIMIT
    }

    /// Counts a send, as long as the pass lives.
    pub fn enter(self: &Arc<Self>) -> Pass {
        self.inside.fetch_add(1, Ordering::AcqRel);
        Pass(Arc::clone(self))
    }

    /// Waits until there is room.
    ///
    /// # Cancel safety
    /// Nothing is taken by it.
    pub async fn room(&self) {
        loop {
            let mut left = std::pin::pin!(self.left.notified());
            left.as_mut().enable();
            if self.has_room() {
                return;
            }
            left.await;
        }
    }
}

impl Drop for Pass {
    fn drop(&mut self) {
        if self.0.inside.fetch_sub(1, Ordering::AcqRel) == LIMIT {
            self.0.left.notify_waiters();
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn it_lets_no_more_in_than_its_limit() {
        let gate = Arc::new(Gate::default());
        let mut passes: Vec<_> = (0..LIMIT).map(|_| gate.enter()).collect();
        assert!(!gate.has_room());
        let waiter = tokio::spawn({
            let gate = Arc::clone(&gate);
            async move { gate.room().await }
        });
        tokio::task::yield_now().await;
        assert!(!waiter.is_finished());
        passes.pop();
        waiter.await.unwrap();
        assert!(gate.has_room());
    }
}
