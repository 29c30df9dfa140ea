mod dead_letters;
mod transaction;

use std::{collections::HashMap, fmt, sync::Arc, time::Duration};

use anymq_api::{
    Capability, Envelope, Error, ErrorKind, Result, Retry, Timestamp,
    spi::{
        DeliverySink, DeliveryToken, Done, DriverSession, DriverSubscription, Outcome, SessionSpec, Settlement,
        SubscribeSpec, SubscriptionId,
    },
};
use anymq_wire::Gate;
use async_trait::async_trait;
use parking_lot::Mutex;
use tokio::sync::oneshot;

use self::transaction::Transaction;
use crate::{
    codec,
    error::error,
    frame::{Command, Frame},
    link::Link,
    subscription::{Subscription, Unsettled},
};

/// A session: an order of frames on the link that all sessions of a connection share.
pub(crate) struct StompSession {
    shared: Arc<Shared>,
}

/// What outlives the handle: whatever was submitted runs to its end.
struct Shared {
    link: Arc<Link>,
    gate: Arc<Gate>,
    dead_letters: anymq_api::Address,
    subscriptions: Mutex<HashMap<SubscriptionId, Arc<Subscription>>>,
    settles_promptly: bool,
    /// Of a transacted session.
    transaction: Option<Mutex<Open>>,
}

/// The transaction that is open.
#[derive(Default)]
struct Open {
    /// At the broker, when something is in it.
    begun: Option<Arc<Transaction>>,
    /// To be delivered later. The time of the first runs already, but at the broker it would begin with the commit: only
    /// then it is known how much is left.
    delayed: Vec<Envelope>,
}

/// Deliveries that are to be accepted, by their tags.
type Held = Vec<(Arc<Subscription>, u64, Unsettled)>;

/// Whoever waits for the end of a transaction.
type Reply = oneshot::Sender<Result<()>>;

impl StompSession {
    pub(crate) fn open(link: &Arc<Link>, spec: SessionSpec, dead_letters: &anymq_api::Address) -> Self {
        Self {
            shared: Arc::new(Shared {
                link: Arc::clone(link),
                gate: Arc::default(),
                dead_letters: dead_letters.clone(),
                subscriptions: Mutex::default(),
                settles_promptly: spec.settles_promptly,
                transaction: spec.transacted.then(Mutex::default),
            }),
        }
    }
}

impl Shared {
    /// Submits one message on behalf of nobody's transaction.
    fn send(&self, envelope: &Envelope) -> Done<()> {
        let frame = match self.frame(envelope) {
            Ok(frame) => frame,
            Err(error) => return Done::ready(Err(error)),
        };
        let (reply, answer) = oneshot::channel();
        let (pass, address) = (self.gate.enter(), envelope.headers().destination.clone());
        let id = envelope.headers().message_id.clone();
        self.link.submit(
            &frame,
            Box::new(move |outcome| {
                drop(pass);
                let outcome = outcome.map_err(|error| {
                    let error = of_send(error).with_resource(address);
                    match id {
                        Some(id) => error.with_message_id(id),
                        None => error,
                    }
                });
                // Whoever gave up waiting does not want to know.
                let _ = reply.send(outcome);
            }),
        );
        Done::pending(async move { answer.await.unwrap_or_else(|_| Err(Error::closed("session"))) })
    }

    fn frame(&self, envelope: &Envelope) -> Result<Frame> {
        let address = &envelope.headers().destination;
        let origin = address.kind().is_topic().then(|| self.link.origin().text());
        codec::encode(envelope, self.link.names(), origin)
    }

    /// Submits one message as a part of the open transaction; what becomes of it shows at the end.
    fn send_within(&self, envelope: Envelope, open: &Mutex<Open>) -> Done<()> {
        // Now, so that it is told now what cannot be sent.
        let frame = match self.frame(&envelope) {
            Ok(frame) => frame,
            Err(error) => return Done::ready(Err(error)),
        };
        let mut open = open.lock();
        let transaction = Arc::clone(open.begun.get_or_insert_with(|| Transaction::begin(&self.link)));
        if is_delayed(&envelope) {
            open.delayed.push(envelope);
        } else {
            self.submit_within(frame, &transaction);
        }
        Done::ok()
    }

    fn submit_within(&self, frame: Frame, transaction: &Arc<Transaction>) {
        let frame = frame.with_header("transaction", transaction.id());
        let pass = self.gate.enter();
        transaction.submit(&self.link, &frame, move |_| drop(pass));
    }

