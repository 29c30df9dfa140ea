use std::{fmt, sync::Arc, time::Duration};

use anymq_api::{
    Address, Capabilities, Capability, Error, Limits, Result,
    spi::{
        BrowseSpec, DriverBrowser, DriverConnection, DriverSession, ReleaseScope, SessionSpec, SubscriptionDescriptor,
    },
};
use async_trait::async_trait;

use crate::{browser::Scan, capability, link::Link, name, session::AmqpSession, subscription, topology::Topology};

/// A connection. What it lacks is refused by the kernel, before a call comes here.
pub(crate) struct AmqpConnection {
    link: Arc<Link>,
}

impl AmqpConnection {
    pub(crate) fn new(link: Arc<Link>) -> Self {
        Self { link }
    }
}

#[async_trait]
impl DriverConnection for AmqpConnection {
    fn broker(&self) -> Option<String> {
        self.link.broker()
    }

    fn capabilities(&self) -> Capabilities {
        capability::declared(self.link.queue_kind)
    }

    fn capabilities_of(&self, destination: &Address) -> Capabilities {
        capability::of(destination, self.link.queue_kind)
    }

    fn limits(&self) -> Limits {
        capability::limits()
    }

    fn release_scope(&self) -> ReleaseScope {
        ReleaseScope::Message
    }

    fn check_destination(&self, destination: &Address) -> Result<()> {
        name::check(destination)
    }

    async fn open_session(&self, spec: SessionSpec) -> Result<Arc<dyn DriverSession>> {
        let session = AmqpSession::open(Arc::clone(&self.link), spec.transacted).await?;
        Ok(Arc::new(session))
    }

    async fn create_temporary(&self, destination: &Address) -> Result<()> {
        Topology::create_temporary(&self.link, destination).await
    }

    async fn delete_temporary(&self, destination: &Address) -> Result<()> {
        Topology::delete_temporary(&self.link, destination).await
    }

    async fn browse(&self, spec: BrowseSpec) -> Result<Box<dyn DriverBrowser>> {
        Ok(Box::new(Scan::open(&self.link, spec).await?))
    }

    async fn unsubscribe(&self, client_id: Option<&str>, name: &str) -> Result<()> {
        subscription::unsubscribe(&self.link, client_id, name).await
    }

    // The queue's own arguments say what a subscription is, so nothing is stored beside it.

    async fn load_descriptor(&self, _key: &str) -> Result<Option<SubscriptionDescriptor>> {
        Err(Error::unsupported(Capability::DurableSubscriptions))
    }

    async fn store_descriptor(&self, _descriptor: &SubscriptionDescriptor) -> Result<()> {
        Err(Error::unsupported(Capability::DurableSubscriptions))
    }

    async fn delete_descriptor(&self, _key: &str) -> Result<()> {
        Err(Error::unsupported(Capability::DurableSubscriptions))
    }

    async fn close(&self, deadline: Duration) -> Result<()> {
        self.link.close(deadline).await
    }

    fn abandon(&self) {
        self.link.abandon();
    }
}

impl fmt::Debug for AmqpConnection {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("AmqpConnection")
            .field("link", &self.link)
            .finish_non_exhaustive()
    }
}

impl Drop for AmqpConnection {
    fn drop(&mut self) {
        self.link.abandon();
    }
}
