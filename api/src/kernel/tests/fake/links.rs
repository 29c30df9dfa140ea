//! Links that are lost and made again, and calls that are answered when the test says so.

use std::{collections::VecDeque, mem, sync::Arc, time::Duration};

use tokio::{sync::oneshot, time::Instant};

use super::Fake;
use crate::{
    Error, ErrorKind, Result, Retry,
    spi::{Done, DriverEvent, EventSink},
};

#[derive(Default)]
pub(super) struct Links {
    /// Where each reports to.
    events: Vec<Arc<dyn EventSink>>,
    refusals: VecDeque<(&'static str, Error)>,
    /// Calls that are answered later.
    holding: Vec<&'static str>,
    held: Vec<(&'static str, oneshot::Sender<Result<()>>)>,
    pub(super) subscriptions_abandoned: usize,
    calls: Vec<&'static str>,
}

impl Links {
    pub(super) fn made(&mut self, events: Arc<dyn EventSink>) {
        self.events.push(events);
    }

    /// How `call` ends, where a test has a say in it.
    pub(super) fn answer(&mut self, call: &'static str) -> Option<Done<()>> {
        self.calls.push(call);
        if let Some(index) = self.refusals.iter().position(|(refused, _)| *refused == call) {
            let refusal = self.refusals.remove(index);
            return refusal.map(|(_, error)| Done::ready(Err(error)));
        }
        if !self.holding.contains(&call) {
            return None;
        }
        let (sender, receiver) = oneshot::channel();
        self.held.push((call, sender));
        Some(Done::pending(
            async move { receiver.await.unwrap_or_else(|_| Err(lost())) },
        ))
    }
}

/// Of something that had not begun.
pub(in crate::kernel::tests) fn lost() -> Error {
    Error::new(ErrorKind::ConnectionLost, "cut").with_retry(Retry::Safe)
}

impl Fake {
    /// The latest link is gone.
    pub(in crate::kernel::tests) fn lose(&self) {
        self.report(DriverEvent::LinkLost {
            epoch: 0,
            error: lost(),
        });
    }

    /// From the latest link.
    pub(in crate::kernel::tests) fn report(&self, event: DriverEvent) {
        let events = self.0.lock().links.events.last().cloned();
        events.unwrap().event(event);
    }

    /// How many links there were.
    pub(in crate::kernel::tests) fn links(&self) -> usize {
        self.0.lock().links.events.len()
    }

    /// Waits until there were so many links, and all that follows from the last of them has happened.
    pub(in crate::kernel::tests) async fn linked(&self, links: usize) {
        let deadline = Instant::now() + Duration::from_secs(24 * 3600);
        while self.links() < links {
            assert!(Instant::now() < deadline, "only {} links", self.links());
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
        // With the clock paused, time goes on only when everybody waits.
        tokio::time::sleep(Duration::from_millis(1)).await;
    }

    /// The next `call` ends so.
    pub(in crate::kernel::tests) fn refuse(&self, call: &'static str, error: Error) {
        self.0.lock().links.refusals.push_back((call, error));
    }

    /// From now on `call` is answered only by [`let_go`](Self::let_go).
    pub(in crate::kernel::tests) fn hold(&self, call: &'static str) {
        self.0.lock().links.holding.push(call);
    }

    /// Answers what is held of `call`, and holds no more.
    pub(in crate::kernel::tests) fn let_go(&self, call: &'static str, outcome: &Result<()>) {
        let mut state = self.0.lock();
        state.links.holding.retain(|other| *other != call);
        let held = mem::take(&mut state.links.held);
        let (answered, left) = held.into_iter().partition(|(other, _)| *other == call);
        state.links.held = left;
        drop(state);
        let answered: Vec<(_, oneshot::Sender<_>)> = answered;
        for (_, sender) in answered {
            let _ = sender.send(outcome.clone());
        }
    }

    /// The sends that came since the last call.
    pub(in crate::kernel::tests) fn sends(&self) -> Vec<String> {
        mem::take(&mut self.0.lock().sent)
    }

    /// How often `call` was made.
    pub(in crate::kernel::tests) fn calls(&self, call: &'static str) -> usize {
        let calls = self.0.lock();
        calls.links.calls.iter().filter(|made| **made == call).count()
    }

    pub(in crate::kernel::tests) fn subscriptions_abandoned(&self) -> usize {
        self.0.lock().links.subscriptions_abandoned
    }
}
