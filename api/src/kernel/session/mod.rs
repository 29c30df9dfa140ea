mod handle;

pub(crate) use handle::SessionHandle;

use std::{
    fmt,
    sync::{Arc, Weak, atomic::AtomicBool},
};

use async_trait::async_trait;
use parking_lot::Mutex;
use tokio::time::Instant;

use super::{
    browser::Browsers,
    close_once::CloseOnce,
    completion::Completions,
    connection::ConnectionCore,
    deliveries::{Deliveries, Submission, Unreturned},
    detach::within,
    dispatch::Panic,
    ledger::Attempted,
    life::{Life, Over},
};
use crate::{
    AckMode, Acknowledge, Address, Capability, DrainReport, Error, ErrorKind, Event, Result,
    message::SessionNumber,
    spi::{Done, DriverSession, DriverSubscription, Outcome, RejectReason, Settlement},
};

/// A session's state, shared by all that was made from it.
pub(crate) struct SessionCore {
    pub(crate) id: u64,
    pub(crate) connection: Arc<ConnectionCore>,
    pub(crate) driver: Arc<dyn DriverSession>,
    pub(crate) mode: AckMode,
    pub(crate) deliveries: Arc<Deliveries>,
    pub(crate) completions: Completions,
    /// One commit, rollback or close at a time.
    pub(crate) transaction: Arc<tokio::sync::Mutex<()>>,
    pub(crate) dispatching: AtomicBool,
    consumed: Mutex<Vec<(u32, Address)>>,
    pub(crate) browsers: Browsers,
    life: Life,
    /// Nothing of it is left to wait for.
    pub(crate) over: Over,
    closing: CloseOnce<DrainReport>,
    /// For messages that are acknowledged when they are handed over.
    pub(crate) number: SessionNumber,
    this: Weak<SessionCore>,
}

impl SessionCore {
    pub(crate) fn new(
        id: u64,
        connection: Arc<ConnectionCore>,
        driver: Arc<dyn DriverSession>,
        mode: AckMode,
        deliveries: Arc<Deliveries>,
    ) -> Arc<Self> {
        Arc::new_cyclic(|this| Self {
            id,
            connection,
            driver,
            mode,
            deliveries,
            completions: Completions::default(),
            transaction: Arc::default(),
            dispatching: AtomicBool::new(false),
            consumed: Mutex::default(),
            browsers: Browsers::default(),
            life: Life::default(),
            over: Over::default(),
            closing: CloseOnce::default(),
            number: SessionNumber::new(Weak::clone(this) as Weak<dyn Acknowledge>),
            this: Weak::clone(this),
        })
    }

    /// The error of every call once the session is closed or the link lost.
    pub(crate) fn usable(&self) -> Result<()> {
        self.open()?;
        self.connection.failure().map_or(Ok(()), |error| Err(error.clone()))
    }

    pub(crate) fn open(&self) -> Result<()> {
        self.life.check(self.connection.id, "session")
    }

    /// For what began before the session was told to close, and for acknowledging, which goes on until it is closed.
    pub(crate) fn not_closed(&self) -> Result<()> {
        self.life.check_not_closed("session")?;
        self.connection.failure().map_or(Ok(()), |error| Err(error.clone()))
    }

    /// For received messages, which hold their session weakly.
    pub(crate) fn acknowledger(&self) -> Weak<dyn Acknowledge> {
        self.this.clone() as Weak<dyn Acknowledge>
    }

    /// Submits settlements that nobody waits for; failures go to the events.
    #[inline]
    pub(crate) fn settle_unattended(&self, settlements: &[Settlement]) {
        if settlements.is_empty() {
            return;
        }
        let done = self.driver.settle(settlements);
        if !done.is_ok() {
            self.attend(done);
        }
    }

    /// Submits what does not come again.
    pub(crate) fn settle_unreturned(&self, (settlements, submission): Unreturned<'_>) {
        self.settle_unattended(&settlements);
        drop(submission);
    }

