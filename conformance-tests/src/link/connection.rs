use std::{sync::Arc, time::Duration};

use anymq_api::{
    Address, Envelope, Result,
    spi::{BrowseSpec, DriverBrowser, DriverConnection, DriverSession, SessionSpec, SubscriptionDescriptor},
};
use async_trait::async_trait;

use super::{facts::facts_of_inner, session::CuttableSession, wire::Wire};

#[derive(Debug)]
pub(super) struct CuttableConnection {
    inner: Arc<dyn DriverConnection>,
    wire: Arc<Wire>,
}

impl CuttableConnection {
    pub(super) fn new(inner: Arc<dyn DriverConnection>, wire: Arc<Wire>) -> Self {
        Self { inner, wire }
    }
}

#[async_trait]
impl DriverConnection for CuttableConnection {
    facts_of_inner!();

    async fn open_session(&self, spec: SessionSpec) -> Result<Arc<dyn DriverSession>> {
        let inner = self.wire.ask(self.inner.open_session(spec)).await?;
        let wire = Arc::clone(&self.wire);
        Ok(Arc::new(CuttableSession::new(inner, wire, spec.transacted)))
    }

    async fn create_temporary(&self, destination: &Address) -> Result<()> {
        self.wire.ask(self.inner.create_temporary(destination)).await
    }

    async fn delete_temporary(&self, destination: &Address) -> Result<()> {
        self.wire.ask(self.inner.delete_temporary(destination)).await
    }

    async fn browse(&self, spec: BrowseSpec) -> Result<Box<dyn DriverBrowser>> {
        let inner = self.wire.ask(self.inner.browse(spec)).await?;
        let wire = Arc::clone(&self.wire);
        Ok(Box::new(CuttableBrowser { inner, wire }))
    }

    async fn unsubscribe(&self, client_id: Option<&str>, name: &str) -> Result<()> {
        self.wire.ask(self.inner.unsubscribe(client_id, name)).await
    }

    async fn load_descriptor(&self, key: &str) -> Result<Option<SubscriptionDescriptor>> {
        self.wire.ask(self.inner.load_descriptor(key)).await
    }

    async fn store_descriptor(&self, descriptor: &SubscriptionDescriptor) -> Result<()> {
        self.wire.ask(self.inner.store_descriptor(descriptor)).await
    }

    async fn delete_descriptor(&self, key: &str) -> Result<()> {
        self.wire.ask(self.inner.delete_descriptor(key)).await
    }

    async fn close(&self, deadline: Duration) -> Result<()> {
        // What is lost is closed.
        if self.wire.is_cut() {
            return Ok(());
        }
        self.wire.ask(self.inner.close(deadline)).await?;
        self.wire.close();
        Ok(())
    }

    fn abandon(&self) {
        self.wire.close();
        self.inner.abandon();
    }
}

struct CuttableBrowser {
    inner: Box<dyn DriverBrowser>,
    wire: Arc<Wire>,
}

#[async_trait]
impl DriverBrowser for CuttableBrowser {
    async fn next(&mut self) -> Result<Option<Envelope>> {
        self.wire.ask(self.inner.next()).await
    }
}
