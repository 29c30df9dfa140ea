use std::{sync::Arc, time::Duration};

use anymq_api::{
    Address, Result,
    spi::{BrowseSpec, DriverBrowser, DriverConnection, DriverSession, SessionSpec, SubscriptionDescriptor},
};
use async_trait::async_trait;

use super::{Tap, session::TappedSession};
use crate::link::facts::facts_of_inner;

#[derive(Debug)]
pub(super) struct TappedConnection {
    inner: Arc<dyn DriverConnection>,
    tap: Arc<dyn Tap>,
}

impl TappedConnection {
    pub(super) fn new(inner: Arc<dyn DriverConnection>, tap: Arc<dyn Tap>) -> Self {
        Self { inner, tap }
    }
}

#[async_trait]
impl DriverConnection for TappedConnection {
    facts_of_inner!();

    async fn open_session(&self, spec: SessionSpec) -> Result<Arc<dyn DriverSession>> {
        let inner = self.inner.open_session(spec).await?;
        Ok(Arc::new(TappedSession::new(inner, Arc::clone(&self.tap))))
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
        self.inner.close(deadline).await
    }

    fn abandon(&self) {
        self.inner.abandon();
    }
}
