use std::{sync::Arc, time::Duration};

use anymq_api::{
    Address, Capabilities, Capability, Error, Limits, Result, Support,
    spi::{
        BrowseSpec, DriverBrowser, DriverConnection, DriverSession, ReleaseScope, SessionSpec, SubscriptionDescriptor,
    },
};
use async_trait::async_trait;

use super::{broker::Broker, session::LoopSession};

#[derive(Debug)]
pub(super) struct LoopConnection {
    broker: Arc<Broker>,
    greeting: String,
}

impl LoopConnection {
    pub(super) fn new(broker: Arc<Broker>, greeting: String) -> Self {
        Self { broker, greeting }
    }
}

#[async_trait]
impl DriverConnection for LoopConnection {
    fn broker(&self) -> Option<String> {
        Some(self.greeting.clone())
    }

    fn capabilities(&self) -> Capabilities {
        Capabilities::none().with_all(
            &[
                Capability::Queues,
                Capability::ClientAck,
                Capability::Headers,
                Capability::Properties,
                Capability::TypedBodies,
            ],
            Support::Native,
        )
    }

    fn capabilities_of(&self, _destination: &Address) -> Capabilities {
        self.capabilities()
    }

    fn limits(&self) -> Limits {
        Limits::none()
    }

    fn release_scope(&self) -> ReleaseScope {
        ReleaseScope::Never
    }

    fn check_destination(&self, _destination: &Address) -> Result<()> {
        Ok(())
    }

    async fn open_session(&self, _spec: SessionSpec) -> Result<Arc<dyn DriverSession>> {
        Ok(Arc::new(LoopSession::new(Arc::clone(&self.broker))))
    }

    async fn create_temporary(&self, _destination: &Address) -> Result<()> {
        Err(Error::unsupported(Capability::TemporaryDestinations))
    }

    async fn delete_temporary(&self, _destination: &Address) -> Result<()> {
        Err(Error::unsupported(Capability::TemporaryDestinations))
    }

    async fn browse(&self, _spec: BrowseSpec) -> Result<Box<dyn DriverBrowser>> {
        Err(Error::unsupported(Capability::Browser))
    }

    async fn unsubscribe(&self, _client_id: Option<&str>, _name: &str) -> Result<()> {
        Err(Error::unsupported(Capability::DurableSubscriptions))
    }

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
        Ok(())
    }

    fn abandon(&self) {}
}
