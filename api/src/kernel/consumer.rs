use std::{
    fmt,
    ops::ControlFlow,
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
    },
    time::Duration,
};

use super::{
    arrivals::Arrivals,
    close_once::CloseOnce,
    deliveries::{Running, Taken},
    detach::{bounded, within},
    dispatch::Panic,
    filter::Filter,
    pace::Pace,
    receiving::{Receiving, Waiting},
    scope,
    session::{SessionCore, SessionHandle},
    sink::ConsumerSink,
};
use crate::{
    Address, Consumer, Error, MessageListener, Received, Result, Retry,
    spi::{DriverSubscription, SubscribeSpec, SubscriptionId},
};
use async_trait::async_trait;
use tokio::time::Instant;

pub(crate) struct ConsumerCore {
    session: Arc<SessionCore>,
    id: SubscriptionId,
    destination: Address,
    selector: Option<String>,
    subscription: Arc<dyn DriverSubscription>,
    arrivals: Arc<Arrivals>,
    closed: AtomicBool,
    pub(super) pace: Pace,
    /// Its own listener closes it: that listener is not waited for.
    from_inside: AtomicBool,
    closing: CloseOnce<()>,
}

/// Forgets a consumer whose creation did not finish.
struct Registration<'a> {
    session: &'a SessionCore,
    id: SubscriptionId,
    complete: bool,
}

impl Drop for Registration<'_> {
    fn drop(&mut self) {
        if !self.complete {
            self.session.deliveries.remove_consumer(self.id);
            self.session.forget_consumer(self.id.0);
        }
    }
}

impl ConsumerCore {
    pub(crate) async fn subscribe(session: &Arc<SessionCore>, mut spec: SubscribeSpec) -> Result<Arc<Self>> {
        let declared = session.connection.driver.capabilities_of(&spec.destination);
        let filter = Filter::emulated(&declared, &spec)?;
        let (id, arrivals) = session.deliveries.register(spec.prefetch, filter);
        let mut registration = Registration {
            session,
            id,
            complete: false,
        };
        spec.id = id;
        let destination = spec.destination.clone();
        let selector = spec.selector.clone();
        session.note_consumer(id.0, &destination);
        let sink = ConsumerSink {
            deliveries: Arc::clone(&session.deliveries),
            arrivals: Arc::clone(&arrivals),
            consumer: id,
            events: Arc::clone(&session.connection.events),
            destination: destination.clone(),
        };
        let subscribing = session.driver.subscribe(spec, Arc::new(sink));
        let subscription = bounded(session.connection.request_timeout, Retry::Safe, subscribing).await?;
        registration.complete = true;
        let core = Arc::new(Self {
            session: Arc::clone(session),
            id,
            destination,
            selector,
            subscription: Arc::clone(&subscription),
            arrivals,
            closed: AtomicBool::new(false),
            pace: Pace::default(),
            from_inside: AtomicBool::new(false),
            closing: CloseOnce::default(),
        });
        if let Some(grant) = session.deliveries.attach(id, subscription) {
            grant.apply();
        }
        if let Err(error) = session.open() {
            // The session was closed meanwhile and did not know of this subscription.
            core.subscription.abandon();
            return Err(error);
        }
        Ok(core)
    }

    fn open(&self) -> Result<()> {
        self.session.open()?;
        if self.closed.load(Ordering::Acquire) {
            return Err(Error::closed("consumer"));
        }
        Ok(())
    }

    /// What a receive gives, or that it has to wait, perhaps until a certain instant. In the shape of the final outcome,
    /// which is then handed up as it is.
    fn take(&self, waits: bool) -> ControlFlow<Result<Option<Received>>, Option<Instant>> {
        ControlFlow::Break(match self.session.deliveries.take(self.id, waits) {
            Ok(Taken::Message(hand_over)) => Ok(Some(self.session.receive(hand_over))),
            Ok(Taken::Nothing(follow_up, until)) => {
                self.session.follow_up(follow_up);
                return ControlFlow::Continue(until);
            }
            Ok(Taken::Closed) => Ok(None),
            Err(error) => Err(error),
        })
    }

    /// The usual receive.
    #[inline]
    fn take_at_once(&self) -> Option<Received> {
        let (envelope, info, grant) = self.session.deliveries.take_at_once(self.id)?;
        if let Some(grant) = grant {
            grant.apply();
        }
        Some(Received::of_numbered(envelope, info, &self.session.number))
    }

    /// What a receive gives without waiting.
    #[inline]
    pub(super) fn receive_now(&self) -> ControlFlow<Result<Option<Received>>> {
        if let Err(error) = self.open() {
            return ControlFlow::Break(Err(error));
        }
        if let Some(received) = self.take_at_once() {
            return ControlFlow::Break(Ok(Some(received)));
        }
        self.take(false).map_continue(|_| ())
    }

