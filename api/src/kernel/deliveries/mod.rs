//! Everything that a session was delivered: inboxes, ledger, and the rules for handing over.
//!
//! One mutex holds it all, so that recover, rollback and close see a consistent whole. It is held for short,
//! never across an await, and never while the driver is called: what the driver must be told comes back as a value.

mod again;
mod at_once;
mod follow_up;
mod hand_over;
mod interruption;
mod life_cycle;
mod submission;
mod taken_back;

pub(crate) use again::Unreturned;
pub(crate) use follow_up::{Errand, FollowUp};
pub(crate) use submission::Submission;

use std::{
    collections::{BTreeMap, VecDeque},
    sync::{Arc, atomic::AtomicU64},
};

use parking_lot::Mutex;
use tokio::{sync::Notify, time::Instant};

use self::taken_back::TakenBack;

use super::{
    arrivals::Arrivals,
    filter::Filter,
    inbox::{Grant, Inbox},
    ledger::{Attempted, Ledger},
    redelivery::Redelivery,
};
use crate::{
    AckMode, Clock, DeliveryInfo, Envelope, Error, MessageListener, Result,
    spi::{DeliveryToken, DriverSubscription, Settlement, SubscriptionId},
};

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Phase {
    Open,
    /// Nothing is handed out any more; running listeners may still use the session.
    Draining,
    Closed,
}

/// A message on its way into the application's hands.
pub(crate) struct HandOver {
    pub(crate) envelope: Envelope,
    pub(crate) info: DeliveryInfo,
    /// To settle at once: the automatic acknowledgement.
    pub(crate) accepted: Option<Settlement>,
    pub(crate) follow_up: FollowUp,
}

/// What was handed over and not settled.
pub(crate) struct Unsettled {
    pub(crate) entries: Vec<Attempted>,
    /// Why there is less than the application has.
    pub(crate) taken_back: Option<Error>,
}

/// What a consumer finds when it asks.
pub(crate) enum Taken {
    Message(HandOver),
    /// Nothing now. Messages to settle may have been found, and room for more. The first in line may have to wait, and
    /// then arrivals change nothing before it is its time.
    Nothing(FollowUp, Option<Instant>),
    /// Nothing any more.
    Closed,
}

/// What the dispatcher finds.
pub(crate) enum Dispatch {
    Message {
        consumer: SubscriptionId,
        listener: Arc<dyn MessageListener>,
        hand_over: HandOver,
    },
    /// A message was dropped on the way; look again.
    Again(FollowUp),
    /// Nothing before this instant, unless something happens.
    Nothing(Option<Instant>),
    Closed,
}

pub(crate) struct Deliveries {
    state: Mutex<State>,
    /// Wakes the dispatcher.
    pub(crate) dispatch: Notify,
    /// Told whenever a listener returned.
    idle: Notify,
    /// How many of [`State::owed`] the driver has.
    submitted: AtomicU64,
    mode: AckMode,
    max_unsettled: Option<u32>,
    clock: Arc<dyn Clock>,
    redelivery: Option<Redelivery>,
}

struct State {
    phase: Phase,
    started: bool,
    failure: Option<Error>,
    consumers: BTreeMap<SubscriptionId, Inbox>,
    /// Consumers with a listener and perhaps something to hand out, taking turns.
    turns: VecDeque<SubscriptionId>,
    /// Consumers with a listener whose first message must wait.
    parked: Vec<(SubscriptionId, Instant)>,
    ledger: Ledger,
    /// What was in the ledger until the broker took it back.
    taken_back: TakenBack,
    /// What was delivered in an epoch before this one is void.
    epoch: Option<u32>,
    last_delivery: u64,
    last_consumer: u32,
    /// The hand-over that a listener is working on.
    running: Option<Running>,
    /// Dups-ok: handed over, not yet settled.
    lazy: Vec<Settlement>,
    /// How often something was taken that the driver has to be told.
    owed: u64,
}

/// Which listener runs, and on what.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Running {
    pub(crate) consumer: SubscriptionId,
    delivery: u64,
}

/// How many acknowledgements a dups-ok session holds back at most.
const LAZY: usize = 32;

impl Deliveries {
    pub(crate) fn new(mode: AckMode, started: bool, max_unsettled: Option<u32>, clock: Arc<dyn Clock>) -> Self {
        Self {
            state: Mutex::new(State {
                phase: Phase::Open,
                started,
                failure: None,
                consumers: BTreeMap::new(),
                turns: VecDeque::new(),
                parked: Vec::new(),
                ledger: Ledger::default(),
                taken_back: TakenBack::default(),
                epoch: None,
                last_delivery: 0,
                last_consumer: 0,
                running: None,
                lazy: Vec::new(),
                owed: 0,
            }),
            dispatch: Notify::new(),
            idle: Notify::new(),
            submitted: AtomicU64::new(0),
            mode,
            max_unsettled,
            clock,
            redelivery: None,
        }
    }

    pub(crate) fn with_redelivery(mut self, redelivery: Option<Redelivery>) -> Self {
        self.redelivery = redelivery;
        self
    }

    /// Makes room for a new consumer.
    pub(crate) fn register(&self, prefetch: u32, filter: Option<Filter>) -> (SubscriptionId, Arc<Arrivals>) {
        let mut state = self.state.lock();
        state.last_consumer += 1;
        let id = SubscriptionId(state.last_consumer);
        let inbox = Inbox::new(prefetch, filter);
        let arrivals = Arc::clone(&inbox.arrivals);
        state.consumers.insert(id, inbox);
        (id, arrivals)
    }

    /// The subscription exists: deliveries may begin.
    pub(crate) fn attach(&self, id: SubscriptionId, subscription: Arc<dyn DriverSubscription>) -> Option<Grant> {
        let mut state = self.state.lock();
        let started = state.started && state.phase == Phase::Open;
        let inbox = state.consumers.get_mut(&id)?;
        inbox.attach(subscription);
        if started { inbox.fill() } else { None }
    }

