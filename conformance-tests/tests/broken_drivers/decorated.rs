//! The in-VM driver with a fault: every call goes on to it, those that a fault can concern by way of the fault.

use std::{
    fmt,
    sync::{
        Arc,
        atomic::{AtomicU64, Ordering},
    },
    time::Duration,
};

use anymq_api::{
    Address, Capabilities, Capability, Envelope, Error, Limits, Result, Support,
    spi::{
        BrowseSpec, ConnectSpec, Delivery, DeliverySink, DeliveryToken, Done, Driver, DriverBrowser, DriverConnection,
        DriverSession, DriverSubscription, EventSink, ReleaseScope, SessionSpec, Settlement, SubscribeSpec,
        SubscriptionDescriptor, Unsettled,
    },
};
use anymq_in_vm::{InVmBroker, InVmDriver};
use async_trait::async_trait;

use crate::fault::Fault;

#[derive(Debug)]
pub(crate) struct FaultyDriver {
    inner: InVmDriver,
    fault: Arc<dyn Fault>,
    extent: Extent,
}

/// What a faulty driver declares, its fault aside.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Extent {
    /// Queues, topics, acknowledgement and transactions: what nearly every id stands on. A fault in these would fail the
    /// ids of everything that is built on them, too, and show nothing by it.
    Basic,
    /// Everything that the in-VM broker can.
    Whole,
}

impl Extent {
    fn of(self, declared: Capabilities) -> Capabilities {
        match self {
            Self::Whole => declared,
            Self::Basic => declared.with_all(BUILT_ON_TOP, Support::Unsupported),
        }
    }
}

const BUILT_ON_TOP: &[Capability] = &[
    Capability::QueueSelectors,
    Capability::TopicSelectors,
    Capability::DurableSubscriptions,
    Capability::SharedSubscriptions,
    Capability::SharedDurableSubscriptions,
    Capability::DurableGuard,
    Capability::SharedRedistribution,
    Capability::NoLocal,
    Capability::DeliveryDelay,
    Capability::Browser,
    Capability::Priority,
    Capability::Ttl,
    Capability::MessageGroups,
    Capability::DeadLetters,
];

impl FaultyDriver {
    /// With a broker of its own.
    pub(crate) fn new(fault: Arc<dyn Fault>, extent: Extent) -> Self {
        Self::at(InVmBroker::new().driver(), fault, extent)
    }

    pub(crate) fn at(inner: InVmDriver, fault: Arc<dyn Fault>, extent: Extent) -> Self {
        Self { inner, fault, extent }
    }
}

#[async_trait]
impl Driver for FaultyDriver {
    fn name(&self) -> &'static str {
        self.inner.name()
    }

    fn version(&self) -> &'static str {
        self.inner.version()
    }

    async fn connect(&self, mut spec: ConnectSpec, events: Arc<dyn EventSink>) -> Result<Arc<dyn DriverConnection>> {
        spec.client_id = self.fault.connects_as(spec.client_id);
        let inner = self.inner.connect(spec, events).await?;
        Ok(Arc::new(Connection {
            inner,
            fault: Arc::clone(&self.fault),
            extent: self.extent,
        }))
    }
}

#[derive(Debug)]
struct Connection {
    inner: Arc<dyn DriverConnection>,
    fault: Arc<dyn Fault>,
    extent: Extent,
}

#[async_trait]
impl DriverConnection for Connection {
    fn broker(&self) -> Option<String> {
        self.inner.broker()
    }

    fn capabilities(&self) -> Capabilities {
        self.fault.capabilities(self.extent.of(self.inner.capabilities()))
    }

    fn capabilities_of(&self, destination: &Address) -> Capabilities {
        let declared = self.inner.capabilities_of(destination);
        self.fault.capabilities(self.extent.of(declared))
    }

    fn limits(&self) -> Limits {
        self.inner.limits()
    }

    fn release_scope(&self) -> ReleaseScope {
        self.inner.release_scope()
    }

    fn check_destination(&self, destination: &Address) -> Result<()> {
        self.inner.check_destination(destination)
    }

    async fn open_session(&self, spec: SessionSpec) -> Result<Arc<dyn DriverSession>> {
        static NEXT: AtomicU64 = AtomicU64::new(1);
        Ok(Arc::new(Session {
            id: NEXT.fetch_add(1, Ordering::Relaxed),
            transacted: spec.transacted,
            sends: AtomicU64::new(0),
            subscriptions: AtomicU64::new(0),
            inner: self.inner.open_session(spec).await?,
            fault: Arc::clone(&self.fault),
        }))
    }

    async fn create_temporary(&self, destination: &Address) -> Result<()> {
        self.inner.create_temporary(destination).await
    }

    async fn delete_temporary(&self, destination: &Address) -> Result<()> {
        self.inner.delete_temporary(destination).await
    }

    async fn browse(&self, spec: BrowseSpec) -> Result<Box<dyn DriverBrowser>> {
        self.inner.browse(spec).await
    }

    async fn unsubscribe(&self, client_id: Option<&str>, name: &str) -> Result<()> {
        self.inner.unsubscribe(client_id, name).await
    }

    async fn load_descriptor(&self, key: &str) -> Result<Option<SubscriptionDescriptor>> {
        self.inner.load_descriptor(key).await
    }

