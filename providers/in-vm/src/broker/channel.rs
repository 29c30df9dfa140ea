mod kept;
mod limited;
mod transaction;

use std::{fmt, sync::Arc};

use anymq_api::{
    Envelope, Result,
    spi::{DeliverySink, Done, Outcome, Settlement, SubscribeSpec, SubscriptionId},
};
use parking_lot::Mutex;

use super::{
    Access, Broker, BrokerStats, Client, Ended, Outlet, consumer::EPOCH, discarded::Discarded, holding::Holding,
    routes::Routes, shortcut::Shortcut, throttle::Throttle, topic::Origin,
};
use crate::error;

/// A session, as the broker sees it. Each call is done when it returns.
pub(crate) struct Channel {
    client: Arc<Client>,
    id: u64,
    state: Mutex<State>,
    shortcut: Shortcut,
    throttle: Throttle,
}

struct State {
    ended: Option<Ended>,
    routes: Routes,
    /// Sorted by subscription.
    holdings: Vec<Holding>,
    /// The sends of the open transaction; none in a session without transactions.
    transaction: Option<Vec<Envelope>>,
}

impl Channel {
    pub(super) fn new(client: Arc<Client>, id: u64, transacted: bool) -> Self {
        let shortcut = Shortcut::default();
        if client.broker().keeper().is_some() {
            shortcut.block();
        }
        Self {
            client,
            id,
            shortcut,
            throttle: Throttle::default(),
            state: Mutex::new(State {
                ended: None,
                routes: Routes::default(),
                holdings: Vec::new(),
                transaction: transacted.then(Vec::new),
            }),
        }
    }

    fn broker(&self) -> &Broker {
        self.client.broker()
    }

