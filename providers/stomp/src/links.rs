//! The links of one connection.

use std::sync::{Arc, Weak};

use anymq_api::{
    Error, Result,
    spi::{ConnectSpec, DriverEvent, EventSink},
};
use anymq_wire::Origin;
use parking_lot::Mutex;

use crate::{config::Config, link::Link};

/// They never come back.
const EPOCH: u32 = 0;

/// The links of one connection: when one is lost, all are. They lead to the same broker, and nobody is served by a
/// connection of which a part is gone.
pub(crate) struct Links {
    config: Config,
    spec: ConnectSpec,
    /// All are one client's.
    origin: Arc<Origin>,
    events: Arc<dyn EventSink>,
    state: Mutex<State>,
}

#[derive(Default)]
struct State {
    all: Vec<Weak<Link>>,
    /// Why there will be no more.
    end: Option<Error>,
}

impl Links {
    /// None yet.
    pub(crate) fn new(config: &Config, spec: ConnectSpec, events: Arc<dyn EventSink>) -> Arc<Self> {
        Arc::new(Self {
            config: config.clone(),
            origin: Arc::new(Origin::new(spec.client_id.as_deref())),
            spec,
            events,
            state: Mutex::default(),
        })
    }

    /// Another one. Dropping the future closes it.
    pub(crate) async fn open(self: &Arc<Self>) -> Result<Arc<Link>> {
        let events = Arc::clone(self) as Arc<dyn EventSink>;
        let opened = Link::open(&self.config, &self.spec, EPOCH, Arc::clone(&self.origin), events).await;
        let link = opened.map_err(|error| error.with_resource(self.config.resource()))?;
        let mut state = self.state.lock();
        let end = state.end.clone();
        if end.is_none() {
            state.all.retain(|other| other.strong_count() > 0);
            state.all.push(Arc::downgrade(&link));
        }
        drop(state);
        match end {
            None => Ok(link),
            Some(end) => {
                link.abandon();
                Err(end)
            }
        }
    }

    /// Ends all of them at once.
    pub(crate) fn abandon(&self) {
        self.end(&Error::closed("connection"), Link::abandon);
    }

    /// No more are opened, and this is done to those that there are. Whether it is the first end.
    fn end(&self, reason: &Error, each: impl Fn(&Link)) -> bool {
        let mut state = self.state.lock();
        let is_first = state.end.is_none();
        state.end.get_or_insert_with(|| reason.clone());
        let all = std::mem::take(&mut state.all);
        drop(state);
        for link in all.iter().filter_map(Weak::upgrade) {
            each(&link);
        }
        is_first
    }
}

impl EventSink for Links {
    /// Called by a link. The loss of one is told once, and is that of the others.
    fn event(&self, event: DriverEvent) {
        if let DriverEvent::LinkLost { error, .. } = &event
            && !self.end(error, |link| link.lose_with_others(error))
        {
            return;
        }
        self.events.event(event);
    }
}
