//! One socket to the broker: frames go out in the order in which they are submitted, and what comes in goes to whom it is
//! for.

mod heart_beat;
mod opening;
mod outbox;
mod reader;
mod receipts;
mod socket;
mod submitting;
#[cfg(test)]
mod tests;
mod writer;

pub(crate) use receipts::Waiter;

use std::{
    collections::HashMap,
    fmt,
    sync::{
        Arc, OnceLock, Weak,
        atomic::{AtomicBool, AtomicU64, Ordering},
    },
    time::Duration,
};

use anymq_api::{
    Error, ErrorKind, Result, Retry,
    spi::{ConnectSpec, DriverEvent, EventSink},
};
use anymq_wire::Origin;
use parking_lot::Mutex;
use tokio::sync::watch;

use self::{opening::Opened, outbox::Outbox};
use crate::{
    codec::Names,
    config::Config,
    dialect::Dialect,
    error::error,
    frame::{Command, Frame, FrameEncoder, Version},
};

/// What CONNECT says of heart-beats.
pub(crate) fn offer(interval: Duration) -> String {
    heart_beat::HeartBeat::offer(interval)
}

/// Takes the messages of one subscription. Called by the one task that reads, so it must not wait.
pub(crate) trait Recipient: Send + Sync {
    /// A MESSAGE for it.
    fn message(&self, frame: Frame);

    /// The broker ended the subscription, and nothing else.
    fn ended(&self, error: &Error);
}

/// Whose link it is, where it is not everybody's.
pub(crate) trait Owner: Send + Sync {
    /// The broker ended the link because of something that was asked over it. Called by the one task that reads, when all
    /// who waited have been told, so it must not wait.
    fn refused(&self, error: &Error);
}

/// A link, which is lost or closed once, and never comes back.
pub(crate) struct Link {
    names: Names,
    version: Version,
    /// As which it marks what it sends to topics.
    origin: Arc<Origin>,
    /// What the broker calls itself.
    server: Option<String>,
    outbox: Outbox,
    recipients: Mutex<HashMap<u64, Arc<dyn Recipient>>>,
    next_id: AtomicU64,
    events: Arc<dyn EventSink>,
    epoch: u32,
    loss: OnceLock<Error>,
    /// Hears of it in place of the whole connection when what ends the link is a refusal.
    owner: OnceLock<Weak<dyn Owner>>,
    /// We end it ourselves, so its end is no loss.
    closing: AtomicBool,
    /// The socket is not read or written any more.
    over: watch::Sender<bool>,
}

impl Link {
    /// Connects and logs in. Dropping the future closes the socket.
    pub(crate) async fn open(
        config: &Config,
        spec: &ConnectSpec,
        epoch: u32,
        origin: Arc<Origin>,
        events: Arc<dyn EventSink>,
    ) -> Result<Arc<Self>> {
        let Opened {
            dialect,
            version,
            server,
            inbound,
            writing,
            heart_beat,
        } = opening::open(config, spec).await?;
        let link = Arc::new(Self {
            names: Names::new(dialect, config.java_maps()),
            version,
            origin,
            server,
            outbox: Outbox::new(FrameEncoder::new(version)),
            recipients: Mutex::default(),
            next_id: AtomicU64::new(0),
            events,
            epoch,
            loss: OnceLock::new(),
            owner: OnceLock::new(),
            closing: AtomicBool::new(false),
            over: watch::Sender::new(false),
        });
        // Both end with the link: it is over when it is lost, closed or abandoned.
        tokio::spawn(reader::run(Arc::clone(&link), inbound, heart_beat));
        tokio::spawn(writer::run(Arc::clone(&link), writing, heart_beat));
        Ok(link)
    }

    /// From now on what the broker refuses over it is this one's affair alone.
    pub(crate) fn belong_to(&self, owner: Weak<dyn Owner>) {
        // A second one changes nothing.
        let _ = self.owner.set(owner);
    }