    fn subscription(&self, id: SubscriptionId) -> Option<Arc<Subscription>> {
        self.subscriptions.lock().get(&id).cloned()
    }

    fn settle_one(self: &Arc<Self>, subscription: &Arc<Subscription>, settlement: &Settlement) {
        let tag = settlement.token.tag;
        match settlement.outcome {
            Outcome::Accept => {
                if let Some(unsettled) = subscription.take(tag) {
                    self.link.tell(&self.link.settlement(Command::Ack, &unsettled, None));
                }
            }
            Outcome::Reject { attempts, reason } => {
                if let Some(unsettled) = subscription.take(tag) {
                    self.bury(unsettled, attempts, reason);
                }
            }
            Outcome::Release { .. } => subscription.give_back(tag),
        }
    }

    /// Accepts these and ends the transaction, when all that is in it has arrived.
    fn commit(self: &Arc<Self>, open: &Mutex<Open>, tokens: &[DeliveryToken]) -> Done<()> {
        let held = self.held(tokens);
        let Open { begun, delayed } = std::mem::take(&mut *open.lock());
        let transaction = match (begun, held.is_empty()) {
            (Some(transaction), _) => transaction,
            (None, true) => return Done::ok(),
            (None, false) => Transaction::begin(&self.link),
        };
        for envelope in delayed {
            match self.frame(&envelope) {
                Ok(frame) => self.submit_within(frame, &transaction),
                Err(error) => {
                    drop(self.link.ask(&transaction.frame(Command::Abort)));
                    return Done::ready(Err(undone(error)));
                }
            }
        }
        let (reply, answer) = oneshot::channel();
        let shared = Arc::clone(self);
        let ending = Arc::clone(&transaction);
        transaction.when_answered(Box::new(move |failure| {
            shared.accept_within(&ending, held, failure, reply);
        }));
        Done::pending(async move { answer.await.unwrap_or_else(|_| Err(Error::closed("session"))) })
    }

    /// The second step, when the sends have arrived: an acknowledgement can be given once only, so it comes late.
    fn accept_within(
        self: Arc<Self>,
        transaction: &Arc<Transaction>,
        held: Held,
        failure: Option<Error>,
        reply: Reply,
    ) {
        if failure.is_none() {
            for (_, _, unsettled) in &held {
                let frame = self.link.settlement(Command::Ack, unsettled, Some(transaction.id()));
                transaction.submit(&self.link, &frame, |_| ());
            }
        }
        let ending = Arc::clone(transaction);
        transaction.when_answered(Box::new(move |later| {
            self.finish(&ending, &held, failure.or(later), reply);
        }));
    }

    /// The third step, when all is there.
    fn finish(self: Arc<Self>, transaction: &Transaction, held: &Held, failure: Option<Error>, reply: Reply) {
        if let Some(cause) = failure {
            drop(self.link.ask(&transaction.frame(Command::Abort)));
            // Whoever gave up waiting does not want to know.
            let _ = reply.send(Err(undone(cause)));
            return;
        }
        let accepted: Vec<_> = held
            .iter()
            .map(|(subscription, tag, _)| (Arc::clone(subscription), *tag))
            .collect();
        let link = Arc::clone(&self.link);
        let waiter = move |outcome: Result<()>| {
            if outcome.is_ok() {
                self.committed(&accepted);
            }
            let _ = reply.send(outcome.map_err(of_commit));
        };
        link.submit(&transaction.frame(Command::Commit), Box::new(waiter));
    }

    /// What these tokens stand for, as far as it is unsettled.
    fn held(&self, tokens: &[DeliveryToken]) -> Held {
        let mut held = Vec::with_capacity(tokens.len());
        for token in tokens {
            if let Some(subscription) = self.subscription(token.subscription)
                && let Some(unsettled) = subscription.held(token.tag)
            {
                held.push((subscription, token.tag, unsettled));
            }
        }
        held
    }

    fn committed(&self, accepted: &[(Arc<Subscription>, u64)]) {
        for (subscription, tag) in accepted {
            subscription.take(*tag);
        }
        self.tidy();
    }

    /// Forgets the subscriptions that are closed and have nothing left.
    fn tidy(&self) {
        let all: Vec<_> = self.subscriptions.lock().values().cloned().collect();
        for subscription in &all {
            subscription.tidy();
        }
        self.subscriptions
            .lock()
            .retain(|_, subscription| !subscription.is_over());
    }

