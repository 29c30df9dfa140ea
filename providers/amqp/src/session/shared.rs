use std::{
    borrow::Cow,
    collections::HashMap,
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
    },
};

use anymq_api::{
    Result,
    spi::{Outcome, Settlement, SubscriptionId},
};
use parking_lot::Mutex;
use tokio::sync::{mpsc, oneshot};

use super::command::{Burial, Command};
use crate::{
    inbound::Inbound,
    ledger::{Answer, Frame},
    link::Link,
    subscription::{Feed, Hold},
};

/// What a session, its worker and its subscriptions have in common.
pub(crate) struct Shared {
    link: Arc<Link>,
    commands: mpsc::UnboundedSender<Command>,
    abandoned: AtomicBool,
    /// The channel of a transacted session; another one after the broker ended it.
    transaction: Option<Mutex<Arc<Inbound>>>,
    /// Held while frames are chosen and submitted: one that covers others must come after them.
    pub(super) subscribed: Mutex<HashMap<SubscriptionId, Subscribed>>,
}

/// Waits for the worker.
pub(crate) type Answered = oneshot::Receiver<Result<()>>;

pub(super) struct Subscribed {
    pub(super) inbound: Arc<Inbound>,
    feed: Arc<Feed>,
    /// The subscription is gone; what it delivered can still be settled.
    pub(super) retired: bool,
    /// What goes back waits a moment for the end of the channel.
    pub(super) waits: bool,
    /// Shows others that it can.
    hold: Option<Hold>,
}

impl Subscribed {
    /// It is gone, or will be at once.
    fn ends(&self) -> bool {
        self.retired || self.feed.is_abandoned()
    }
}

impl Shared {
    pub(crate) fn new(
        link: Arc<Link>,
        commands: mpsc::UnboundedSender<Command>,
        transaction: Option<Arc<Inbound>>,
    ) -> Self {
        Self {
            link,
            commands,
            abandoned: AtomicBool::new(false),
            transaction: transaction.map(Mutex::new),
            subscribed: Mutex::default(),
        }
    }

    pub(crate) fn is_transacted(&self) -> bool {
        self.transaction.is_some()
    }

    pub(crate) fn transaction(&self) -> Option<Arc<Inbound>> {
        self.transaction.as_ref().map(|current| Arc::clone(&current.lock()))
    }

    /// From now on transactions have another channel.
    pub(crate) fn replace_transaction(&self, inbound: Arc<Inbound>) {
        if let Some(current) = &self.transaction {
            *current.lock() = inbound;
        }
    }

    /// Gives the command back when the worker is gone.
    pub(crate) fn submit(&self, command: Command) -> Result<(), Command> {
        self.commands.send(command).map_err(|refused| refused.0)
    }

    pub(crate) fn is_abandoned(&self) -> bool {
        self.abandoned.load(Ordering::Acquire)
    }

    pub(crate) fn abandon(&self) {
        if self.abandoned.swap(true, Ordering::AcqRel) {
            return;
        }
        let feeds: Vec<_> = {
            let all = self.subscribed.lock();
            all.values().map(|subscribed| Arc::clone(&subscribed.feed)).collect()
        };
        // Without the lock: they let go of what belongs to others.
        for feed in feeds {
            feed.abandon();
        }
        // Without a worker there is nothing to wake.
        let _ = self.submit(Command::Abandon);
    }

    pub(crate) fn register(&self, id: SubscriptionId, inbound: Arc<Inbound>, feed: Arc<Feed>) {
        let subscribed = Subscribed {
            inbound,
            feed,
            retired: false,
            waits: true,
            hold: None,
        };
        self.subscribed.lock().insert(id, subscribed);
    }

    /// The subscription has ended. Its channel goes when nothing is left to settle, and so does `hold`.
    pub(crate) fn retire(&self, id: SubscriptionId, hold: Option<Hold>) {
        let mut all = self.subscribed.lock();
        if let Some(subscribed) = all.get_mut(&id) {
            subscribed.retired = true;
            // Without a worker everything went back already.
            subscribed.hold = hold.filter(|_| !self.commands.is_closed());
        }
        self.dismiss(&mut all, id);
    }

    pub(super) fn dismiss(&self, all: &mut HashMap<SubscriptionId, Subscribed>, id: SubscriptionId) {
        let done = |subscribed: &Subscribed| {
            let inbound = &subscribed.inbound;
            subscribed.retired
                && match &self.transaction {
                    // Another channel takes its place only when the broker took everything back.
                    Some(current) => !Arc::ptr_eq(&current.lock(), inbound) || !inbound.ledger.lock().holds(id),
                    None => inbound.ledger.lock().only_returns(),
                }
        };
        if !all.get(&id).is_some_and(done) {
            return;
        }
        let Some(subscribed) = all.remove(&id) else { return };
        if self.transaction.is_none() {
            let _ = self.submit(Command::Retire(subscribed.inbound));
        }
        if let Some(hold) = subscribed.hold {
            let _ = self.submit(Command::Release(hold));
        }
    }

    /// A transaction has ended: forgets the subscriptions that have nothing left in it.
    pub(crate) fn sweep(&self) {
        let mut all = self.subscribed.lock();
        let retired: Vec<_> = {
            let retired = all.iter().filter(|(_, subscribed)| subscribed.retired);
            retired.map(|(id, _)| *id).collect()
        };
        for id in retired {
            self.dismiss(&mut all, id);
        }
    }

    pub(crate) fn take_holds(&self) -> Vec<Hold> {
        let mut all = self.subscribed.lock();
        all.values_mut()
            .filter_map(|subscribed| subscribed.hold.take())
            .collect()
    }

