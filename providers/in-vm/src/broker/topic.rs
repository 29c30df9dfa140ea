use std::sync::Arc;

use anymq_api::Envelope;
use parking_lot::{Mutex, MutexGuard};

use super::{discarded::Discarded, queue::Queue};

/// A topic: what is sent to it goes to the queue of every subscription, in the same order. Durable and shared
/// subscriptions will be named queues bound here.
#[derive(Default)]
pub(super) struct Topic {
    state: Mutex<State>,
}

#[derive(Default)]
struct State {
    bindings: Vec<Arc<Queue>>,
    /// Out of use, as a queue can be.
    retired: bool,
}

impl Topic {
    /// Locks it for sending; `None` when it is retired.
    pub(super) fn inlet(&self) -> Option<TopicInlet<'_>> {
        let state = self.state.lock();
        (!state.retired).then_some(TopicInlet(state))
    }

    /// Sends one message; gives it back when the topic is retired.
    pub(super) fn put(&self, envelope: Arc<Envelope>) -> Result<(), Arc<Envelope>> {
        match self.inlet() {
            Some(mut inlet) => inlet.put(envelope),
            None => return Err(envelope),
        }
        Ok(())
    }

    /// Adds a subscription's queue; `false` when the topic is retired.
    pub(super) fn bind(&self, queue: &Arc<Queue>) -> bool {
        let mut state = self.state.lock();
        if !state.retired {
            state.bindings.push(Arc::clone(queue));
        }
        !state.retired
    }

    pub(super) fn unbind(&self, queue: &Arc<Queue>) {
        self.state.lock().bindings.retain(|bound| !Arc::ptr_eq(bound, queue));
    }

    /// Takes it out of use if it has no subscriptions.
    pub(super) fn retire_if_idle(&self) -> bool {
        let mut state = self.state.lock();
        state.retired |= state.bindings.is_empty();
        state.retired
    }

    /// Takes it out of use, with every subscription.
    pub(super) fn end(&self, discarded: &mut Discarded) {
        let mut state = self.state.lock();
        state.retired = true;
        for queue in state.bindings.drain(..) {
            queue.end(discarded);
        }
    }

    pub(super) fn subscriptions(&self) -> Vec<Arc<Queue>> {
        self.state.lock().bindings.clone()
    }
}

/// A topic that is locked for sending.
pub(super) struct TopicInlet<'a>(MutexGuard<'a, State>);

impl TopicInlet<'_> {
    /// Every subscription gets the same envelope.
    pub(super) fn put(&mut self, envelope: Arc<Envelope>) {
        let Some((last, others)) = self.0.bindings.split_last() else {
            return;
        };
        for queue in others {
            put_into(queue, Arc::clone(&envelope));
        }
        put_into(last, envelope);
    }
}

fn put_into(queue: &Queue, envelope: Arc<Envelope>) {
    if let Some(mut inlet) = queue.inlet() {
        inlet.put(envelope);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_retired_topic_takes_nothing() {
        let topic = Topic::default();
        let queue = Arc::default();
        assert!(topic.bind(&queue));
        assert!(!topic.retire_if_idle());
        topic.unbind(&queue);
        assert!(topic.retire_if_idle());
        assert!(topic.inlet().is_none());
        assert!(!topic.bind(&queue));
        assert!(topic.subscriptions().is_empty());
    }
}