    /// Undoes what is open.
    fn roll_back(&self) -> Done<()> {
        let open = self.transaction.as_ref().map(|open| std::mem::take(&mut *open.lock()));
        match open.and_then(|open| open.begun) {
            Some(transaction) => self.link.ask(&transaction.frame(Command::Abort)),
            None => Done::ok(),
        }
    }

    /// Undoes what is open, and gives back what is held; done when the broker has heard of it.
    fn end(&self) -> Done<()> {
        drop(self.roll_back());
        let all = std::mem::take(&mut *self.subscriptions.lock());
        let mut last = Done::ok();
        for subscription in all.into_values() {
            if let Err(pending) = subscription.release().into_ready() {
                last = pending;
            }
        }
        last
    }
}

fn is_delayed(envelope: &Envelope) -> bool {
    let due = envelope.headers().delivery_time;
    due.is_some_and(|due| due > Timestamp::now())
}

/// A send that the broker may have taken, when nobody knows.
fn of_send(error: Error) -> Error {
    if error.kind() == ErrorKind::ConnectionLost {
        return error.with_retry(Retry::MayDuplicate);
    }
    error
}

fn undone(cause: Error) -> Error {
    error(
        ErrorKind::TransactionRolledBack,
        format!("a part of it failed: {}", cause.detail()),
    )
    .with_retry(Retry::Safe)
    .with_source(cause)
}

/// Whether it was carried out is not known when the link was lost; what the broker refuses it undoes.
fn of_commit(cause: Error) -> Error {
    if matches!(cause.kind(), ErrorKind::ConnectionLost) {
        return cause.with_retry(Retry::MayDuplicate);
    }
    undone(cause)
}

#[async_trait]
impl DriverSession for StompSession {
    fn ready(&self) -> Done<()> {
        let gate = &self.shared.gate;
        if gate.has_room() {
            return Done::ok();
        }
        let gate = Arc::clone(gate);
        Done::pending(async move {
            gate.room().await;
            Ok(())
        })
    }

    fn send(&self, envelope: Envelope) -> Done<()> {
        match &self.shared.transaction {
            Some(open) => self.shared.send_within(envelope, open),
            None => self.shared.send(&envelope),
        }
    }

    fn send_batch(&self, envelopes: Vec<Envelope>) -> Done<()> {
        let sent: Vec<_> = envelopes.into_iter().map(|envelope| self.send(envelope)).collect();
        Done::pending(async move {
            let mut outcome = Ok(());
            for done in sent {
                outcome = outcome.and(done.await);
            }
            outcome
        })
    }

    async fn subscribe(&self, spec: SubscribeSpec, sink: Arc<dyn DeliverySink>) -> Result<Arc<dyn DriverSubscription>> {
        let id = spec.id;
        // Consumers that came and went without a message are not found otherwise.
        self.shared.tidy();
        let subscription = Subscription::open(&self.shared.link, spec, self.shared.settles_promptly, sink).await?;
        self.shared.subscriptions.lock().insert(id, Arc::clone(&subscription));
        Ok(subscription)
    }

    fn settle(&self, settlements: &[Settlement]) -> Done<()> {
        if !self.shared.link.is_up() {
            return Done::ready(Err(self.shared.link.ended()));
        }
        for settlement in settlements {
            if let Some(subscription) = self.shared.subscription(settlement.token.subscription) {
                self.shared.settle_one(&subscription, settlement);
            }
        }
        self.shared.tidy();
        Done::ok()
    }

    fn commit(&self, acknowledged: &[DeliveryToken]) -> Done<()> {
        match &self.shared.transaction {
            Some(open) => self.shared.commit(open, acknowledged),
            None => Done::ready(Err(Error::unsupported(Capability::Transactions))),
        }
    }

    fn rollback(&self) -> Done<()> {
        self.shared.roll_back()
    }

    fn flush(&self) -> Done<()> {
        self.shared.link.flush()
    }

    async fn close(&self, deadline: Duration) -> Result<()> {
        match tokio::time::timeout(deadline, self.shared.end()).await {
            // A lost link is no error: everything went back with it.
            Ok(_) => Ok(()),
            Err(_) => Err(error(ErrorKind::Timeout, "the session did not end in time")),
        }
    }

    fn abandon(&self) {
        drop(self.shared.end());
    }
}

impl fmt::Debug for StompSession {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("StompSession")
            .field("link", &self.shared.link)
            .field("transacted", &self.shared.transaction.is_some())
            .finish_non_exhaustive()
    }
}

impl Drop for StompSession {
    fn drop(&mut self) {
        self.abandon();
    }
}
