//! The broker: destinations, what waits in them, and who is connected.
//!
//! Locks are taken in this order, and any may be left out: client, channel, subscriptions, destinations, topic, queue,
//! timer or keeper. A client's is never held while a channel's is taken. Only a send of a broker with a store holds
//! several queues ([`keeping`]). Sinks are pushed to under the queue's lock, so the order of the queue is the order of the
//! pushes. What was queued is dropped after the locks, and so are sinks ([`Discarded`]): that may run foreign code.

mod accepted;
mod backlog;
mod bounds;
mod broker_limit;
mod capacity;
mod channel;
mod client;
mod clients;
mod consumer;
mod consumers;
mod crowd;
mod dead_letters;
mod delayed;
mod destination_stats;
mod destinations;
mod discarded;
mod entry;
mod groups;
mod handle;
mod holding;
mod keeper;
mod keeping;
mod label;
mod lane;
mod options;
mod outlet;
mod queue;
pub(crate) mod registry;
mod restoring;
mod ring;
mod routes;
mod services;
mod shortcut;
mod stats;
mod subscribing;
mod subscriptions;
mod throttle;
mod timer;
mod topic;
mod total;
mod users;

pub(crate) use channel::Channel;
pub(crate) use client::{Client, Ended};
use consumers::ConsumerKey;
pub(crate) use outlet::Outlet;
pub(crate) use queue::{Queue, Scan};

pub use broker_limit::BrokerLimit;
pub use crowd::{Overflow, QueueLimit};
pub use destination_stats::{DestinationStats, SubscriptionStats};
pub use handle::{InVmBroker, InVmBrokerBuilder};
pub use stats::BrokerStats;
pub use users::{Access, User};

use std::{fmt, sync::Arc};

use anymq_api::{
    Address, Credentials, Limits, Result, SystemClock,
    spi::{DriverEvent, EventSink, Unsettled},
};
use parking_lot::{Mutex, RwLock};

use crate::{capability, error};
use capacity::Capacity;
use clients::Clients;
use consumer::EPOCH;
use destinations::{Destinations, Target};
use discarded::Discarded;
use options::BrokerOptions;
use restoring::Opened;
use services::Services;
use subscriptions::Subscriptions;
use topic::Topic;
use users::Users;

/// One broker; shared by its registry entry, handles, drivers and connections.
pub(crate) struct Broker {
    name: Option<String>,
    destinations: RwLock<Destinations>,
    clients: Mutex<Clients>,
    subscriptions: Mutex<Subscriptions>,
    services: Arc<Services>,
    /// Where rejected messages go.
    dead_letters: Address,
    users: Users,
    limits: Limits,
}

impl Broker {
    pub(crate) fn new(mut options: BrokerOptions) -> Arc<Self> {
        let opened = options.store.take();
        let by_itself = options.clock.is_none();
        let clock = options.clock.unwrap_or_else(|| Arc::new(SystemClock));
        let services = Services::new(
            clock,
            by_itself,
            Capacity::of(options.queue_limit, options.limit),
            opened.as_ref().map(Opened::keeper),
        );
        let broker = Arc::new(Self {
            name: options.name,
            destinations: RwLock::new(Destinations::new(&services)),
            clients: Mutex::default(),
            subscriptions: Mutex::default(),
            services,
            dead_letters: options.dead_letters,
            users: options.users,
            limits: capability::limits(options.max_message_size),
        });
        broker.services.serve(&broker);
        if let Some(opened) = opened {
            broker.restore(opened);
        }
        broker
    }

    pub(crate) fn is_running(&self) -> bool {
        self.clients.lock().are_admitted()
    }

    pub(crate) fn connect(
        self: &Arc<Self>,
        client_id: Option<&str>,
        credentials: Option<&Credentials>,
        events: &Arc<dyn EventSink>,
    ) -> Result<Arc<Client>> {
        let user = self.users.log_in(credentials)?;
        let mut clients = self.clients.lock();
        let id = clients.admit(client_id)?;
        let client = Client::new(Arc::clone(self), id, client_id, user, Arc::clone(events));
        clients.add(id, &client);
        Ok(client)
    }

    /// Takes a client out when it has ended; its client id is free again.
    fn disconnect(&self, id: u64, client_id: Option<&str>) {
        self.clients.lock().remove(id, client_id);
    }

