//! Sends and subscriptions of a broker with a store: the store first, and what it has not kept does not show.

use std::sync::Arc;

use anymq_api::{Envelope, Result, spi::SubscribeSpec};

use super::{
    Broker, Queue,
    destinations::Target,
    keeper::Keeper,
    queue::QueueInlet,
    subscriptions::{SubscriptionKey, is_shared},
    topic::Origin,
};
use crate::store::{Change, StoredSubscription};

impl Broker {
    /// None without a store.
    pub(super) fn keeper(&self) -> Option<&Arc<Keeper>> {
        self.services.keeper.as_ref()
    }

    /// Sends messages, and has the store do `leaving` with them: all or nothing.
    ///
    /// Every queue that gets one is locked until the store has answered, so that the store's order is the queue's. No other
    /// caller holds two queues at once, and this one takes them in the order of their places in memory.
    pub(super) fn send_kept(
        &self,
        keeper: &Keeper,
        envelopes: Vec<Envelope>,
        leaving: Vec<Change>,
        origin: Origin<'_>,
    ) -> Result<()> {
        let mut changes = leaving;
        loop {
            let takers: Vec<_> = (envelopes.iter())
                .map(|envelope| self.takers(envelope, origin))
                .collect::<Result<_>>()?;
            let mut queues: Vec<_> = takers.iter().flatten().cloned().collect();
            queues.sort_by_key(Arc::as_ptr);
            queues.dedup_by_key(|queue| Arc::as_ptr(queue));
            let mut inlets: Vec<_> = queues.iter().map(|queue| queue.inlet()).collect();
            // One that was retired meanwhile may have been made anew or deleted, or the broker shut down: the next round
            // tells. Only a subscription that no store keeps is over for sure.
            if (queues.iter().zip(&inlets)).any(|(queue, inlet)| inlet.is_none() && queue.outlives()) {
                drop(inlets);
                std::thread::yield_now();
                continue;
            }
            let plan = plan(&takers, &queues);
            for (envelope, places) in envelopes.iter().zip(&plan) {
                each(&mut inlets, places, |inlet| changes.extend(inlet.announce(envelope)));
            }
            if let Err(error) = keeper.apply(&changes) {
                drop(inlets);
                // They may have been made for this.
                let addresses = queues.iter().filter_map(|queue| queue.own_address());
                addresses.for_each(|address| self.reap(address));
                return Err(error);
            }
            for (envelope, places) in envelopes.into_iter().zip(&plan) {
                each(&mut inlets, places, |inlet| inlet.put_announced(envelope.clone()));
            }
            return Ok(());
        }
    }

    /// The queues that get a message.
    fn takers(&self, envelope: &Envelope, origin: Origin<'_>) -> Result<Vec<Arc<Queue>>> {
        loop {
            match self.find_for_sending(&envelope.headers().destination)? {
                None => return Ok(Vec::new()),
                Some(Target::Queue(queue)) => return Ok(vec![queue]),
                Some(Target::Topic(topic)) => {
                    // It may have been retired meanwhile.
                    if let Some(takers) = topic.takers(envelope, origin) {
                        return Ok(takers);
                    }
                }
            }
        }
    }

    /// Has the store keep a new durable subscription, in place of one of that name if there is any.
    pub(super) fn keep_subscription(&self, key: &SubscriptionKey, spec: &SubscribeSpec) -> Result<()> {
        let Some(keeper) = self.keeper().filter(|_| key.durable) else {
            return Ok(());
        };
        let mut changes = vec![Change::Unsubscribe(key.stored_name())];
        if !spec.destination.kind().is_temporary() {
            changes.push(Change::Subscribe(StoredSubscription {
                name: key.stored_name(),
                topic: spec.destination.clone(),
                selector: spec.selector.clone(),
                no_local: spec.no_local,
                shared: is_shared(spec),
            }));
        }
        keeper.apply(&changes)
    }

    /// Has the store forget a durable subscription.
    pub(super) fn forget_subscription(&self, key: &SubscriptionKey) -> Result<()> {
        match self.keeper() {
            Some(keeper) => keeper.apply(&[Change::Unsubscribe(key.stored_name())]),
            None => Ok(()),
        }
    }
}

/// For each message the places of its takers among the queues, which are sorted.
fn plan(takers: &[Vec<Arc<Queue>>], queues: &[Arc<Queue>]) -> Vec<Vec<usize>> {
    let place = |taker: &Arc<Queue>| queues.binary_search_by_key(&Arc::as_ptr(taker), Arc::as_ptr).ok();
    takers
        .iter()
        .map(|takers| takers.iter().filter_map(place).collect())
        .collect()
}

fn each<'a>(inlets: &mut [Option<QueueInlet<'a>>], places: &[usize], mut act: impl FnMut(&mut QueueInlet<'a>)) {
    for &place in places {
        if let Some(Some(inlet)) = inlets.get_mut(place) {
            act(inlet);
        }
    }
}