    pub(crate) fn dialect(&self) -> &'static dyn Dialect {
        self.names.dialect()
    }

    pub(crate) fn names(&self) -> &Names {
        &self.names
    }

    pub(crate) fn origin(&self) -> &Origin {
        &self.origin
    }

    pub(crate) fn epoch(&self) -> u32 {
        self.epoch
    }

    pub(crate) fn server(&self) -> Option<&str> {
        self.server.as_deref()
    }

    pub(crate) fn is_up(&self) -> bool {
        self.loss.get().is_none() && !self.closing.load(Ordering::Acquire)
    }

    /// Why nothing can be done any more.
    pub(crate) fn ended(&self) -> Error {
        match self.loss.get() {
            Some(loss) => loss.clone(),
            None => Error::closed("connection"),
        }
    }

    /// A number for a subscription, or for a transaction, of this link.
    pub(crate) fn new_id(&self) -> u64 {
        self.next_id.fetch_add(1, Ordering::Relaxed)
    }

    /// From now on messages for this subscription go there. Before it is asked for: they may come before the receipt.
    pub(crate) fn register(&self, id: u64, recipient: Arc<dyn Recipient>) {
        self.recipients.lock().insert(id, recipient);
    }

    pub(crate) fn forget(&self, id: u64) {
        // Without the lock: it belongs to somebody else.
        drop(self.take_recipient(id));
    }

    fn take_recipient(&self, id: u64) -> Option<Arc<dyn Recipient>> {
        self.recipients.lock().remove(&id)
    }

    /// Whether the broker refused something over it, and so ended it, without any harm to other links.
    pub(crate) fn is_refused(&self) -> bool {
        let is_refusal = |error: &Error| error.kind() != ErrorKind::ConnectionLost;
        self.loss.get().is_some_and(is_refusal)
    }

    /// Ends it in order: what was submitted before reaches the broker.
    pub(crate) async fn close(&self, deadline: Duration) -> Result<()> {
        if self.closing.swap(true, Ordering::AcqRel) || self.loss.get().is_some() {
            self.end();
            return Ok(());
        }
        let answered = tokio::time::timeout(deadline, self.ask(&Frame::new(Command::Disconnect))).await;
        self.end();
        match answered {
            // A link that is lost meanwhile is closed.
            Ok(_) => Ok(()),
            Err(_) => Err(error(ErrorKind::Timeout, "the broker did not say good-bye in time")),
        }
    }

    /// Ends it at once, without waiting, possibly outside a runtime; what was submitted is still written, if the broker
    /// takes it.
    pub(crate) fn abandon(&self) {
        if !self.closing.swap(true, Ordering::AcqRel) {
            let _ = self.outbox.push(&Frame::new(Command::Disconnect), None);
        }
        self.end();
    }

    /// Somebody hears that it is over, and nobody anything else any more.
    fn end(&self) {
        self.over.send_replace(true);
        // It was submitted: nobody knows whether the broker has it.
        let error = self.ended().with_retry(Retry::MayDuplicate);
        for waiter in self.outbox.close_unanswered() {
            waiter(Err(error.clone()));
        }
        let recipients = std::mem::take(&mut *self.recipients.lock());
        drop(recipients);
    }

    /// The socket failed, or what came by it.
    fn lose(&self, end: End) {
        let owner = self.owner.get().filter(|_| matches!(end, End::Refused(_)));
        let reason = match end {
            End::Refused(refusal) if owner.is_some() => refusal.with_retry(Retry::Safe),
            End::Refused(refusal) => reader::ended_by(&refusal),
            End::Lost(reason) => reason,
        };
        if !self.lose_quietly(reason) {
            return;
        }
        let error = self.ended();
        match owner {
            Some(owner) => {
                // Whoever is gone needs to hear nothing.
                if let Some(owner) = owner.upgrade() {
                    owner.refused(&error);
                }
            }
            None => self.events.event(DriverEvent::LinkLost {
                epoch: self.epoch,
                error,
            }),
        }
    }

    /// Whether it was there until now.
    fn lose_quietly(&self, reason: Error) -> bool {
        let mut first = false;
        if !self.closing.load(Ordering::Acquire) {
            self.loss.get_or_init(|| {
                first = true;
                reason
            });
        }
        self.end();
        first
    }

    /// Another link of the same connection was lost.
    pub(crate) fn lose_with_others(&self, reason: &Error) {
        self.lose_quietly(reason.clone());
    }

    /// Something failed that nobody waits for.
    pub(crate) fn report(&self, error: Error) {
        if self.is_up() {
            self.events.event(DriverEvent::SettleFailed { error });
        }
    }

    async fn over(&self) {
        // The sender is this link's own.
        let _ = self.over.subscribe().wait_for(|is_over| *is_over).await;
    }
}

/// How a link ends that nobody closed.
enum End {
    /// It is gone.
    Lost(Error),
    /// The broker hangs up because of something that it refused.
    Refused(Error),
}

impl From<Error> for End {
    fn from(reason: Error) -> Self {
        Self::Lost(reason)
    }
}

impl fmt::Debug for Link {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Link")
            .field("server", &self.server)
            .field("is_up", &self.is_up())
            .finish_non_exhaustive()
    }
}
