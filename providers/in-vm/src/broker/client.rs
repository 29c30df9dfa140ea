use std::{
    collections::{HashMap, HashSet},
    fmt,
    sync::Arc,
};

use anymq_api::{Address, Error, Result, spi::EventSink};
use parking_lot::Mutex;

use super::{Access, Broker, BrokerStats, Channel, User, topic::Origin, users};
use crate::error;

/// How a connection or session came to its end.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Ended {
    /// By its user.
    Closed,
    /// By the broker's end.
    Lost,
}

impl Ended {
    /// What later calls are answered.
    pub(super) fn refusal(self, what: &str) -> Error {
        match self {
            Self::Closed => Error::closed(what),
            Self::Lost => error::shut_down(),
        }
    }
}

/// A connection, as the broker sees it.
pub(crate) struct Client {
    broker: Arc<Broker>,
    id: u64,
    identifier: Option<String>,
    /// None where there are no users.
    user: Option<Arc<User>>,
    state: Mutex<State>,
}

struct State {
    ended: Option<Ended>,
    /// None once it has ended.
    events: Option<Arc<dyn EventSink>>,
    channels: HashMap<u64, Arc<Channel>>,
    next_channel: u64,
    temporaries: HashSet<Address>,
}

impl State {
    fn check_open(&self) -> Result<()> {
        self.ended.map_or(Ok(()), |how| Err(how.refusal("connection")))
    }
}

impl Client {
    pub(super) fn new(
        broker: Arc<Broker>,
        id: u64,
        client_id: Option<&str>,
        user: Option<Arc<User>>,
        events: Arc<dyn EventSink>,
    ) -> Arc<Self> {
        Arc::new(Self {
            broker,
            id,
            identifier: client_id.map(str::to_owned),
            user,
            state: Mutex::new(State {
                ended: None,
                events: Some(events),
                channels: HashMap::new(),
                next_channel: 0,
                temporaries: HashSet::new(),
            }),
        })
    }

    pub(crate) fn broker(&self) -> &Broker {
        &self.broker
    }

    /// Refuses what its user may not do.
    pub(crate) fn check_access(&self, address: &Address, wanted: Access) -> Result<()> {
        users::check(self.user.as_deref(), address, wanted)
    }

    pub(super) fn origin(&self) -> Origin<'_> {
        Origin {
            client: self.id,
            client_id: self.identifier.as_deref(),
        }
    }

    pub(crate) fn open_channel(this: &Arc<Self>, transacted: bool) -> Result<Arc<Channel>> {
        let mut state = this.state.lock();
        state.check_open()?;
        let id = state.next_channel;
        state.next_channel += 1;
        let channel = Arc::new(Channel::new(Arc::clone(this), id, transacted));
        state.channels.insert(id, Arc::clone(&channel));
        Ok(channel)
    }

    /// Takes a channel out when it has ended.
    pub(super) fn forget(&self, channel: u64) {
        self.state.lock().channels.remove(&channel);
    }

    pub(crate) fn create_temporary(&self, address: &Address) -> Result<()> {
        let mut state = self.state.lock();
        state.check_open()?;
        self.broker.create_temporary(address, self.id)?;
        state.temporaries.insert(address.clone());
        Ok(())
    }

    pub(crate) fn delete_temporary(&self, address: &Address) -> Result<()> {
        let mut state = self.state.lock();
        state.check_open()?;
        state.temporaries.remove(address);
        drop(state);
        self.broker.delete_temporary(address, None)
    }

    /// Ends it: its channels end, then its temporary destinations, then its hold on the client id. Gives the event
    /// sink back; doing it again does nothing.
    pub(crate) fn end(&self, how: Ended) -> Option<Arc<dyn EventSink>> {
        let mut state = self.state.lock();
        if state.ended.is_some() {
            return None;
        }
        state.ended = Some(how);
        let events = state.events.take();
        let channels = std::mem::take(&mut state.channels);
        let temporaries = std::mem::take(&mut state.temporaries);
        drop(state);
        for channel in channels.values() {
            channel.end(how);
        }
        for address in &temporaries {
            // Another client may have deleted it.
            let _unknown = self.broker.delete_temporary(address, Some(self.id));
        }
        self.broker.disconnect(self.id, self.identifier.as_deref());
        events
    }

    pub(super) fn count(&self, stats: &mut BrokerStats) {
        stats.connections += 1;
        let channels: Vec<_> = self.state.lock().channels.values().cloned().collect();
        for channel in channels {
            channel.count(stats);
        }
    }
}

impl fmt::Debug for Client {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Client")
            .field("broker", &self.broker.name)
            .field("identifier", &self.identifier)
            .finish_non_exhaustive()
    }
}