    /// Sees to a settlement that failed or is under way.
    #[cold]
    fn attend(&self, done: Done<()>) {
        let report = |events: &crate::event::EventHub, error| events.publish(&Event::AcknowledgeFailed { error });
        match done.into_ready() {
            Ok(Ok(())) => {}
            Ok(Err(error)) => report(&self.connection.events, error),
            Err(pending) => {
                // Outside a runtime (a late drop) nobody is left to be told.
                if let Ok(runtime) = tokio::runtime::Handle::try_current() {
                    let events = Arc::clone(&self.connection.events);
                    let limit = self.connection.request_timeout;
                    runtime.spawn(async move {
                        if let Err(error) = within(limit, pending).await {
                            report(&events, error);
                        }
                    });
                }
            }
        }
    }

    async fn settle(&self, settlements: &[Settlement]) -> Result<()> {
        if settlements.is_empty() {
            return Ok(());
        }
        within(self.connection.request_timeout, self.driver.settle(settlements)).await
    }

    /// Settles what was taken out of the ledger.
    async fn settle_taken(&self, settlements: &[Settlement], submission: Submission<'_>) -> Result<()> {
        self.not_closed()?;
        if settlements.is_empty() {
            return Ok(());
        }
        let done = self.driver.settle(settlements);
        drop(submission);
        within(self.connection.request_timeout, done).await
    }

    /// Fails, too, when the broker took some of it back; the rest is settled nevertheless.
    async fn accept_all(&self) -> Result<()> {
        let (unsettled, submission) = self.deliveries.take_ledger()?;
        let settlements: Vec<_> = unsettled.entries.iter().map(accept).collect();
        self.settle_taken(&settlements, submission).await?;
        unsettled.taken_back.map_or(Ok(()), Err)
    }

    async fn accept_one(&self, delivery: u64) -> Result<()> {
        let (entry, submission) = self.deliveries.take_one(delivery)?;
        let settlements = Vec::from_iter(entry.as_ref().map(accept));
        self.settle_taken(&settlements, submission).await
    }

    async fn settle_one(&self, delivery: u64, outcome: impl FnOnce(u32) -> Outcome) -> Result<()> {
        self.not_closed()?;
        if self.mode != AckMode::Individual {
            return Err(Error::new(ErrorKind::IllegalState, "only in individual mode"));
        }
        self.connection.require(Capability::Release)?;
        let (entry, submission) = self.deliveries.take_one(delivery)?;
        let entry = entry.ok_or_else(|| Error::new(ErrorKind::IllegalState, "the message is settled already"))?;
        self.settle_taken(&[entry.settle(outcome(entry.attempts))], submission)
            .await
    }

    pub(crate) fn note_consumer(&self, consumer: u32, destination: &Address) {
        self.consumed.lock().push((consumer, destination.clone()));
    }

    pub(crate) fn forget_consumer(&self, consumer: u32) {
        self.consumed.lock().retain(|(id, _)| *id != consumer);
    }

    pub(crate) fn consumes(&self, destination: &Address) -> bool {
        self.consumed.lock().iter().any(|(_, address)| address == destination)
    }

    /// From now on nothing is handed out, and only running listeners use the session.
    pub(crate) fn begin_close(&self) {
        self.life.begin_close();
        self.deliveries.begin_drain();
    }

    /// Closes, once; what is not done by `end` is abandoned.
    pub(crate) async fn close_by(self: &Arc<Self>, end: Instant) -> DrainReport {
        let panicked = Arc::clone(self);
        let give_up = move |panic: Panic| {
            tracing::error!(%panic, "closing a session");
            Ok(panicked.ended(DrainReport::default()))
        };
        let outcome = self.closing.run(|| Arc::clone(self).drain_until(end), give_up).await;
        outcome.unwrap_or_default()
    }

