use std::{
    fmt,
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
    scope,
    session::{SessionCore, SessionHandle},
    stamp::stamp,
};
use crate::{
    Address, Capability, CompletionListener, Destination, Envelope, Error, ErrorKind, Message, Producer, Result,
    SendOptions, SendReceipt, message::MessageIds,
};

pub(crate) struct ProducerCore {
    pub(crate) id: u64,
    destination: Option<Address>,
    options: Mutex<SendOptions>,
    ids: MessageIds,
    sent: AtomicU64,
    closed: AtomicBool,
    /// Asynchronous sends whose completion listener has not returned.
    outstanding: AtomicUsize,
    settled: Notify,
}

impl ProducerCore {
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
    core: Arc<ProducerCore>,
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
            ids: MessageIds::new(id),
            sent: AtomicU64::new(0),
            closed: AtomicBool::new(false),
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

    fn usable(&self) -> Result<()> {
        self.open()?;
        self.session().usable()
    }

    /// The destination of an identified producer's send.
    fn own_destination(&self) -> Result<Address> {
        let destination = self.core.destination.clone().ok_or_else(|| {
            Error::new(
                ErrorKind::UnsupportedOperation,
                "an anonymous producer needs a destination",
            )
        })?;
        if destination.kind().is_temporary() {
            self.session().connection.check_not_deleted(&destination)?;
        }
        Ok(destination)
    }

    /// The destination of an anonymous producer's send.
    fn given_destination(&self, destination: &dyn Destination) -> Result<Address> {
        if self.core.destination.is_some() {
            return Err(Error::new(
                ErrorKind::UnsupportedOperation,
                "this producer has a destination of its own",
            ));
        }
        let destination = destination.address();
        self.session().connection.check_destination(destination)?;
        Ok(destination.clone())
    }

    fn prepare(&self, destination: Address, message: Message, options: Option<SendOptions>) -> Result<Arc<Envelope>> {
        let connection = &self.session().connection;
        let options = options.unwrap_or_else(|| self.core.options.lock().clone());
        if options.delay.is_some_and(|delay| !delay.is_zero()) {
            connection.check_delay(&destination)?;
        }
        let make_id = || self.core.ids.make(self.core.sent.fetch_add(1, Ordering::Relaxed));
        let envelope = stamp(message, destination, &options, &*connection.clock, make_id);
        Ok(Arc::new(envelope))
    }

    async fn transmit(
        &self,
        destination: Result<Address>,
        message: Message,
        options: Option<SendOptions>,
    ) -> Result<SendReceipt> {
        tokio::task::coop::consume_budget().await;
        let connection = &self.session().connection;
        let envelope = self.admit(destination, message, options).await?;
        // The producer may have been closed while it waited.
        self.usable()?;
        let done = self.session().driver.send(Arc::clone(&envelope));
        match within(connection.request_timeout, done).await {
            Ok(()) => Ok(SendReceipt::new(envelope)),
            Err(error) => Err(self.failed(error, &envelope)),
        }
    }

    /// Everything before the submission: the checks, the stamp, and the broker's leave to send.
    async fn admit(
        &self,
        destination: Result<Address>,
        message: Message,
        options: Option<SendOptions>,
    ) -> Result<Arc<Envelope>> {
        self.usable()?;
        let name = |error: Error| {
            error
                .with_operation("send")
                .with_provider(self.session().connection.provider)
        };
        let envelope = self
            .prepare(destination.map_err(name)?, message, options)
            .map_err(name)?;
        let ready = self.session().driver.ready();
        let limit = self.session().connection.request_timeout;
        // Nothing was submitted yet, so whatever went wrong here may be tried again.
        let admitted = within(limit, ready).await;
        admitted.map_err(|error| name(error).with_retry(crate::Retry::Safe))?;
        Ok(envelope)
    }

    fn failed(&self, error: Error, envelope: &Envelope) -> Error {
        let error = error
            .with_operation("send")
            .with_provider(self.session().connection.provider)
            .with_resource(&envelope.headers.destination);
        match &envelope.headers.message_id {
            Some(id) => error.with_message_id(id.clone()),
            None => error,
        }
    }

    async fn transmit_async(
        &self,
        destination: Result<Address>,
        message: Message,
        options: Option<SendOptions>,
        listener: Arc<dyn CompletionListener>,
    ) -> Result<()> {
        self.session().connection.require(Capability::AsyncSend)?;
        let envelope = self.admit(destination, message, options).await?;
        self.usable()?;
        self.core.outstanding.fetch_add(1, Ordering::AcqRel);
        let completion = Completion {
            envelope,
            listener,
            producer: Arc::clone(&self.core),
        };
        self.session().submit_async(completion);
        Ok(())
    }
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
        Ok(self.core.options.lock().clone())
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
        Ok(())
    }

    async fn send(&self, message: Message) -> Result<SendReceipt> {
        self.transmit(self.own_destination(), message, None).await
    }

    async fn send_with(&self, message: Message, options: SendOptions) -> Result<SendReceipt> {
        self.transmit(self.own_destination(), message, Some(options)).await
    }

    async fn send_to(&self, destination: &dyn Destination, message: Message) -> Result<SendReceipt> {
        self.transmit(self.given_destination(destination), message, None).await
    }

    async fn send_to_with(
        &self,
        destination: &dyn Destination,
        message: Message,
        options: SendOptions,
    ) -> Result<SendReceipt> {
        let destination = self.given_destination(destination);
        self.transmit(destination, message, Some(options)).await
    }

    async fn send_async(
        &self,
        message: Message,
        options: Option<SendOptions>,
        listener: Arc<dyn CompletionListener>,
    ) -> Result<()> {
        let destination = self.own_destination();
        self.transmit_async(destination, message, options, listener).await
    }

    async fn send_async_to(
        &self,
        destination: &dyn Destination,
        message: Message,
        options: Option<SendOptions>,
        listener: Arc<dyn CompletionListener>,
    ) -> Result<()> {
        let destination = self.given_destination(destination);
        self.transmit_async(destination, message, options, listener).await
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
        self.core.wait_settled().await;
        Ok(())
    }
}
