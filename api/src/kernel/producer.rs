use std::{
    fmt,
    pin::Pin,
    sync::{
        Arc,
        atomic::{AtomicBool, AtomicU64, AtomicUsize, Ordering},
    },
};

use async_trait::async_trait;
use parking_lot::Mutex;
use tokio::sync::Notify;

use super::{
    completion::Completion,
    detach::within,
    pace::Pace,
    scope,
    sending::Sending,
    session::{SessionCore, SessionHandle},
    stamp::stamp,
};
use crate::{
    Address, Capability, CompletionListener, Destination, Envelope, Error, ErrorKind, Message, Producer, Result, Retry,
    SendOptions, SendReceipt, message::MessageIds, spi::Done,
};

pub(crate) struct ProducerCore {
    pub(crate) id: u64,
    destination: Option<Address>,
    options: Mutex<SendOptions>,
    /// Whether the options were ever set: most producers never do, and need no lock.
    chosen: AtomicBool,
    ids: MessageIds,
    closed: AtomicBool,
    pub(super) pace: Pace,
    /// Asynchronous sends whose completion listener has not returned.
    outstanding: AtomicUsize,
    settled: Notify,
}

impl ProducerCore {
    fn options(&self) -> SendOptions {
        self.options_chosen().unwrap_or_default()
    }

    #[inline]
    fn options_chosen(&self) -> Option<SendOptions> {
        let chosen = self.chosen.load(Ordering::Acquire);
        chosen.then(|| self.options.lock().clone())
    }

    pub(crate) fn completed(&self) {
        self.outstanding.fetch_sub(1, Ordering::AcqRel);
        self.settled.notify_waiters();
    }

    async fn wait_settled(&self) {
        loop {
            let settled = self.settled.notified();
            if self.outstanding.load(Ordering::Acquire) == 0 {
                return;
            }
            settled.await;
        }
    }
}

/// What the application holds.
pub(crate) struct ProducerHandle {
    pub(super) core: Arc<ProducerCore>,
    session: SessionHandle,
}

impl ProducerHandle {
    pub(crate) fn new(session: SessionHandle, destination: Option<Address>) -> Self {
        static NEXT: AtomicU64 = AtomicU64::new(1);
        let id = NEXT.fetch_add(1, Ordering::Relaxed);
        let core = Arc::new(ProducerCore {
            id,
            destination,
            options: Mutex::default(),
            chosen: AtomicBool::new(false),
            ids: MessageIds::new(id),
            closed: AtomicBool::new(false),
            pace: Pace::default(),
            outstanding: AtomicUsize::new(0),
            settled: Notify::new(),
        });
        Self { core, session }
    }

    fn session(&self) -> &Arc<SessionCore> {
        self.session.core()
    }

    fn open(&self) -> Result<()> {
        self.session().open()?;
        if self.core.closed.load(Ordering::Acquire) {
            return Err(Error::closed("producer"));
        }
        Ok(())
    }

    #[inline]
    fn usable(&self) -> Result<()> {
        self.open()?;
        let lost = self.session().connection.failure();
        lost.map_or(Ok(()), |error| Err(error.clone()))
    }

    /// Where a send goes.
    fn resolve(&self, target: Target<'_>) -> Result<Address> {
        let connection = &self.session().connection;
        match (target, &self.core.destination) {
            (Target::Own, Some(destination)) => {
                if destination.kind().is_temporary() {
                    connection.check_not_deleted(destination)?;
                }
                Ok(destination.clone())
            }
            (Target::Own, None) => Err(Error::new(
                ErrorKind::UnsupportedOperation,
                "an anonymous producer needs a destination",
            )),
            (Target::Given(_), Some(_)) => Err(Error::new(
                ErrorKind::UnsupportedOperation,
                "this producer has a destination of its own",
            )),
            (Target::Given(destination), None) => {
                connection.check_destination(destination.address())?;
                Ok(destination.address().clone())
            }
        }
    }

