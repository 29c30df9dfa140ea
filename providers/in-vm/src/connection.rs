use std::{sync::Arc, time::Duration};

use anymq_api::{
    Address, Capabilities, Envelope, Limits, Result,
    spi::{
        BrowseSpec, DriverBrowser, DriverConnection, DriverSession, ReleaseScope, SessionSpec, SubscriptionDescriptor,
    },
};
use async_trait::async_trait;

use crate::{
    broker::{Access, Client, Ended, Scan},
    capability::CAPABILITIES,
    error,
    session::InVmSession,
};

/// A connection; all it does is done by the broker's [`Client`]. Nothing here ever waits.
#[derive(Debug)]
pub(crate) struct InVmConnection {
    client: Arc<Client>,
}

impl InVmConnection {
    pub(crate) fn new(client: Arc<Client>) -> Self {
        Self { client }
    }
}

#[async_trait]
impl DriverConnection for InVmConnection {
    fn broker(&self) -> Option<String> {
        Some(concat!("anymq in-VM ", env!("CARGO_PKG_VERSION")).to_owned())
    }

    fn capabilities(&self) -> Capabilities {
        CAPABILITIES
    }

    fn capabilities_of(&self, _destination: &Address) -> Capabilities {
        CAPABILITIES
    }

    fn limits(&self) -> Limits {
        self.client.broker().limits()
    }

    fn release_scope(&self) -> ReleaseScope {
        ReleaseScope::Message
    }

    fn check_destination(&self, destination: &Address) -> Result<()> {
        match destination.options().next() {
            Some((option, _)) => Err(error::unknown_option(destination, option)),
            None => Ok(()),
        }
    }

    async fn open_session(&self, spec: SessionSpec) -> Result<Arc<dyn DriverSession>> {
        let channel = Client::open_channel(&self.client, spec.transacted)?;
        Ok(Arc::new(InVmSession::new(channel)))
    }

    async fn create_temporary(&self, destination: &Address) -> Result<()> {
        self.client.create_temporary(destination)
    }

    async fn delete_temporary(&self, destination: &Address) -> Result<()> {
        self.client.delete_temporary(destination)
    }

    async fn browse(&self, spec: BrowseSpec) -> Result<Box<dyn DriverBrowser>> {
        self.client.check_access(&spec.destination, Access::Read)?;
        let scan = self.client.broker().browse(&spec)?;
        Ok(Box::new(InVmBrowser(scan)))
    }

    async fn unsubscribe(&self, client_id: Option<&str>, name: &str) -> Result<()> {
        self.client.broker().unsubscribe(client_id, name)
    }

    /// Nothing is stored for a client: the broker itself knows its subscriptions.
    async fn load_descriptor(&self, _key: &str) -> Result<Option<SubscriptionDescriptor>> {
        Ok(None)
    }

    async fn store_descriptor(&self, _descriptor: &SubscriptionDescriptor) -> Result<()> {
        Ok(())
    }

    async fn delete_descriptor(&self, _key: &str) -> Result<()> {
        Ok(())
    }

    async fn close(&self, _deadline: Duration) -> Result<()> {
        self.client.end(Ended::Closed);
        Ok(())
    }

    fn abandon(&self) {
        self.client.end(Ended::Closed);
    }
}

impl Drop for InVmConnection {
    fn drop(&mut self) {
        self.abandon();
    }
}

/// A scan of a queue; none when there is no such queue.
struct InVmBrowser(Option<Scan>);

#[async_trait]
impl DriverBrowser for InVmBrowser {
    async fn next(&mut self) -> Result<Option<Envelope>> {
        Ok(self.0.as_mut().and_then(Scan::next))
    }
}