    fn origin(&self) -> Origin<'_> {
        self.client.origin()
    }

    /// Ready when the queue that this session filled has room again.
    pub(crate) fn ready(&self) -> Done<()> {
        self.throttle.ready()
    }

    pub(crate) fn send(&self, envelope: Envelope) -> Result<()> {
        match self.broker().capacity() {
            None => self.send_unlimited(envelope),
            Some(capacity) => self.send_limited(envelope, capacity),
        }
    }

    fn send_unlimited(&self, envelope: Envelope) -> Result<()> {
        match self.shortcut.send(envelope, self.origin()) {
            Ok(_) => Ok(()),
            Err(envelope) => self.send_locked(envelope),
        }
    }

    #[inline(never)]
    fn send_locked(&self, envelope: Envelope) -> Result<()> {
        self.client
            .check_access(&envelope.headers().destination, Access::Write)?;
        let mut state = self.state.lock();
        state.check_open()?;
        if let Some(sends) = &mut state.transaction {
            self.broker().check_reachable(&envelope.headers().destination)?;
            sends.push(envelope);
            return Ok(());
        }
        if let Some(keeper) = self.broker().keeper() {
            return self
                .broker()
                .send_kept(keeper, vec![envelope], Vec::new(), self.origin());
        }
        if self.shortcut.has_route() {
            return state.routes.send(self.broker(), envelope, self.origin());
        }
        let address = envelope.headers().destination.clone();
        state.routes.send(self.broker(), envelope, self.origin())?;
        self.shortcut.set_route(&address, state.routes.known(&address));
        Ok(())
    }

    pub(crate) fn send_batch(&self, envelopes: Vec<Envelope>) -> Result<()> {
        if self.broker().capacity().is_some() {
            // Where one fails, the others are sent all the same.
            let mut outcome = Ok(());
            for envelope in envelopes {
                outcome = outcome.and(self.send(envelope));
            }
            return outcome;
        }
        for envelope in &envelopes {
            self.client
                .check_access(&envelope.headers().destination, Access::Write)?;
        }
        let mut state = self.state.lock();
        state.check_open()?;
        if let Some(sends) = &mut state.transaction {
            for envelope in &envelopes {
                self.broker().check_reachable(&envelope.headers().destination)?;
            }
            sends.extend(envelopes);
            return Ok(());
        }
        let origin = self.origin();
        match self.broker().keeper() {
            Some(keeper) => self.send_batch_kept(keeper, envelopes),
            None => state.routes.send_all(self.broker(), envelopes.into_iter(), origin),
        }
    }

    pub(crate) fn subscribe(&self, spec: &SubscribeSpec, sink: &Arc<dyn DeliverySink>) -> Result<Outlet> {
        let mut state = self.state.lock();
        state.check_open()?;
        self.client.check_access(&spec.destination, Access::Read)?;
        let Err(place) = state.search(spec.id) else {
            return Err(error::subscription_exists());
        };
        let holding = self.broker().attach(spec, sink, self.origin().client)?;
        let outlet = Outlet::new(&holding.queue, holding.consumer);
        state.holdings.insert(place, holding);
        Ok(outlet)
    }

    /// Ends a subscription; what it has not settled stays with the session.
    pub(crate) fn close_subscription(&self, id: SubscriptionId) {
        let mut discarded = Discarded::default();
        let mut state = self.state.lock();
        let Ok(place) = state.search(id) else { return };
        let Some(holding) = state.holdings.get_mut(place) else {
            return;
        };
        let gone = holding.close(self.broker(), &mut discarded);
        self.broker().reap(&holding.address);
        if gone {
            state.holdings.remove(place);
        }
    }

    pub(crate) fn settle(&self, settlements: &[Settlement]) {
        let mut discarded = Discarded::default();
        let mut state = self.state.lock();
        for run in settlements.chunk_by(|a, b| a.token.subscription == b.token.subscription) {
            let id = run.first().map(|first| first.token.subscription);
            let known = run.iter().filter(|it| it.token.epoch == EPOCH);
            let settled = known.map(|it| (it.token.tag, it.outcome));
            state.settle(self.broker(), id, settled, &mut discarded);
        }
        drop(state);
        self.broker().bury(discarded.take_rejected());
    }

    /// Ends it: the transaction is undone, subscriptions end, what is unsettled goes back. Doing it again does nothing.
    pub(crate) fn end(&self, how: Ended) {
        let mut discarded = Discarded::default();
        let mut state = self.state.lock();
        if state.ended.is_some() {
            return;
        }
        state.ended = Some(how);
        self.shortcut.block();
        self.throttle.end(how.refusal("session"));
        let undone = state.transaction.take();
        state.routes = Routes::default();
        let mut holdings = std::mem::take(&mut state.holdings);
        // All are closed before anything goes back, or it would come to one of them again.
        for holding in &mut holdings {
            holding.close(self.broker(), &mut discarded);
        }
        for holding in &mut holdings {
            holding.release_all(&mut discarded);
            self.broker().reap(&holding.address);
        }
        drop(state);
        drop(undone);
        self.client.forget(self.id);
    }

    pub(super) fn count(&self, stats: &mut BrokerStats) {
        stats.sessions += 1;
        for holding in &self.state.lock().holdings {
            holding.count(stats);
        }
    }
}

impl State {
    fn check_open(&self) -> Result<()> {
        self.ended.map_or(Ok(()), |how| Err(how.refusal("session")))
    }

    fn search(&self, id: SubscriptionId) -> Result<usize, usize> {
        self.holdings.binary_search_by_key(&id, |holding| holding.id)
    }

    fn settle(
        &mut self,
        broker: &Broker,
        id: Option<SubscriptionId>,
        settlements: impl Iterator<Item = (u64, Outcome)>,
        discarded: &mut Discarded,
    ) {
        let Some(place) = id.and_then(|id| self.search(id).ok()) else {
            return;
        };
        if let Some(holding) = self.holdings.get_mut(place)
            && holding.settle(settlements, discarded)
        {
            self.drop_holding(broker, place);
        }
    }

    fn drop_holding(&mut self, broker: &Broker, place: usize) {
        let holding = self.holdings.remove(place);
        broker.reap(&holding.address);
    }
}

impl fmt::Debug for Channel {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Channel").field("id", &self.id).finish_non_exhaustive()
    }
}