    /// Everything before the broker is asked: the checks and the stamp.
    fn prepare(&self, target: Target<'_>, message: Message, options: Option<SendOptions>) -> Result<Envelope> {
        self.usable()?;
        let connection = &self.session().connection;
        let name = |error: Error| error.with_operation("send").with_provider(connection.provider);
        let destination = self.resolve(target).map_err(name)?;
        let Some(options) = options.or_else(|| self.core.options_chosen()) else {
            connection.check_message(&message, &destination).map_err(name)?;
            // Apart: nothing needs to be asked of options that are known here.
            return Ok(self.stamp(message, destination, &SendOptions::default()));
        };
        if options.delay.is_some_and(|delay| !delay.is_zero()) {
            connection.check_delay(&destination).map_err(name)?;
        }
        connection.check_message(&message, &destination).map_err(name)?;
        Ok(self.stamp(message, destination, &options))
    }

    #[inline]
    fn stamp(&self, message: Message, destination: Address, options: &SendOptions) -> Envelope {
        let clock = &*self.session().connection.clock;
        stamp(message, destination, options, clock, || self.core.ids.make())
    }

    /// To its own destination, with its own options.
    #[inline]
    pub(super) fn prepare_own(&self, message: Message) -> Result<Envelope> {
        self.prepare(Target::Own, message, None)
    }

    async fn transmit(&self, prepare: impl FnOnce() -> Result<Envelope> + Send) -> Result<SendReceipt> {
        if self.core.pace.counts() {
            tokio::task::coop::consume_budget().await;
        }
        let waiting = match self.submit(prepare()?) {
            Ok(receipt) => return Ok(receipt),
            Err(waiting) => waiting,
        };
        waiting.await
    }

    /// Sends, where the broker takes it at once. What else is left to do is boxed: with most brokers in the same process
    /// nothing ever is, and every send would carry its size.
    #[inline]
    pub(super) fn submit(&self, envelope: Envelope) -> Result<SendReceipt, Boxed<'_, SendReceipt>> {
        let admission = self.session().driver.ready();
        if !admission.is_ok() {
            return Err(Box::pin(self.submit_admitted(admission, envelope)));
        }
        let done = self.session().driver.send(envelope.clone());
        if !done.is_ok() {
            return Err(Box::pin(self.finish(done, envelope)));
        }
        Ok(SendReceipt::new(envelope))
    }

    async fn submit_admitted(&self, admission: Done<()>, envelope: Envelope) -> Result<SendReceipt> {
        self.admitted(admission).await?;
        let done = self.session().driver.send(envelope.clone());
        self.finish(done, envelope).await
    }

    async fn finish(&self, done: Done<()>, envelope: Envelope) -> Result<SendReceipt> {
        match within(self.session().connection.request_timeout, done).await {
            Ok(()) => Ok(SendReceipt::new(envelope)),
            Err(error) => Err(self.failed(error, &envelope)),
        }
    }

    /// Waits for the broker's leave to send.
    async fn admitted(&self, admission: Done<()>) -> Result<()> {
        let outcome = match admission.into_ready() {
            Ok(outcome) => return outcome.map_err(|error| self.not_admitted(error)),
            Err(pending) => within(self.session().connection.request_timeout, pending).await,
        };
        outcome.map_err(|error| self.not_admitted(error))?;
        // The producer may have been closed while it waited.
        self.usable()
    }

    /// Nothing was submitted yet, so it may be tried again.
    fn not_admitted(&self, error: Error) -> Error {
        error
            .with_operation("send")
            .with_provider(self.session().connection.provider)
            .with_retry(Retry::Safe)
    }

    fn failed(&self, error: Error, envelope: &Envelope) -> Error {
        let error = error
            .with_operation("send")
            .with_provider(self.session().connection.provider)
            .with_resource(&envelope.headers().destination);
        match &envelope.headers().message_id {
            Some(id) => error.with_message_id(id.clone()),
            None => error,
        }
    }

    async fn transmit_async(
        &self,
        target: Target<'_>,
        message: Message,
        options: Option<SendOptions>,
        listener: Arc<dyn CompletionListener>,
    ) -> Result<()> {
        tokio::task::coop::consume_budget().await;
        self.usable()?;
        self.session().connection.require(Capability::AsyncSend)?;
        let envelope = self.prepare(target, message, options)?;
        self.admitted(self.session().driver.ready()).await?;
        self.core.outstanding.fetch_add(1, Ordering::AcqRel);
        self.session().submit_async(Completion {
            envelope,
            listener,
            producer: Arc::clone(&self.core),
        });
        Ok(())
    }
}