    /// Waits until all that was settled so far is on its way.
    pub(crate) async fn settled(&self) {
        let (reply, answered) = oneshot::channel();
        if self.submit(Command::Settled(reply)).is_ok() {
            // Unanswered, because the session is closed: everything went back with it.
            let _ = answered.await;
        }
    }

    /// The channels of the subscriptions; a transacted session has none but its own.
    pub(crate) fn inbounds(&self) -> Vec<Arc<Inbound>> {
        if self.transaction.is_some() {
            return Vec::new();
        }
        let all = self.subscribed.lock();
        all.values().map(|subscribed| Arc::clone(&subscribed.inbound)).collect()
    }

    /// Submits settlements, in order, those that belong together in as few frames as possible.
    pub(crate) fn settle(&self, settlements: &[Settlement]) -> Result<()> {
        let mut outcome = Ok(());
        let mut returned = Vec::new();
        let mut all = self.subscribed.lock();
        let alike = |a: &Settlement, b: &Settlement| key(a) == key(b);
        for group in settlements.chunk_by(alike) {
            let Some(first) = group.first() else { continue };
            let (id, answer) = key(first);
            let group = self.bury(all.get(&id), group);
            let tags: Vec<_> = group.iter().map(|settlement| settlement.token.tag).collect();
            if tags.is_empty() {
                continue;
            }
            if let Some(transaction) = self.transaction() {
                // What comes this way is no part of the transaction, but the channel knows nothing else: it waits for
                // the transaction's end, whichever that is.
                let mut ledger = transaction.ledger.lock();
                for tag in tags {
                    ledger.settle_later(answer, id, tag);
                }
                drop(ledger);
                if answer == Answer::Requeue {
                    let (nobody, _) = oneshot::channel();
                    let _ = self.submit(Command::GiveBack(nobody));
                }
                self.dismiss(&mut all, id);
                continue;
            }
            let Some(subscribed) = all.get(&id) else { continue };
            if answer == Answer::Requeue && subscribed.ends() {
                outcome = outcome.and(subscribed.inbound.check());
                Self::return_later(&subscribed.inbound, id, &tags);
                returned.push(id);
                continue;
            }
            outcome = outcome.and(self.settle_group(&subscribed.inbound, id, answer, &tags));
            self.dismiss(&mut all, id);
        }
        // Only now, because more of the same channel may have come.
        for id in returned {
            self.return_now(&mut all, id);
        }
        outcome
    }

    /// Submits what goes to the dead letters; gives back what does not.
    fn bury<'a>(&self, subscribed: Option<&Subscribed>, group: &'a [Settlement]) -> Cow<'a, [Settlement]> {
        let own = subscribed.map(|subscribed| Arc::clone(&subscribed.inbound));
        let inbound = match self.transaction().or(own) {
            Some(inbound) if group.iter().any(|one| matches!(one.outcome, Outcome::Reject { .. })) => inbound,
            _ => return Cow::Borrowed(group),
        };
        let is_left = |settlement: &&Settlement| !self.bury_one(&inbound, settlement);
        group.iter().filter(is_left).copied().collect()
    }

    /// Whether it goes to the dead letters.
    fn bury_one(&self, inbound: &Arc<Inbound>, settlement: &Settlement) -> bool {
        let Outcome::Reject { attempts, reason } = settlement.outcome else {
            return false;
        };
        let (tag, subscription) = (settlement.token.tag, settlement.token.subscription);
        let Some(dead) = inbound.ledger.lock().kept(tag, subscription) else {
            return false;
        };
        let burial = Burial {
            inbound: Arc::clone(inbound),
            subscription,
            tag,
            letter: self.link.dead_letters.letter(&dead, attempts, reason),
        };
        // Without a worker the session is closed, and everything went back.
        let _ = self.submit(Command::Bury(Box::new(burial)));
        true
    }

    /// A dead letter is with the broker: what it was made of can go. Gives back the frames that say so.
    pub(crate) fn buried(&self, burial: &Burial) -> Vec<Frame> {
        let (id, tag) = (burial.subscription, burial.tag);
        if self.transaction.is_some() {
            burial.inbound.ledger.lock().settle_later(Answer::Accept, id, tag);
            return Vec::new();
        }
        let _order = self.subscribed.lock();
        burial.inbound.ledger.lock().settle(Answer::Accept, id, &[tag])
    }

    /// The channel of a subscription that has ended may have nothing left to settle.
    pub(crate) fn tidy(&self, id: SubscriptionId) {
        let mut all = self.subscribed.lock();
        self.dismiss(&mut all, id);
    }

    /// Drops what was delivered and is not for this subscription.
    pub(crate) fn drop_one(&self, inbound: &Arc<Inbound>, id: SubscriptionId, tag: u64) {
        if self.transaction.is_some() {
            inbound.ledger.lock().settle_later(Answer::Accept, id, tag);
            return;
        }
        let _order = self.subscribed.lock();
        // Of a channel that is gone, nothing is left to drop.
        let _ = self.settle_group(inbound, id, Answer::Accept, &[tag]);
    }

    pub(super) fn settle_group(
        &self,
        inbound: &Arc<Inbound>,
        id: SubscriptionId,
        answer: Answer,
        tags: &[u64],
    ) -> Result<()> {
        inbound.check()?;
        for frame in inbound.ledger.lock().settle(answer, id, tags) {
            // Without a worker the session is closed, and everything went back.
            let _ = self.submit(Command::Settle(Arc::clone(inbound), frame));
        }
        Ok(())
    }
}

fn key(settlement: &Settlement) -> (SubscriptionId, Answer) {
    let answer = match settlement.outcome {
        Outcome::Accept => Answer::Accept,
        Outcome::Reject { .. } => Answer::Reject,
        Outcome::Release { .. } => Answer::Requeue,
    };
    (settlement.token.subscription, answer)
}
