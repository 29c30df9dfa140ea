//! One socket to the broker: frames go out in the order in which they are submitted, and what comes in goes to whom it is
//! for.

mod heart_beat;
mod opening;
mod outbox;
mod reader;
mod receipts;
mod socket;
#[cfg(test)]
mod tests;
mod writer;

pub(crate) use receipts::Waiter;

use std::{
    collections::HashMap,
    fmt,
    sync::{
        Arc, OnceLock,
        atomic::{AtomicBool, AtomicU64, Ordering},
    },
    time::Duration,
};

use anymq_api::{
    Error, ErrorKind, Result,
    spi::{ConnectSpec, Done, DriverEvent, EventSink},
};
use anymq_wire::Origin;
use parking_lot::Mutex;
use tokio::sync::{oneshot, watch};

use self::{opening::Opened, outbox::Outbox};
use crate::{
    codec::Names,
    config::Config,
    dialect::Dialect,
    error::{error, lost, unwritable},
    frame::{Command, Frame, FrameEncoder, Version},
    subscription::Unsettled,
};

/// What CONNECT says of heart-beats.
pub(crate) fn offer(interval: Duration) -> String {
    heart_beat::HeartBeat::offer(interval)
}

/// Takes the messages of one subscription. Called by the one task that reads, so it must not wait.
pub(crate) trait Recipient: Send + Sync {
    /// A MESSAGE for it.
    fn message(&self, frame: Frame);
}

/// A link, which is lost or closed once, and never comes back.
pub(crate) struct Link {
    names: Names,
    version: Version,
    /// As which it marks what it sends to topics.
    origin: Origin,
    /// What the broker calls itself.
    server: Option<String>,
    outbox: Outbox,
    recipients: Mutex<HashMap<u64, Arc<dyn Recipient>>>,
    next_id: AtomicU64,
    events: Arc<dyn EventSink>,
    epoch: u32,
    loss: OnceLock<Error>,
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
            origin: Origin::new(spec.client_id.as_deref()),
            server,
            outbox: Outbox::new(FrameEncoder::new(version)),
            recipients: Mutex::default(),
            next_id: AtomicU64::new(0),
            events,
            epoch,
            loss: OnceLock::new(),
            closing: AtomicBool::new(false),
            over: watch::Sender::new(false),
        });
        // Both end with the link: it is over when it is lost, closed or abandoned.
        tokio::spawn(reader::run(Arc::clone(&link), inbound, heart_beat));
        tokio::spawn(writer::run(Arc::clone(&link), writing, heart_beat));
        Ok(link)
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
        let recipient = self.recipients.lock().remove(&id);
        // Without the lock: it belongs to somebody else.
        drop(recipient);
    }

    /// Submits a frame. `waiter` hears how it ended, at once where the link is over.
    pub(crate) fn submit(&self, frame: &Frame, waiter: Waiter) {
        let Err(refused) = self.outbox.push(frame, Some(waiter)) else {
            return;
        };
        let error = refused.cause.map_or_else(|| self.ended(), unwritable);
        if let Some(waiter) = refused.waiter {
            waiter(Err(error));
        }
    }

    /// Submits a frame without an answer: what is wrong with it is reported.
    pub(crate) fn tell(&self, frame: &Frame) {
        if let Err(refused) = self.outbox.push(frame, None)
            && let Some(cause) = refused.cause
        {
            self.report(unwritable(cause));
        }
    }

    /// Submits a frame for somebody who may wait.
    pub(crate) fn ask(&self, frame: &Frame) -> Done<()> {
        let (reply, answer) = oneshot::channel();
        // Whoever gave up waiting does not want to know.
        self.submit(frame, Box::new(|outcome| drop(reply.send(outcome))));
        // The link answers everybody; only its own end could not.
        Done::pending(async move { answer.await.unwrap_or_else(|_| Err(lost("nobody answers"))) })
    }

    /// The frame that accepts or refuses a delivery, in a transaction or by itself.
    pub(crate) fn settlement(&self, command: Command, unsettled: &Unsettled, transaction: Option<&str>) -> Frame {
        let ack = unsettled.ack.clone();
        let mut frame = match self.version {
            Version::V1_2 => Frame::new(command).with_header("id", ack),
            Version::V1_0 | Version::V1_1 => Frame::new(command)
                .with_header("subscription", unsettled.window.to_string())
                .with_header("message-id", ack),
        };
        if let Some(transaction) = transaction {
            frame.headers.push("transaction", transaction);
        }
        frame
    }

    /// Done when the broker has heard all that was submitted before: it answers in order.
    pub(crate) fn flush(&self) -> Done<()> {
        let name = format!("anymq-{}", self.new_id());
        let frame = |command| Frame::new(command).with_header("transaction", name.as_str());
        // Nothing else that has no consequence is answered.
        self.tell(&frame(Command::Begin));
        self.ask(&frame(Command::Abort))
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
        let error = self.ended();
        for waiter in self.outbox.close_unanswered() {
            waiter(Err(error.clone()));
        }
        let recipients = std::mem::take(&mut *self.recipients.lock());
        drop(recipients);
    }

    /// The socket failed, or what came by it.
    fn lose(&self, reason: Error) {
        let mut first = false;
        if !self.closing.load(Ordering::Acquire) {
            self.loss.get_or_init(|| {
                first = true;
                reason
            });
        }
        self.end();
        if first && let Some(error) = self.loss.get().cloned() {
            let epoch = self.epoch;
            self.events.event(DriverEvent::LinkLost { epoch, error });
        }
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

impl fmt::Debug for Link {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Link")
            .field("server", &self.server)
            .field("is_up", &self.is_up())
            .finish_non_exhaustive()
    }
}
