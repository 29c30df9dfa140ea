use std::{fmt, num::NonZeroU32, sync::Arc};

use async_trait::async_trait;
use tokio::time::Instant;

use super::SessionCore;
use crate::{
    AckMode, Address, Browser, Capability, Consumer, ConsumerOptions, Destination, DestinationKind, Error, ErrorKind,
    Producer, Result, Retry, Session, TemporaryQueue, TemporaryTopic,
    kernel::{
        browser::{BrowserCore, BrowserHandle},
        connection::ConnectionHandle,
        consumer::{ConsumerCore, ConsumerHandle},
        detach::bounded,
        gate::selector_of,
        producer::ProducerHandle,
        scope,
        temporary::Owner,
    },
    spi::{BrowseSpec, SubscribeSpec, SubscriptionId, SubscriptionKind},
};

/// What the application holds. The last one to go, children included, abandons the session.
#[derive(Clone, Debug)]
pub(crate) struct SessionHandle(Arc<Held>);

#[derive(Debug)]
struct Held {
    core: Arc<SessionCore>,
    /// Children keep their parents.
    connection: ConnectionHandle,
}

impl Drop for Held {
    fn drop(&mut self) {
        self.core.abandon();
        self.connection.core().forget(self.core.id);
    }
}

impl SessionHandle {
    pub(crate) fn new(core: Arc<SessionCore>, connection: ConnectionHandle) -> Self {
        Self(Arc::new(Held { core, connection }))
    }

    pub(crate) fn core(&self) -> &Arc<SessionCore> {
        &self.0.core
    }

    fn name(&self, operation: &'static str, resource: &impl fmt::Display) -> impl Fn(Error) -> Error {
        let provider = self.core().connection.provider;
        let resource = resource.to_string();
        move |error| {
            error
                .with_provider(provider)
                .with_operation(operation)
                .with_resource(&resource)
        }
    }

    async fn consume(
        &self,
        destination: &dyn Destination,
        kind: SubscriptionKind,
        options: ConsumerOptions,
    ) -> Result<Arc<dyn Consumer>> {
        let destination = destination.address();
        let core = self.core();
        core.usable()?;
        let name = self.name("create consumer", destination);
        core.connection
            .check_consumer(destination, &kind, &options)
            .map_err(&name)?;
        let selector = selector_of(&options).map(str::to_owned);
        let prefetch = options.prefetch.map_or(core.connection.prefetch, NonZeroU32::get);
        let mut spec = SubscribeSpec::new(SubscriptionId(0), destination.clone(), prefetch);
        spec.kind = kind;
        spec.client_id.clone_from(&core.connection.client_id);
        spec.no_local = options.no_local;
        spec.selector = selector;
        let consumer = ConsumerCore::subscribe(core, spec).await.map_err(name)?;
        Ok(Arc::new(ConsumerHandle::new(consumer, self.clone())))
    }

    async fn temporary(&self, kind: DestinationKind) -> Result<(Address, Arc<Owner>)> {
        let core = self.core();
        core.usable()?;
        let created = core.connection.create_temporary(kind).await;
        let address = created.map_err(self.name("create temporary destination", &kind.scheme()))?;
        Ok((address, Arc::new(Owner(Arc::downgrade(&core.connection)))))
    }
}

#[async_trait]
impl Session for SessionHandle {
    fn ack_mode(&self) -> Result<AckMode> {
        self.core().open()?;
        Ok(self.core().mode)
    }

    async fn create_producer(&self, destination: &dyn Destination) -> Result<Arc<dyn Producer>> {
        let destination = destination.address();
        self.core().usable()?;
        let checked = self.core().connection.check_destination(destination);
        checked.map_err(self.name("create producer", destination))?;
        Ok(Arc::new(ProducerHandle::new(self.clone(), Some(destination.kept()))))
    }

    async fn create_anonymous_producer(&self) -> Result<Arc<dyn Producer>> {
        self.core().usable()?;
        Ok(Arc::new(ProducerHandle::new(self.clone(), None)))
    }