    /// Where a message to `address` goes; `None` when nobody would get it.
    fn find_for_sending(&self, address: &Address) -> Result<Option<Target>> {
        if let Some(target) = self.destinations.read().find(address)? {
            return Ok(Some(target));
        }
        if address.kind().is_topic() {
            return Ok(None);
        }
        self.destinations.write().find_or_create(address).map(Some)
    }

    pub(crate) fn limits(&self) -> Limits {
        self.limits
    }

    /// None where nothing is limited.
    fn capacity(&self) -> Option<&Capacity> {
        self.services.capacity.as_ref()
    }

    /// What stands behind an address, if anything does.
    fn find_target(&self, address: &Address) -> Option<Target> {
        self.destinations.read().find(address).ok().flatten()
    }

    /// Refuses a temporary destination that does not exist; anything else can be sent to.
    fn check_reachable(&self, address: &Address) -> Result<()> {
        if address.kind().is_temporary() {
            self.destinations.read().find(address)?;
        }
        Ok(())
    }

    /// Removes a destination that holds nothing and has nobody; a temporary one stays until it is deleted.
    fn reap(&self, address: &Address) {
        if !address.kind().is_temporary() {
            self.destinations.write().remove_idle(address);
        }
    }

    fn create_temporary(&self, address: &Address, owner: u64) -> Result<()> {
        if !address.kind().is_temporary() {
            return Err(error::not_temporary(address));
        }
        self.destinations.write().create_temporary(address, owner)
    }

    /// Deletes a temporary destination, its messages and, should there be any, its subscriptions; with `owner`, only
    /// that client's.
    fn delete_temporary(&self, address: &Address, owner: Option<u64>) -> Result<()> {
        let mut discarded = Discarded::default();
        let target = self.destinations.write().remove_temporary(address, owner);
        target
            .ok_or_else(|| error::unknown_temporary(address))?
            .end(&mut discarded);
        self.subscriptions.lock().forget(address);
        for sink in discarded.sinks() {
            sink.ended(error::unknown_temporary(address), Unsettled::Kept);
        }
        Ok(())
    }

    /// Does what is due, when the clock is not the system's.
    fn run_due(&self) {
        self.services.timer.run_due();
    }

    /// Ends it for good: every connection loses its link, every message is gone, but for what a store keeps.
    fn shut_down(self: &Arc<Self>) {
        registry::remove(self);
        let clients = self.clients.lock().dismiss();
        let mut discarded = Discarded::default();
        self.services.timer.stop();
        let targets = self.destinations.write().close();
        for target in targets {
            target.end(&mut discarded);
        }
        for client in clients {
            if let Some(events) = client.end(Ended::Lost) {
                events.event(DriverEvent::LinkLost {
                    epoch: EPOCH,
                    error: error::shut_down(),
                });
            }
        }
        // Not before: who subscribes meanwhile must not find that a durable subscription is new.
        *self.subscriptions.lock() = Subscriptions::default();
        self.close_store();
    }

    fn close_store(&self) {
        if let Some(keeper) = self.keeper() {
            keeper.close();
        }
    }

    /// Of all queues and subscriptions, or of those at one address, sorted by address and name.
    fn destination_stats(&self, address: Option<&Address>) -> Vec<DestinationStats> {
        let targets = match address {
            Some(address) => self.find_target(address).into_iter().collect(),
            None => self.destinations.read().all(),
        };
        let mut all: Vec<_> = targets.iter().flat_map(destinations::figures).collect();
        let place = |it: &DestinationStats| (it.address.kind(), it.address.name().to_owned(), it.subscription.clone());
        all.sort_by_cached_key(place);
        all
    }

    fn stats(&self) -> BrokerStats {
        let mut stats = BrokerStats::default();
        self.destinations.read().count(&mut stats);
        stats.durable_subscriptions = self.subscriptions.lock().durable();
        if let Some(capacity) = self.capacity() {
            stats.full = capacity.full().is_some();
            stats.refused = capacity.refused();
        }
        let clients = self.clients.lock().all();
        for client in clients {
            client.count(&mut stats);
        }
        stats
    }
}

impl Drop for Broker {
    fn drop(&mut self) {
        self.services.timer.stop();
        // Nobody is connected any more.
        self.close_store();
    }
}

impl fmt::Debug for Broker {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Broker")
            .field("name", &self.name)
            .finish_non_exhaustive()
    }
}