    /// What a receive gives that has to wait.
    pub(super) fn wait(&self) -> Waiting<'_> {
        Box::pin(self.wait_for_message())
    }

    async fn wait_for_message(&self) -> Result<Option<Received>> {
        loop {
            // Listening before looking, so that no arrival falls between the two.
            let mut arrival = std::pin::pin!(self.arrivals.arrival().notified());
            arrival.as_mut().enable();
            match self.take(true) {
                ControlFlow::Continue(None) => arrival.await,
                // Either wakes it, and then it looks again.
                ControlFlow::Continue(Some(until)) => _ = tokio::time::timeout_at(until, arrival).await,
                // Closed while it waited.
                ControlFlow::Break(Err(_)) if self.open().is_err() => return Ok(None),
                ControlFlow::Break(outcome) => return outcome,
            }
        }
    }

    /// Waits for the running listener, unless that is what closes it.
    async fn listener_returned(&self) {
        let busy = |running: Running| running.consumer == self.id && !self.from_inside.load(Ordering::Acquire);
        self.session.over.or(self.session.deliveries.wait_idle(busy)).await;
    }

    async fn close(self: Arc<Self>) -> Result<()> {
        let deliveries = &self.session.deliveries;
        self.listener_returned().await;
        let Some(subscription) = deliveries.begin_close_consumer(self.id) else {
            return Ok(());
        };
        let ended = within(self.session.connection.request_timeout, subscription.close()).await;
        let settlements = deliveries.remove_consumer(self.id);
        self.session.settle_unattended(&settlements);
        self.session.forget_consumer(self.id.0);
        match ended {
            // A consumer of a lost link has nothing left to close.
            Err(_) if self.session.connection.failure().is_some() => Ok(()),
            ended => ended.map_err(|error| error.with_operation("close consumer").with_resource(&self.destination)),
        }
    }

    fn abandon(&self) {
        if !self.closed.swap(true, Ordering::AcqRel) {
            self.end();
        }
    }

    /// Ends it at once.
    fn end(&self) {
        self.session.deliveries.begin_close_consumer(self.id);
        self.subscription.abandon();
        let settlements = self.session.deliveries.remove_consumer(self.id);
        self.session.settle_unattended(&settlements);
        self.session.forget_consumer(self.id.0);
    }
}

/// What the application holds. The last one to go closes the consumer.
pub(crate) struct ConsumerHandle {
    core: Arc<ConsumerCore>,
    /// Children keep their parents.
    session: SessionHandle,
}

impl ConsumerHandle {
    pub(crate) fn new(core: Arc<ConsumerCore>, session: SessionHandle) -> Self {
        Self { core, session }
    }

    fn inside(&self) -> bool {
        scope::inside_consumer(self.session.core().id, self.core.id.0)
    }
}

impl Drop for ConsumerHandle {
    fn drop(&mut self) {
        self.core.abandon();
    }
}

impl fmt::Debug for ConsumerHandle {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Consumer")
            .field("destination", &self.core.destination)
            .field("selector", &self.core.selector)
            .finish_non_exhaustive()
    }
}

#[async_trait]
impl Consumer for ConsumerHandle {
    fn destination(&self) -> Result<Address> {
        self.core.open()?;
        Ok(self.core.destination.clone())
    }

    fn selector(&self) -> Result<Option<String>> {
        self.core.open()?;
        Ok(self.core.selector.clone())
    }

    // In the form that `async_trait` gives it.
    fn receive<'a, 'b>(&'a self) -> Waiting<'b>
    where
        'a: 'b,
        Self: 'b,
    {
        Receiving::boxed(&self.core)
    }

    async fn receive_timeout(&self, timeout: Duration) -> Result<Option<Received>> {
        if let Some(received) = self.try_receive()? {
            return Ok(Some(received));
        }
        if timeout.is_zero() {
            return Ok(None);
        }
        match tokio::time::timeout(timeout, Receiving::new(&self.core)).await {
            Ok(outcome) => outcome,
            Err(_) => Ok(None),
        }
    }

    fn try_receive(&self) -> Result<Option<Received>> {
        self.core.open()?;
        match self.core.take(false) {
            ControlFlow::Break(outcome) => outcome,
            ControlFlow::Continue(_) => Ok(None),
        }
    }

    fn listener(&self) -> Result<Option<Arc<dyn MessageListener>>> {
        self.core.open()?;
        self.core.session.deliveries.listener(self.core.id)
    }

    async fn set_listener(&self, listener: Option<Arc<dyn MessageListener>>) -> Result<()> {
        self.core.open()?;
        let session = self.session.core();
        if listener.is_some() {
            session.ensure_dispatcher();
        }
        let replaced = session.deliveries.set_listener(self.core.id, listener)?;
        if replaced.is_some() && !self.inside() {
            let returned = session.deliveries.wait_idle(|running| Some(running) == replaced);
            session.over.or(returned).await;
        }
        Ok(())
    }

    async fn close(&self) -> Result<()> {
        let (core, inside) = (&self.core, self.inside());
        core.closed.store(true, Ordering::Release);
        core.session.deliveries.begin_close_consumer(core.id);
        if inside {
            core.from_inside.store(true, Ordering::Release);
            core.session.deliveries.look_again();
        }
        let panicked = Arc::clone(core);
        let give_up = move |panic: Panic| {
            panicked.end();
            Err(panic.into_error("close consumer"))
        };
        let outcome = core.closing.run(|| Arc::clone(core).close(), give_up).await;
        if !inside {
            // Its listener may have closed it before, and still run.
            let busy = |running: Running| running.consumer == core.id;
            core.session.over.or(core.session.deliveries.wait_idle(busy)).await;
        }
        outcome
    }
}