pub(super) type Boxed<'a, T> = Pin<Box<dyn Future<Output = Result<T>> + Send + 'a>>;

/// Where a call sends to.
#[derive(Clone, Copy)]
enum Target<'a> {
    /// The producer's own destination.
    Own,
    /// The one that an anonymous producer is given.
    Given(&'a dyn Destination),
}

impl fmt::Debug for ProducerHandle {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Producer")
            .field("destination", &self.core.destination)
            .finish_non_exhaustive()
    }
}

#[async_trait]
impl Producer for ProducerHandle {
    fn destination(&self) -> Result<Option<Address>> {
        self.open()?;
        Ok(self.core.destination.clone())
    }

    fn options(&self) -> Result<SendOptions> {
        self.open()?;
        Ok(self.core.options())
    }

    fn set_options(&self, options: SendOptions) -> Result<()> {
        self.open()?;
        if options.delay.is_some_and(|delay| !delay.is_zero()) {
            match &self.core.destination {
                Some(destination) => self.session().connection.check_delay(destination)?,
                None => self.session().connection.require(Capability::DeliveryDelay)?,
            }
        }
        *self.core.options.lock() = options;
        self.core.chosen.store(true, Ordering::Release);
        Ok(())
    }

    // In the form that `async_trait` gives it.
    fn send<'a, 'b>(&'a self, message: Message) -> Boxed<'b, SendReceipt>
    where
        'a: 'b,
        Self: 'b,
    {
        Sending::boxed(self, message)
    }

    async fn send_with(&self, message: Message, options: SendOptions) -> Result<SendReceipt> {
        self.transmit(|| self.prepare(Target::Own, message, Some(options)))
            .await
    }

    async fn send_to(&self, destination: &dyn Destination, message: Message) -> Result<SendReceipt> {
        self.transmit(|| self.prepare(Target::Given(destination), message, None))
            .await
    }

    async fn send_to_with(
        &self,
        destination: &dyn Destination,
        message: Message,
        options: SendOptions,
    ) -> Result<SendReceipt> {
        self.transmit(|| self.prepare(Target::Given(destination), message, Some(options)))
            .await
    }

    async fn send_async(
        &self,
        message: Message,
        options: Option<SendOptions>,
        listener: Arc<dyn CompletionListener>,
    ) -> Result<()> {
        self.transmit_async(Target::Own, message, options, listener).await
    }

    async fn send_async_to(
        &self,
        destination: &dyn Destination,
        message: Message,
        options: Option<SendOptions>,
        listener: Arc<dyn CompletionListener>,
    ) -> Result<()> {
        self.transmit_async(Target::Given(destination), message, options, listener)
            .await
    }

    async fn close(&self) -> Result<()> {
        if let Some(completing) = scope::completing_producer(self.session().id) {
            // Its own send, or one queued behind the running callback, would be waited for in vain.
            if completing == self.core.id || self.core.outstanding.load(Ordering::Acquire) > 0 {
                return Err(Error::new(
                    ErrorKind::IllegalState,
                    "a completion listener cannot close a producer with outstanding sends of its session",
                ));
            }
        }
        self.core.closed.store(true, Ordering::Release);
        self.session().over.or(self.core.wait_settled()).await;
        Ok(())
    }
}