    /// A consumer with a listener has something again.
    pub(crate) fn arrived(&self, id: SubscriptionId) {
        self.state.lock().schedule(id);
        self.dispatch.notify_one();
    }

    /// The link is lost: every waiter fails.
    pub(crate) fn fail(&self, error: &Error) {
        let mut state = self.state.lock();
        state.failure.get_or_insert_with(|| error.clone());
        state.wake_receivers();
    }

    /// The listener counts as returned: whoever waits for it may go on.
    pub(crate) fn returned(&self) {
        self.state.lock().running = None;
        self.idle.notify_waiters();
    }

    pub(crate) fn is_idle(&self) -> bool {
        self.running().is_none()
    }

    pub(crate) fn running(&self) -> Option<Running> {
        self.state.lock().running
    }

    /// What a caller of [`wait_idle`](Self::wait_idle) takes for busy may have changed.
    pub(crate) fn look_again(&self) {
        self.idle.notify_waiters();
    }

    /// Waits until no listener runs that is `busy` in the caller's eyes.
    pub(crate) async fn wait_idle(&self, busy: impl Fn(Running) -> bool) {
        loop {
            let returned = self.idle.notified();
            if !self.running().is_some_and(&busy) {
                return;
            }
            returned.await;
        }
    }

    /// Client acknowledgement, commit: everything handed over so far, unless the session closed meanwhile.
    pub(crate) fn take_ledger(&self) -> Result<(Unsettled, Submission<'_>)> {
        self.take_unsettled(|state| Unsettled {
            entries: state.ledger.take_all(),
            taken_back: state.taken_back.take_all(),
        })
    }

    /// Individual acknowledgement. Fails for what the broker took back.
    pub(crate) fn take_one(&self, delivery: u64) -> Result<(Option<Attempted>, Submission<'_>)> {
        let (taken, submission) = self.take_unsettled(|state| match state.taken_back.take(delivery) {
            Some(error) => Err(error),
            None => Ok(state.ledger.remove(delivery)),
        })?;
        taken.map(|entry| (entry, submission))
    }

    fn take_unsettled<T>(&self, take: impl FnOnce(&mut State) -> T) -> Result<(T, Submission<'_>)> {
        let mut state = self.state.lock();
        if state.phase == Phase::Closed {
            return Err(Error::closed("session"));
        }
        let taken = take(&mut state);
        let submission = self.submission(&mut state);
        drop(state);
        self.made_room();
        Ok((taken, submission))
    }

    /// A dispatcher that had reached the limit of unsettled messages may go on.
    fn made_room(&self) {
        if self.max_unsettled.is_some() {
            self.dispatch.notify_one();
        }
    }

    /// Sets or unsets a listener; gives back the hand-over that the replaced one is working on.
    pub(crate) fn set_listener(
        &self,
        id: SubscriptionId,
        listener: Option<Arc<dyn MessageListener>>,
    ) -> Result<Option<Running>> {
        let mut state = self.state.lock();
        let inbox = state.consumers.get_mut(&id).filter(|inbox| !inbox.closing);
        let inbox = inbox.ok_or_else(|| Error::closed("consumer"))?;
        inbox.arrivals.set_listening(listener.is_some());
        let replaced = std::mem::replace(&mut inbox.listener, listener);
        inbox.arrivals.arrival().notify_waiters();
        state.schedule(id);
        let running = state.running.filter(|running| running.consumer == id);
        drop(state);
        self.dispatch.notify_one();
        // Dropped without the lock: a listener may own handles of this very session.
        Ok(replaced.and(running))
    }

    pub(crate) fn listener(&self, id: SubscriptionId) -> Result<Option<Arc<dyn MessageListener>>> {
        let state = self.state.lock();
        let inbox = state.consumers.get(&id).ok_or_else(|| Error::closed("consumer"))?;
        Ok(inbox.listener.clone())
    }

    /// How many consumers there are, and how many of them the broker serves.
    pub(crate) fn census(&self) -> (usize, usize) {
        let (consumers, subscriptions) = {
            let state = self.state.lock();
            let attached = state.consumers.values().filter(|inbox| inbox.ended.is_none());
            let subscriptions: Vec<_> = attached.filter_map(|inbox| inbox.subscription().cloned()).collect();
            (state.consumers.len(), subscriptions)
        };
        let served = subscriptions.iter().filter(|it| it.is_served());
        (consumers, served.count())
    }
}

impl State {
    fn schedule(&mut self, id: SubscriptionId) {
        let Some(inbox) = self.consumers.get_mut(&id) else {
            return;
        };
        if inbox.listener.is_some() && !inbox.scheduled {
            inbox.scheduled = true;
            self.turns.push_back(id);
        }
    }

    fn schedule_all(&mut self) {
        let ids: Vec<_> = self.consumers.keys().copied().collect();
        for id in ids {
            self.schedule(id);
        }
    }

    fn wake_receivers(&self) {
        for inbox in self.consumers.values() {
            inbox.arrivals.arrival().notify_waiters();
        }
    }

    fn subscriptions(&self) -> Vec<Arc<dyn DriverSubscription>> {
        self.consumers
            .values()
            .filter_map(|inbox| inbox.subscription().cloned())
            .collect()
    }
}

/// The tokens of taken entries.
pub(crate) fn tokens(entries: &[Attempted]) -> Vec<DeliveryToken> {
    entries.iter().map(|entry| entry.delivery.token).collect()
}

impl std::fmt::Debug for Deliveries {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Deliveries")
            .field("mode", &self.mode)
            .finish_non_exhaustive()
    }
}