    async fn create_consumer(&self, destination: &dyn Destination) -> Result<Arc<dyn Consumer>> {
        self.consume(destination, SubscriptionKind::Plain, ConsumerOptions::new())
            .await
    }

    async fn create_consumer_with(
        &self,
        destination: &dyn Destination,
        options: ConsumerOptions,
    ) -> Result<Arc<dyn Consumer>> {
        self.consume(destination, SubscriptionKind::Plain, options).await
    }

    async fn create_durable_consumer(
        &self,
        topic: &dyn Destination,
        name: &str,
        options: ConsumerOptions,
    ) -> Result<Arc<dyn Consumer>> {
        let name = name.to_owned();
        self.consume(topic, SubscriptionKind::Durable { name }, options).await
    }

    async fn create_shared_consumer(
        &self,
        topic: &dyn Destination,
        name: &str,
        options: ConsumerOptions,
    ) -> Result<Arc<dyn Consumer>> {
        let name = name.to_owned();
        self.consume(topic, SubscriptionKind::Shared { name }, options).await
    }

    async fn create_shared_durable_consumer(
        &self,
        topic: &dyn Destination,
        name: &str,
        options: ConsumerOptions,
    ) -> Result<Arc<dyn Consumer>> {
        let name = name.to_owned();
        self.consume(topic, SubscriptionKind::SharedDurable { name }, options)
            .await
    }

    async fn unsubscribe(&self, name: &str) -> Result<()> {
        let core = self.core();
        core.usable()?;
        let tag = self.name("unsubscribe", &name);
        let connection = &core.connection;
        let durable = connection.require(Capability::DurableSubscriptions);
        durable
            .or_else(|refusal| {
                connection
                    .require(Capability::SharedDurableSubscriptions)
                    .map_err(|_| refusal)
            })
            .map_err(&tag)?;
        let client_id = connection.client_id.as_deref();
        let unsubscribing = connection.driver.unsubscribe(client_id, name);
        let limit = connection.request_timeout;
        bounded(limit, Retry::MayDuplicate, unsubscribing).await.map_err(tag)
    }

    async fn create_browser(&self, queue: &dyn Destination, selector: Option<&str>) -> Result<Arc<dyn Browser>> {
        let queue = queue.address();
        let selector = selector.filter(|text| !text.is_empty());
        let core = self.core();
        core.usable()?;
        let name = self.name("create browser", queue);
        core.connection.check_browser(queue, selector).map_err(&name)?;
        let mut spec = BrowseSpec::new(queue.clone());
        spec.selector = selector.map(str::to_owned);
        let browser = BrowserCore::open(core, spec).await.map_err(name)?;
        Ok(Arc::new(BrowserHandle::new(browser, self.clone())))
    }

    async fn create_temporary_queue(&self) -> Result<TemporaryQueue> {
        let (address, owner) = self.temporary(DestinationKind::TemporaryQueue).await?;
        Ok(TemporaryQueue::new(address, owner))
    }

    async fn create_temporary_topic(&self) -> Result<TemporaryTopic> {
        let (address, owner) = self.temporary(DestinationKind::TemporaryTopic).await?;
        Ok(TemporaryTopic::new(address, owner))
    }

    async fn commit(&self) -> Result<()> {
        self.core().commit().await
    }

    async fn rollback(&self) -> Result<()> {
        self.core().rollback().await
    }

    async fn recover(&self) -> Result<()> {
        let core = self.core();
        core.usable()?;
        if core.mode == AckMode::Transacted {
            return Err(
                Error::new(ErrorKind::IllegalState, "a transacted session is rolled back instead")
                    .with_operation("recover"),
            );
        }
        core.connection.require(Capability::Recover)?;
        core.settle_unreturned(core.deliveries.recover());
        Ok(())
    }

    async fn close(&self) -> Result<()> {
        let core = self.core();
        if scope::inside_session(core.id) {
            return Err(Error::new(
                ErrorKind::IllegalState,
                "a listener cannot close its own session",
            ));
        }
        let end = Instant::now() + core.connection.close_timeout();
        core.begin_close();
        core.close_by(end).await;
        Ok(())
    }
}
