//! A connection to the broker, from its first byte to its last.

mod ledger;
mod task;

use std::{
    fmt,
    sync::{
        Arc, OnceLock, Weak,
        atomic::{AtomicBool, Ordering},
    },
    time::Duration,
};

use anymq_api::{Error, Result, spi::Done};
use parking_lot::Mutex;
use tokio::{
    sync::{Notify, watch},
    task::AbortHandle,
};

use self::ledger::{Ledger, Notice};
pub(crate) use self::ledger::{NOTHING, Waiter};
use crate::{
    error::lost,
    wire::{Client, Failure, Greeting, Loop, Outbound, Publish, QoS, Request, Setup},
};

/// Whom a link tells what comes. Called by its task, one call at a time, with no lock held.
pub(crate) trait Recipient: Send + Sync {
    /// A message.
    fn message(&self, message: Publish);

    /// Whether messages may be acknowledged as they come, without [`Link::acknowledge`]. Asked before the first one, and after each.
    fn keeps_up(&self) -> bool;

    /// The link is gone, and nobody here had ended it. Called once.
    fn lost(&self, failure: &Failure);
}

/// A link. Ends at once when it is dropped, unless it is being closed.
pub(crate) struct Link {
    shared: Arc<Shared>,
    task: OnceLock<AbortHandle>,
    over: watch::Receiver<bool>,
}

/// The end of a link, which may come when nobody has the link any more.
#[derive(Clone)]
pub(crate) struct End(watch::Receiver<bool>);

impl End {
    pub(crate) fn is_reached(&self) -> bool {
        *self.0.borrow() || self.0.has_changed().is_err()
    }

    /// Done when it is over: the broker has read what it was sent.
    pub(crate) async fn reached(mut self) {
        // A task that is gone is over, too.
        let _ = self.0.wait_for(|over| *over).await;
    }
}

/// What the link's task has, too.
struct Shared {
    client: Client,
    greeting: Greeting,
    state: Mutex<State>,
    /// It is to end in order, and then by itself.
    is_closing: AtomicBool,
    closing: Notify,
}

struct State {
    ledger: Ledger,
    /// Why nothing is taken any more.
    end: Option<Error>,
    /// Acknowledgements that were handed over, and those of them that were written.
    acknowledged: u64,
    acknowledgements_written: u64,
    /// Who waits until everything is written that was submitted before.
    flushes: Vec<Flush>,
}

struct Flush {
    /// How many requests are before it.
    requests: usize,
    acknowledged: u64,
    waiter: Waiter,
}

/// A link that has been let in, and is not read from yet.
pub(crate) struct Opened {
    link: Arc<Link>,
    event_loop: Loop,
    over: watch::Sender<bool>,
}

impl Opened {
    /// Begins to read, for this recipient.
    pub(crate) fn run(self, recipient: Weak<dyn Recipient>) {
        let Self { link, event_loop, over } = self;
        let running = task::run(event_loop, Arc::clone(&link.shared), recipient, over);
        // Once.
        let _ = link.task.set(tokio::spawn(running).abort_handle());
    }

    pub(crate) fn link(&self) -> &Arc<Link> {
        &self.link
    }
}

impl Link {
    /// Connects and logs in. Dropping the future closes the socket.
    pub(crate) async fn open(setup: &Setup) -> Result<Opened, Failure> {
        let (client, event_loop, greeting) = Loop::connect(setup).await?;
        let (over, is_over) = watch::channel(false);
        let link = Arc::new(Self {
            shared: Arc::new(Shared {
                client,
                greeting,
                state: Mutex::new(State {
                    ledger: Ledger::new(greeting.identifiers),
                    end: None,
                    acknowledged: 0,
                    acknowledgements_written: 0,
                    flushes: Vec::new(),
                }),
                is_closing: AtomicBool::new(false),
                closing: Notify::new(),
            }),
            task: OnceLock::new(),
            over: is_over,
        });
        Ok(Opened { link, event_loop, over })
    }

    pub(crate) fn greeting(&self) -> &Greeting {
        &self.shared.greeting
    }

    pub(crate) fn is_up(&self) -> bool {
        self.shared.state.lock().end.is_none()
    }

    /// Why it is not.
    pub(crate) fn ended(&self) -> Error {
        let end = self.shared.state.lock().end.clone();
        end.unwrap_or_else(|| lost("the link is up"))
    }

    /// Submits a message; the waiter hears of its end.
    pub(crate) fn publish(&self, message: Outbound, waiter: Waiter) {
        self.submit(Request::Publish(Box::new(message)), waiter);
    }

