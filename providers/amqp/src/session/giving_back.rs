//! How deliveries go back to their queues.
//!
//! A classic queue puts whatever comes back in its old place. A quorum queue of `RabbitMQ` 3.10 does so only with what a
//! channel still held when it ended, in the order of delivery. What is given back by itself goes behind all other
//! messages, or, where the queue has a delivery limit, to the front, and then more than 32 at a time in any order. Both ways
//! together turn the order round. So what a subscription gives back when it ends goes back with its channel, unless the
//! application keeps something of it.

use std::{collections::HashMap, sync::Arc};

use anymq_api::spi::SubscriptionId;
use tokio::sync::oneshot;

use super::{
    command::Command,
    shared::{Answered, Shared, Subscribed},
};
use crate::{inbound::Inbound, ledger::Answer};

impl Shared {
    /// Gives back at once what was delivered and never pushed. In a transacted session with sends it waits for the
    /// transaction's end; otherwise the answer comes when it is on its way, behind all that was settled before.
    pub(crate) fn give_back(&self, inbound: &Arc<Inbound>, id: SubscriptionId, tags: &[u64]) -> Option<Answered> {
        if self.is_transacted() {
            Self::return_later(inbound, id, tags);
            let (reply, answered) = oneshot::channel();
            self.submit(Command::GiveBack(reply)).ok()?;
            return Some(answered);
        }
        let _order = self.subscribed.lock();
        self.settle_group(inbound, id, Answer::Requeue, tags).ok()?;
        let (reply, answered) = oneshot::channel();
        self.submit(Command::Settled(reply)).ok()?;
        Some(answered)
    }

    /// Notes what goes back, with the channel at the latest.
    pub(crate) fn return_later(inbound: &Inbound, id: SubscriptionId, tags: &[u64]) {
        let mut ledger = inbound.ledger.lock();
        for tag in tags {
            ledger.settle_later(Answer::Requeue, id, *tag);
        }
    }

    /// Whether a subscription has something left to settle, and so its channel.
    pub(crate) fn keeps(&self, id: SubscriptionId) -> bool {
        self.subscribed.lock().contains_key(&id)
    }

    /// Gives back by itself what an ended subscription has noted: from now on nothing waits for the end of its channel.
    pub(crate) fn return_rest(&self, id: SubscriptionId) {
        let mut all = self.subscribed.lock();
        if let Some(subscribed) = all.get_mut(&id) {
            subscribed.waits = false;
        }
        self.return_now(&mut all, id);
    }

    /// With the channel, if that has nothing else; otherwise by itself, if it has waited.
    pub(super) fn return_now(&self, all: &mut HashMap<SubscriptionId, Subscribed>, id: SubscriptionId) {
        let Some(subscribed) = all.get(&id).filter(|subscribed| subscribed.retired) else {
            return;
        };
        let mut ledger = subscribed.inbound.ledger.lock();
        if !subscribed.waits && !ledger.only_returns() {
            for frame in ledger.take_later() {
                // Without a worker the session is closed, and everything went back.
                let _ = self.submit(Command::Settle(Arc::clone(&subscribed.inbound), frame));
            }
        }
        drop(ledger);
        self.dismiss(all, id);
    }
}