    async fn drain_until(self: Arc<Self>, end: Instant) -> Result<DrainReport> {
        let drained = tokio::time::timeout_at(end, self.drain(end)).await;
        let report = drained.unwrap_or_else(|_| DrainReport {
            unconfirmed: self.completions.len(),
            ..DrainReport::default()
        });
        Ok(self.ended(report))
    }

    /// Leaves nothing behind, whatever the report says.
    fn ended(&self, report: DrainReport) -> DrainReport {
        self.abandon();
        self.connection.forget(self.id);
        report
    }

    async fn drain(&self, end: Instant) -> DrainReport {
        self.begin_close();
        self.idle().await;
        let _transaction = self.transaction.lock().await;
        self.life.close();
        self.browsers.close();
        let subscriptions = self.deliveries.subscriptions();
        let mut complete = self.end_delivery(&subscriptions).await.is_ok();
        let settlements = self.deliveries.close();
        self.deliveries.wait_submitted().await;
        let released = settlements.iter().filter(|s| was_handed_over(s)).count();
        complete &= self.settle(&settlements).await.is_ok();
        let left = end.saturating_duration_since(Instant::now());
        complete &= self.driver.close(left).await.is_ok();
        DrainReport {
            complete,
            released,
            ..DrainReport::default()
        }
    }

    /// After the last push, and before what was delivered goes back.
    async fn end_delivery(&self, subscriptions: &[Arc<dyn DriverSubscription>]) -> Result<()> {
        let closing: Vec<_> = subscriptions.iter().map(|subscription| subscription.close()).collect();
        let mut outcome = Ok(());
        for done in closing {
            outcome = outcome.and(within(self.connection.request_timeout, done).await);
        }
        outcome
    }

    /// Ends the session at once. After an orderly close there is nothing left for it to do.
    pub(crate) fn abandon(&self) {
        self.life.close();
        self.browsers.close();
        for subscription in self.deliveries.subscriptions() {
            subscription.abandon();
        }
        let settlements = self.deliveries.close();
        self.settle_unattended(&settlements);
        self.driver.abandon();
        self.consumed.lock().clear();
        if !self.is_idle() {
            self.connection.left_running(Weak::clone(&self.this));
        }
        self.over.tell();
    }

    /// No listener runs, and none will.
    fn is_idle(&self) -> bool {
        self.deliveries.is_idle() && self.completions.len() == 0
    }

    /// Waits until that is so, however the session ended.
    pub(crate) async fn idle(&self) {
        self.deliveries.wait_idle(|_| true).await;
        self.completions.drained().await;
    }
}

fn accept(entry: &Attempted) -> Settlement {
    entry.settle(Outcome::Accept)
}

fn was_handed_over(settlement: &Settlement) -> bool {
    matches!(settlement.outcome, Outcome::Release { attempts } if attempts > 0)
}

#[async_trait]
impl Acknowledge for SessionCore {
    async fn acknowledge(&self, delivery: u64) -> Result<()> {
        self.life.check_not_closed("session")?;
        let settled = match self.mode {
            AckMode::Auto | AckMode::DupsOk | AckMode::Transacted => return Ok(()),
            AckMode::Client => self.accept_all().await,
            AckMode::Individual => self.accept_one(delivery).await,
        };
        settled.map_err(|error| error.with_operation("acknowledge"))
    }

    async fn release(&self, delivery: u64) -> Result<()> {
        self.settle_one(delivery, |attempts| Outcome::Release { attempts })
            .await
    }

    async fn reject(&self, delivery: u64) -> Result<()> {
        let reason = RejectReason::Rejected;
        self.settle_one(delivery, |attempts| Outcome::Reject { attempts, reason })
            .await
    }
}

impl fmt::Debug for SessionCore {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Session")
            .field("provider", &self.connection.provider)
            .field("id", &self.id)
            .field("mode", &self.mode)
            .finish_non_exhaustive()
    }
}
