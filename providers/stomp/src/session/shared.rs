use std::{
    collections::HashMap,
    sync::{
        Arc, Weak,
        atomic::{AtomicBool, Ordering},
    },
};

use anymq_api::{
    Address, Envelope, Error, Result,
    spi::{Done, Outcome, SessionSpec, Settlement, SubscriptionId},
};
use anymq_wire::Gate;
use parking_lot::Mutex;

use super::{dead_letters::Burials, transaction::Transaction};
use crate::{
    frame::Command,
    link::{Link, Owner},
    links::Links,
    subscription::Subscription,
};

/// What outlives the handle: whatever was submitted runs to its end.
pub(super) struct Shared {
    /// Another one after the broker ended it, where it is the session's own.
    link: Mutex<Arc<Link>>,
    /// Where its own link comes from.
    own: Option<Own>,
    pub(super) gate: Arc<Gate>,
    pub(super) dead_letters: Address,
    subscriptions: Mutex<HashMap<SubscriptionId, Arc<Subscription>>>,
    pub(super) settles_promptly: bool,
    /// Of a transacted session.
    pub(super) transaction: Option<Mutex<Open>>,
    pub(super) burials: Burials,
    is_over: AtomicBool,
}

struct Own {
    links: Arc<Links>,
    /// Held while a link takes the place of another.
    turn: tokio::sync::Mutex<()>,
}

/// The transaction that is open.
#[derive(Default)]
pub(super) struct Open {
    /// At the broker, when something is in it.
    pub(super) begun: Option<Arc<Transaction>>,
    /// To be delivered later. The time of the first runs already, but at the broker it would begin with the commit: only
    /// then it is known how much is left.
    pub(super) delayed: Vec<Envelope>,
}

impl Shared {
    /// With `links`, over a link of its own.
    pub(super) fn new(
        link: Arc<Link>,
        links: Option<&Arc<Links>>,
        spec: SessionSpec,
        dead_letters: Address,
    ) -> Arc<Self> {
        let shared = Arc::new(Self {
            link: Mutex::new(link),
            own: links.map(|links| Own {
                links: Arc::clone(links),
                turn: tokio::sync::Mutex::default(),
            }),
            gate: Arc::default(),
            dead_letters,
            subscriptions: Mutex::default(),
            settles_promptly: spec.settles_promptly,
            transaction: spec.transacted.then(Mutex::default),
            burials: Burials::default(),
            is_over: AtomicBool::new(false),
        });
        if shared.has_own_link() {
            shared.own_up();
        }
        shared
    }

    pub(super) fn link(&self) -> Arc<Link> {
        Arc::clone(&self.link.lock())
    }

    pub(super) fn has_own_link(&self) -> bool {
        self.own.is_some()
    }

    fn own_up(self: &Arc<Self>) {
        let this: Weak<Self> = Arc::downgrade(self);
        self.link().belong_to(this);
    }

    /// Whether the broker ended its own link, and another one has to take its place.
    pub(super) fn needs_link(&self) -> bool {
        self.has_own_link() && self.link.lock().is_refused()
    }

    /// The link, or another one in the place of one that the broker ended. Dropping the future changes nothing.
    pub(super) async fn usable_link(self: &Arc<Self>) -> Result<Arc<Link>> {
        let Some(own) = self.own.as_ref().filter(|_| self.needs_link()) else {
            return Ok(self.link());
        };
        let _turn = own.turn.lock().await;
        if self.needs_link() {
            let fresh = own.links.open().await?;
            *self.link.lock() = fresh;
            self.own_up();
        }
        let link = self.link();
        if self.is_over() {
            link.abandon();
            return Err(Error::closed("session"));
        }
        Ok(link)
    }

    pub(super) fn subscription(&self, id: SubscriptionId) -> Option<Arc<Subscription>> {
        self.subscriptions.lock().get(&id).cloned()
    }

    /// Unless the session has ended meanwhile.
    pub(super) fn enter(&self, id: SubscriptionId, subscription: &Arc<Subscription>) -> Result<()> {
        let mut subscriptions = self.subscriptions.lock();
        if self.is_over() {
            return Err(Error::closed("session"));
        }
        subscriptions.insert(id, Arc::clone(subscription));
        Ok(())
    }

    pub(super) fn is_over(&self) -> bool {
        self.is_over.load(Ordering::Acquire)
    }

    pub(super) fn settle(self: &Arc<Self>, settlement: &Settlement) {
        let Some(subscription) = self.subscription(settlement.token.subscription) else {
            return;
        };
        let tag = settlement.token.tag;
        match settlement.outcome {
            Outcome::Accept => {
                if let Some(unsettled) = subscription.take(tag) {
                    let link = subscription.link();
                    link.tell(&link.settlement(Command::Ack, &unsettled, None));
                }
            }
            Outcome::Reject { attempts, reason } => self.bury(&subscription, tag, attempts, reason),
            Outcome::Release { .. } => subscription.give_back(tag),
        }
    }

    /// Forgets the subscriptions that are closed and have nothing left.
    pub(super) fn tidy(&self) {
        let all: Vec<_> = self.subscriptions.lock().values().cloned().collect();
        for subscription in &all {
            subscription.tidy();
        }
        self.subscriptions
            .lock()
            .retain(|_, subscription| !subscription.is_over());
    }

    /// Undoes what is open.
    pub(super) fn roll_back(&self) -> Done<()> {
        let open = self.transaction.as_ref().map(|open| std::mem::take(&mut *open.lock()));
        let Some(transaction) = open.and_then(|open| open.begun) else {
            return Done::ok();
        };
        let (reply, answer) = tokio::sync::oneshot::channel();
        // Whoever gave up waiting does not want to know.
        transaction.abort(Box::new(|outcome| drop(reply.send(outcome))));
        Done::pending(async move { answer.await.unwrap_or_else(|_| Err(Error::closed("session"))) })
    }

    /// Undoes what is open, and gives back what is held; done when the broker has heard of it. With its own link all of it
    /// ends by itself.
    pub(super) fn end(&self) -> Done<()> {
        let all = {
            let mut subscriptions = self.subscriptions.lock();
            self.is_over.store(true, Ordering::Release);
            std::mem::take(&mut *subscriptions)
        };
        if self.has_own_link() {
            for subscription in all.into_values() {
                subscription.stop();
            }
            return Done::ok();
        }
        drop(self.roll_back());
        let mut last = Done::ok();
        for subscription in all.into_values() {
            if let Err(pending) = subscription.release().into_ready() {
                last = pending;
            }
        }
        last
    }
}

impl Owner for Shared {
    /// What it had delivered the broker has back; what comes next goes over another link.
    fn refused(&self, error: &Error) {
        let all = std::mem::take(&mut *self.subscriptions.lock());
        for subscription in all.into_values() {
            subscription.end_with_link(error);
        }
    }
}