    async fn store_descriptor(&self, descriptor: &SubscriptionDescriptor) -> Result<()> {
        self.inner.store_descriptor(descriptor).await
    }

    async fn delete_descriptor(&self, key: &str) -> Result<()> {
        self.inner.delete_descriptor(key).await
    }

    async fn close(&self, deadline: Duration) -> Result<()> {
        if !self.fault.closes_late() {
            return self.inner.close(deadline).await;
        }
        let inner = Arc::clone(&self.inner);
        later(async move { drop(inner.close(deadline).await) });
        Ok(())
    }

    fn abandon(&self) {
        // After an orderly close there is nothing left to do, also where it only pretended.
        if !self.fault.closes_late() {
            self.inner.abandon();
        }
    }
}

/// Does something when the caller has long gone on.
pub(crate) fn later(work: impl Future<Output = ()> + Send + 'static) {
    tokio::spawn(async {
        tokio::time::sleep(Duration::from_millis(30)).await;
        work.await;
    });
}

#[derive(Debug)]
pub(crate) struct Session {
    pub(crate) inner: Arc<dyn DriverSession>,
    pub(crate) id: u64,
    pub(crate) transacted: bool,
    /// How many sends were submitted.
    pub(crate) sends: AtomicU64,
    /// How many subscriptions were asked for.
    pub(crate) subscriptions: AtomicU64,
    fault: Arc<dyn Fault>,
}

#[async_trait]
impl DriverSession for Session {
    fn ready(&self) -> Done<()> {
        self.inner.ready()
    }

    fn send(&self, envelope: Envelope) -> Done<()> {
        self.sends.fetch_add(1, Ordering::Relaxed);
        self.fault.send(self, translated(&*self.fault, envelope))
    }

    fn send_batch(&self, envelopes: Vec<Envelope>) -> Done<()> {
        let all: Vec<_> = envelopes.into_iter().map(|envelope| self.send(envelope)).collect();
        Done::pending(async {
            let mut outcome = Ok(());
            for done in all {
                outcome = outcome.and(done.await);
            }
            outcome
        })
    }

    async fn subscribe(
        &self,
        mut spec: SubscribeSpec,
        sink: Arc<dyn DeliverySink>,
    ) -> Result<Arc<dyn DriverSubscription>> {
        self.subscriptions.fetch_add(1, Ordering::Relaxed);
        spec.destination = self.fault.translate(&spec.destination);
        let destination = spec.destination.clone();
        let sink = Arc::new(Sink {
            inner: sink,
            session: self.id,
            destination: destination.clone(),
            prefetch: spec.prefetch,
            pushes: AtomicU64::new(0),
            fault: Arc::clone(&self.fault),
        });
        let inner = self.fault.subscribe(self, spec, Arc::clone(&sink) as _).await?;
        Ok(Arc::new(Subscription {
            inner,
            sink,
            destination,
            fault: Arc::clone(&self.fault),
        }))
    }

    fn settle(&self, settlements: &[Settlement]) -> Done<()> {
        self.fault.settle(self, settlements)
    }

    fn commit(&self, acknowledged: &[DeliveryToken]) -> Done<()> {
        self.fault.commit(self, acknowledged)
    }

    fn rollback(&self) -> Done<()> {
        self.fault.rollback(self)
    }

    fn flush(&self) -> Done<()> {
        self.inner.flush()
    }

    async fn close(&self, deadline: Duration) -> Result<()> {
        self.inner.close(deadline).await
    }

    fn abandon(&self) {
        self.inner.abandon();
    }
}

fn translated(fault: &dyn Fault, envelope: Envelope) -> Envelope {
    let address = fault.translate(&envelope.headers().destination);
    if address == envelope.headers().destination {
        return envelope;
    }
    envelope.with_headers(|headers| headers.destination = address)
}

#[derive(Debug)]
pub(crate) struct Subscription {
    pub(crate) inner: Arc<dyn DriverSubscription>,
    pub(crate) sink: Arc<Sink>,
    pub(crate) destination: Address,
    fault: Arc<dyn Fault>,
}

impl DriverSubscription for Subscription {
    fn grant_credit(&self, credit: u32) {
        self.fault.grant_credit(self, credit);
    }

    fn stop_delivery(&self) -> Done<()> {
        self.inner.stop_delivery()
    }

    fn close(&self) -> Done<()> {
        self.fault.close_subscription(self)
    }

    fn abandon(&self) {
        self.fault.abandon_subscription(self);
    }
}

pub(crate) struct Sink {
    pub(crate) inner: Arc<dyn DeliverySink>,
    /// The session's id.
    pub(crate) session: u64,
    pub(crate) destination: Address,
    pub(crate) prefetch: u32,
    /// How many deliveries came from the broker.
    pub(crate) pushes: AtomicU64,
    fault: Arc<dyn Fault>,
}

impl DeliverySink for Sink {
    fn push(&self, delivery: Delivery) {
        self.pushes.fetch_add(1, Ordering::Relaxed);
        self.fault.push(self, delivery);
    }

    fn ended(&self, error: Error, unsettled: Unsettled) {
        self.inner.ended(error, unsettled);
    }
}

impl fmt::Debug for Sink {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Sink")
            .field("session", &self.session)
            .field("destination", &self.destination)
            .finish_non_exhaustive()
    }
}
