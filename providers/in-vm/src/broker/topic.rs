use std::sync::Arc;

use anymq_api::{Envelope, Selector};
use parking_lot::{Mutex, MutexGuard};

use super::{discarded::Discarded, queue::Queue};

/// A topic: what is sent to it goes to the queue of every subscription that wants it, in the same order.
#[derive(Default)]
pub(super) struct Topic {
    state: Mutex<State>,
}

#[derive(Default)]
struct State {
    bindings: Vec<Binding>,
    /// Out of use, as a queue can be.
    retired: bool,
}

/// Who sends.
#[derive(Clone, Copy, Debug)]
pub(super) struct Origin<'a> {
    pub(super) client: u64,
    pub(super) client_id: Option<&'a str>,
}

/// Whose messages a subscription leaves out. JMS: `noLocal`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Local {
    /// One connection's.
    Client(u64),
    /// Those of any connection with this client id: what a durable subscription means by it.
    ClientId(String),
}

impl Local {
    fn is(&self, origin: Origin<'_>) -> bool {
        match self {
            Self::Client(client) => *client == origin.client,
            Self::ClientId(id) => Some(id.as_str()) == origin.client_id,
        }
    }
}

/// A subscription, as its topic sees it.
#[derive(Clone, Debug)]
pub(super) struct Binding {
    pub(super) queue: Arc<Queue>,
    pub(super) selector: Option<Selector>,
    pub(super) no_local: Option<Local>,
}

impl Binding {
    fn put(&self, envelope: Envelope) {
        if let Some(mut inlet) = self.queue.inlet() {
            inlet.put(envelope);
        }
    }

    fn wants(&self, envelope: &Envelope, origin: Origin<'_>) -> bool {
        let local = self.no_local.as_ref().is_some_and(|local| local.is(origin));
        !local && self.selector.as_ref().is_none_or(|selector| selector.matches(envelope))
    }
}

impl Topic {
    /// Locks it for sending; `None` when it is retired.
    pub(super) fn inlet(&self) -> Option<TopicInlet<'_>> {
        let state = self.state.lock();
        (!state.retired).then_some(TopicInlet(state))
    }

    /// Sends one message; gives it back when the topic is retired.
    pub(super) fn put(&self, envelope: Envelope, origin: Origin<'_>) -> Result<(), Envelope> {
        match self.inlet() {
            Some(mut inlet) => inlet.put(envelope, origin),
            None => return Err(envelope),
        }
        Ok(())
    }

    /// The queues of the subscriptions that want a message; `None` when the topic is retired.
    pub(super) fn takers(&self, envelope: &Envelope, origin: Origin<'_>) -> Option<Vec<Arc<Queue>>> {
        let state = self.state.lock();
        let wanting = state.bindings.iter().filter(|bound| bound.wants(envelope, origin));
        (!state.retired).then(|| wanting.map(|bound| Arc::clone(&bound.queue)).collect())
    }

    /// Adds a subscription; `false` when the topic is retired.
    pub(super) fn bind(&self, binding: Binding) -> bool {
        let mut state = self.state.lock();
        if !state.retired {
            state.bindings.push(binding);
        }
        !state.retired
    }

    pub(super) fn unbind(&self, queue: &Arc<Queue>) {
        let mut state = self.state.lock();
        let place = state.bindings.iter().position(|bound| Arc::ptr_eq(&bound.queue, queue));
        let unbound = place.map(|place| state.bindings.remove(place));
        drop(state);
        drop(unbound);
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
        let bindings = std::mem::take(&mut state.bindings);
        for binding in &bindings {
            binding.queue.end(discarded);
        }
        drop(state);
    }

    pub(super) fn subscriptions(&self) -> Vec<Arc<Queue>> {
        let state = self.state.lock();
        state.bindings.iter().map(|bound| Arc::clone(&bound.queue)).collect()
    }
}

/// A topic that is locked for sending.
pub(super) struct TopicInlet<'a>(MutexGuard<'a, State>);

impl TopicInlet<'_> {
    /// Every subscription that wants it gets the same envelope.
    pub(super) fn put(&mut self, envelope: Envelope, origin: Origin<'_>) {
        let mut taker = None;
        for binding in &self.0.bindings {
            if binding.wants(&envelope, origin)
                && let Some(earlier) = taker.replace(binding)
            {
                earlier.put(envelope.clone());
            }
        }
        // The last one takes the envelope itself.
        if let Some(last) = taker {
            last.put(envelope);
        }
    }
}

#[cfg(test)]
mod tests {
    use anymq_api::{Address, DestinationKind, Headers, Message};

    use super::*;
    use crate::broker::{label::Label, services::Services};

    fn binding(selector: Option<&str>, no_local: Option<Local>) -> Binding {
        Binding {
            queue: Queue::new(&Services::for_tests(), Label::for_tests()),
            selector: selector.map(|text| Selector::parse(text).unwrap()),
            no_local,
        }
    }

    #[test]
    fn a_retired_topic_takes_nothing() {
        let topic = Topic::default();
        let binding = binding(None, None);
        assert!(topic.bind(binding.clone()));
        assert!(!topic.retire_if_idle());
        topic.unbind(&binding.queue);
        assert!(topic.retire_if_idle());
        assert!(topic.inlet().is_none());
        assert!(!topic.bind(binding));
        assert!(topic.subscriptions().is_empty());
    }

    #[test]
    fn each_subscription_gets_what_it_wants() {
        let topic = Topic::default();
        let all = binding(None, None);
        let red = binding(Some("color = 'red'"), None);
        let not_mine = binding(None, Some(Local::Client(7)));
        let not_till = binding(None, Some(Local::ClientId("till".to_owned())));
        for binding in [&all, &red, &not_mine, &not_till] {
            assert!(topic.bind(binding.clone()));
        }
        let address = Address::new(DestinationKind::Topic, "t").unwrap();
        for (color, client, client_id) in [("red", 7, None), ("blue", 8, Some("till"))] {
            let message = Message::empty().with_property("color", color).unwrap();
            let envelope = Envelope::new(Headers::new(address.clone()), message);
            topic.put(envelope, Origin { client, client_id }).unwrap();
        }
        let ready = [&all, &red, &not_mine, &not_till].map(|binding| binding.queue.ready());
        assert_eq!(ready, [2, 1, 1, 1]);
    }
}