    /// Submits a request; the waiter hears of its end, possibly before this returns.
    pub(crate) fn submit(&self, request: Request, waiter: Waiter) {
        let mut state = self.shared.state.lock();
        let Some(end) = state.end.clone() else {
            let client = &self.shared.client;
            state
                .ledger
                .submit(request, waiter, |request, id| client.request(request, id));
            return;
        };
        drop(state);
        waiter(Err(end));
    }

    /// Submits a request and waits for its end. Dropping the future leaves it submitted.
    pub(crate) async fn ask(&self, request: Request) -> Result<()> {
        let (reply, answer) = tokio::sync::oneshot::channel();
        // Whoever gave up waiting does not want to know.
        self.submit(request, Box::new(move |outcome| drop(reply.send(outcome))));
        answer.await.unwrap_or_else(|_| Err(lost("nobody answers")))
    }

    /// Acknowledges a message that came by this link, if the broker waits for that.
    pub(crate) fn acknowledge(&self, id: u16, qos: QoS) {
        if id == 0 {
            return;
        }
        let mut state = self.shared.state.lock();
        if state.end.is_none() && self.shared.client.acknowledge(id, qos) {
            state.acknowledged += 1;
        }
    }

    /// Done when everything is written that was submitted before.
    pub(crate) fn flush(&self) -> Done<()> {
        let (reply, answer) = tokio::sync::oneshot::channel();
        let mut state = self.shared.state.lock();
        let flush = Flush {
            requests: state.ledger.unwritten(),
            acknowledged: state.acknowledged,
            // Whoever gave up waiting does not want to know.
            waiter: Box::new(|outcome| drop(reply.send(outcome))),
        };
        state.flushes.push(flush);
        let at_end = state.end.is_some();
        let notices = state.flushed(at_end);
        drop(state);
        notices.into_iter().for_each(Notice::give);
        Done::pending(async move { answer.await.unwrap_or_else(|_| Err(lost("nobody answers"))) })
    }

    /// Ends it in order. It is over when the broker has closed it, too, and so has read everything; or a while later.
    pub(crate) fn begin_close(&self) {
        if self.is_up() {
            self.shared.is_closing.store(true, Ordering::Release);
            self.shared.client.disconnect();
            self.shared.closing.notify_one();
        }
    }

    /// Done when it is over. Dropping the future changes nothing.
    pub(crate) async fn closed(&self, deadline: Duration) {
        let _ = tokio::time::timeout(deadline, self.end().reached()).await;
    }

    /// Whether it is over.
    pub(crate) fn is_over(&self) -> bool {
        self.end().is_reached()
    }

    pub(crate) fn end(&self) -> End {
        End(self.over.clone())
    }

    /// Ends it at once.
    pub(crate) fn abandon(&self) {
        self.abandon_for(&Error::closed("connection"));
    }

    /// Ends it at once, for this reason.
    pub(crate) fn abandon_for(&self, reason: &Error) {
        if let Some(task) = self.task.get() {
            task.abort();
        }
        self.shared.finish(reason);
    }
}

impl Drop for Link {
    /// One that is being closed ends by itself.
    fn drop(&mut self) {
        if !self.shared.is_closing.load(Ordering::Acquire) {
            self.abandon();
        }
    }
}

impl fmt::Debug for Link {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Link")
            .field("is_up", &self.is_up())
            .finish_non_exhaustive()
    }
}

impl Shared {
    /// Nothing is taken any more, and those who wait are told. Whether it was this that ended it.
    fn finish(&self, error: &Error) -> bool {
        let mut state = self.state.lock();
        if state.end.is_some() {
            return false;
        }
        state.end = Some(error.clone());
        let mut notices = state.ledger.fail(error);
        notices.extend(state.flushed(true));
        drop(state);
        notices.into_iter().for_each(Notice::give);
        true
    }
}

impl State {
    /// Those who wait for nothing any more; all of them `at_end`.
    fn flushed(&mut self, at_end: bool) -> Vec<Notice> {
        let (end, written) = (self.end.clone(), self.acknowledgements_written);
        let is_done = |flush: &Flush| at_end || flush.requests == 0 && flush.acknowledged <= written;
        let done: Vec<_> = self.flushes.extract_if(.., |flush| is_done(flush)).collect();
        let outcome = || end.clone().map_or(Ok(()), Err);
        done.into_iter()
            .map(|flush| Notice::new(flush.waiter, outcome()))
            .collect()
    }

    /// One more request was written.
    fn request_written(&mut self) {
        for flush in &mut self.flushes {
            flush.requests = flush.requests.saturating_sub(1);
        }
    }
}
