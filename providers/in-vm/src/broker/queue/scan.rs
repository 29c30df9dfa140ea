use std::sync::Weak;

use anymq_api::{Envelope, Selector};

use super::Queue;
use crate::broker::backlog::FIRST;

/// A scan of a queue: what waited when it began and still does when it comes to it, in the order of delivery.
#[derive(Debug)]
pub(crate) struct Scan {
    queue: Weak<Queue>,
    selector: Option<Selector>,
    /// Where to look next.
    place: (usize, u64),
    end: u64,
}

impl Scan {
    pub(super) fn new(queue: Weak<Queue>, selector: Option<Selector>, end: u64) -> Self {
        Self {
            queue,
            selector,
            place: FIRST,
            end,
        }
    }

    pub(crate) fn next(&mut self) -> Option<Envelope> {
        let queue = self.queue.upgrade()?;
        loop {
            let state = queue.state.lock();
            let (level, waiting) = state.backlog.look(self.place, self.end)?;
            self.place = (level, waiting.sequence + 1);
            let envelope = waiting.envelope.clone();
            drop(state);
            if self.shows(&envelope, &queue) {
                return Some(envelope);
            }
        }
    }

    fn shows(&self, envelope: &Envelope, queue: &Queue) -> bool {
        let expired = (envelope.headers().expiration).is_some_and(|at| at <= queue.services.timer.now());
        !expired && self.selector.as_ref().is_none_or(|selector| selector.matches(envelope))
    }
}
